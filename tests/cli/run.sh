#!/bin/sh
# run.sh - runs the command-line tests: a script and, beside it, what it must say.
#
#   NAME.sh    the script; run with sh in a fresh empty folder, nothing on its stdin
#   NAME.out   its stdout, to the byte; no file: none
#   NAME.err   its stderr, line by line, where * stands for anything; no file: none
#   NAME.exit  its exit code; no file: 0
#
# A script finds belay-avg on PATH and the test data in $data. In what it prints, the path of the
# data is written $data and the path of its folder $PWD. No temporary file of an output may be left
# behind anywhere in its folder. Exit 77 skips; the last line printed says why.
#
#   run.sh [--dir DIR] [-j N] [NAME...]    runs all or some, prints TAP, fails if one fails;
#                                          where none is named, those in $CLI_TESTS, if any
#   run.sh --bless NAME...                 writes what NAME prints now as what it must print;
#                                          lines of NAME.err with a * that still fit are kept
set -u

here=$(cd "$(dirname "$0")" && pwd)
self=$here/run.sh
top=$(cd "$here/../.." && pwd)

# Shared by the comparison and by --bless. Only * is special in a pattern.
glob='function glob(p, t,    part, n, i, at, last) {
	n = split(p, part, "[*]")
	if (n <= 1)
		return p == t
	if (substr(t, 1, length(part[1])) != part[1])
		return 0
	t = substr(t, length(part[1]) + 1)
	for (i = 2; i < n; i++) {
		at = index(t, part[i])
		if (part[i] != "" && !at)
			return 0
		if (part[i] != "")
			t = substr(t, at + length(part[i]))
	}
	last = part[n]
	return length(t) >= length(last) && substr(t, length(t) - length(last) + 1) == last
}
'

fail() {
	echo "run.sh: $*" >&2
	exit 2
}

# Replaces the literal text $2 by $3, and $4 by $5, in file $1.
hide_paths() {
	a=$2 b=$3 c=$4 d=$5 LC_ALL=C awk '
		function swap(line, from, to,    at, out) {
			while (at = index(line, from)) {
				out = out substr(line, 1, at - 1) to
				line = substr(line, at + length(from))
			}
			return out line
		}
		{ print swap(swap($0, ENVIRON["a"], ENVIRON["b"]), ENVIRON["c"], ENVIRON["d"]) }
	' "$1" >"$1.hidden" && if [ -s "$1" ] && [ -n "$(tail -c 1 "$1")" ]; then
		printf %s "$(cat "$1.hidden")" >"$1"
	else
		mv "$1.hidden" "$1"
	fi
	rm -f "$1.hidden"
}

# Says where the lines of file $2 do not fit the patterns of file $1.
compare_lines() {
	LC_ALL=C awk "$glob"'
		!second { want[++n] = $0; next }
		{ got[++m] = $0 }
		END {
			for (i = 1; i <= n || i <= m; i++) {
				if (i <= n && i <= m && glob(want[i], got[i]))
					continue
				if (i <= n)
					print "-" want[i]
				if (i <= m)
					print "+" got[i]
			}
		}
	' "$1" second=1 "$2"
}

# Runs script $1 in $2/work; leaves $2/out, $2/err and $2/exit.
run_script() {
	mkdir -p "$2/work" "$2/tmp" || return 1
	limit=
	command -v timeout >/dev/null && limit='timeout -k 5 120'
	(
		cd "$2/work" || exit 1
		unset NO_COLOR BELAY_CPU COLUMNS CDPATH TERM
		umask 022
		# shellcheck disable=SC2086 # limit is several words or none
		env data="$data" HOME="$2/work" TMPDIR="$2/tmp" LC_ALL=C.UTF-8 \
			$limit sh "$1" </dev/null >"$2/out" 2>"$2/err"
		echo $? >"$2/exit"
	)
	hide_paths "$2/out" "$data" "\$data" "$2/work" "\$PWD"
	hide_paths "$2/err" "$data" "\$data" "$2/work" "\$PWD"
}

# What is wrong with the run in $2 of the script with stem $1, in words.
judge() {
	want=0
	[ -f "$1.exit" ] && want=$(cat "$1.exit")
	[ "$(cat "$2/exit")" = "$want" ] || echo "exit code $(cat "$2/exit"), expected $want"
	for part in out err; do
		: >"$2/want.$part"
		[ -f "$1.$part" ] && cp "$1.$part" "$2/want.$part"
	done
	cmp -s "$2/want.out" "$2/out" || { echo "stdout:"; diff -u "$2/want.out" "$2/out"; }
	compare_lines "$2/want.err" "$2/err" >"$2/lines"
	[ -s "$2/lines" ] && { echo "stderr:"; cat "$2/lines"; }
	[ -s "$2/err" ] && [ -n "$(tail -c 1 "$2/err")" ] && echo "stderr: its last line has no end"
	(cd "$2" && find work tmp -name '.*.belay-tmp') | sed 's/^/left behind: /'
}

# One script, as TAP without its number, into file $2.
one() {
	name=$1 stem=$dir/$1
	box=$(mktemp -d "${TMPDIR:-/tmp}/belay-cli.XXXXXX") || exit 1
	box=$(cd "$box" && pwd -P)
	run_script "$stem.sh" "$box"
	judge "$stem" "$box" >"$box/verdict"
	if [ "$(cat "$box/exit")" = 77 ] && [ ! -f "$stem.exit" ]; then
		echo "ok - $name # SKIP $(cat "$box/out" "$box/err" | tail -n 1)"
	elif [ -s "$box/verdict" ]; then
		echo "not ok - $name"
		sed 's/^/# /' "$box/verdict"
		[ -s "$box/err" ] && ! grep -q '^stderr:' "$box/verdict" &&
			{ echo "# it also said:"; sed 's/^/#  /' "$box/err"; }
	else
		echo "ok - $name"
	fi >"$2"
	chmod -R u+w "$box"
	rm -rf "$box"
}

bless_one() {
	stem=$dir/$1
	box=$(mktemp -d "${TMPDIR:-/tmp}/belay-cli.XXXXXX") || exit 1
	box=$(cd "$box" && pwd -P)
	run_script "$stem.sh" "$box"
	if [ -f "$stem.err" ]; then
		LC_ALL=C awk "$glob"'
			!second { want[++n] = $0; next }
			{ i++; print i <= n && glob(want[i], $0) ? want[i] : $0 }
		' "$stem.err" second=1 "$box/err" >"$box/kept" && mv "$box/kept" "$box/err"
	fi
	for part in out err exit; do
		if [ -s "$box/$part" ] && [ "$part $(cat "$box/$part")" != "exit 0" ]; then
			cp "$box/$part" "$stem.$part"
		else
			rm -f "$stem.$part"
		fi
	done
	chmod -R u+w "$box"
	rm -rf "$box"
}

# Scripts by name, one a line; all of them where none is named.
names() {
	if [ $# -eq 0 ]; then
		for f in "$dir"/*.sh; do
			[ -f "$f" ] && [ "$f" != "$self" ] && basename "$f" .sh
		done
		return
	fi
	for n in "$@"; do
		n=$(basename "$n" .sh)
		[ -f "$dir/$n.sh" ] || fail "there is no $dir/$n.sh"
		echo "$n"
	done
}

# Expectations whose script is gone.
orphans() {
	for f in "$dir"/*.out "$dir"/*.err "$dir"/*.exit; do
		[ -f "$f" ] && [ ! -f "${f%.*}.sh" ] && basename "$f"
	done
}

run_all() {
	# shellcheck disable=SC2086 # words
	[ $# -gt 0 ] || set -- ${CLI_TESTS:-}
	list=$(names "$@") || exit 2
	[ -n "$list" ] || fail "there are no tests in $dir"
	results=$(mktemp -d "${TMPDIR:-/tmp}/belay-cli.XXXXXX") || exit 1
	trap 'rm -rf "$results"' EXIT
	trap 'exit 130' INT TERM HUP
	printf '%s\n' "$list" | xargs -n 1 -P "$jobs" sh "$self" --dir "$dir" --one "$results"
	n=0 bad=0
	for name in $list; do
		n=$((n + 1))
		[ -s "$results/$name" ] || echo "not ok - $name was not run" >"$results/$name"
		grep -q '^not ok' "$results/$name" && bad=$((bad + 1))
		sed -e "s/^ok -/ok $n -/" -e "s/^not ok -/not ok $n -/" "$results/$name"
	done
	[ $# -gt 0 ] || for f in $(orphans); do
		n=$((n + 1)) bad=$((bad + 1))
		echo "not ok $n - $f has no script"
	done
	echo "1..$n"
	[ $bad -eq 0 ]
}

dir=$here
data=$top/tests/data
mode=run
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
[ "${top_builddir:-}" ] || PATH=$top/build:$PATH
export PATH
while [ $# -gt 0 ]; do
	case $1 in
	--dir) dir=$(cd "$2" && pwd) && shift ;;
	--one) mode=one results=$2 && shift ;;
	--bless) mode=bless ;;
	-j) jobs=$2 && shift ;;
	-*) fail "unknown option $1" ;;
	*) break ;;
	esac
	shift
done
case $mode in
run) run_all "$@" ;;
one) one "$1" "$results/$1" ;;
bless)
	[ $# -gt 0 ] || fail "--bless needs the name of a test"
	names "$@" >/dev/null
	for n in "$@"; do
		bless_one "$(basename "$n" .sh)"
	done
	;;
esac
