#!/bin/sh
# cli_harness.sh - the harness of the command-line tests: what must fail is seen to fail.
set -u

top_srcdir=${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
run=$top_srcdir/tests/cli/run.sh
box=$(mktemp -d) || exit 99
trap 'rm -rf "$box"' EXIT
n=0

# make NAME: a script from stdin.
make_script() {
	cat >"$box/$1.sh"
}

# expect RESULT NAME WORDS: RESULT is "ok" or "not ok"; WORDS, where given, must be in the output.
expect() {
	n=$((n + 1))
	out=$(sh "$run" --dir "$box" "$2" 2>&1)
	code=$?
	case "$1 $code" in "ok 0" | "not ok 1") good=1 ;; *) good=0 ;; esac
	printf '%s\n' "$out" | grep -q "^$1 1 - $2" || good=0
	printf '%s\n' "$out" | grep -qF -- "${3:-$2}" || good=0
	if [ $good = 1 ]; then
		echo "ok $n - $2: $1"
	else
		echo "not ok $n - $2: expected $1 and \"${3:-$2}\""
		printf '%s\n' "exit $code" "$out" | sed 's/^/# /'
	fi
}

echo 1..16

echo 'true' | make_script silent
expect ok silent

echo 'echo hello' | make_script unexpected_stdout
expect 'not ok' unexpected_stdout '+hello'

echo 'printf hello' | make_script no_newline
echo hello >"$box/no_newline.out"
expect 'not ok' no_newline 'No newline'

echo 'echo hello >&2' | make_script unexpected_stderr
expect 'not ok' unexpected_stderr '+hello'

echo 'true' | make_script silent_stderr
echo 'belay-avg: *' >"$box/silent_stderr.err"
expect 'not ok' silent_stderr '-belay-avg: *'

echo 'echo "took 3.5 s [x]" >&2' | make_script glob
echo 'took * s [x]' >"$box/glob.err"
expect ok glob

echo 'echo "took 3.5 s [x]" >&2' | make_script glob_differs
echo 'took * ms [x]' >"$box/glob_differs.err"
expect 'not ok' glob_differs '+took 3.5 s [x]'

echo 'echo axb >&2' | make_script dot_is_a_dot
echo 'a.b' >"$box/dot_is_a_dot.err"
expect 'not ok' dot_is_a_dot '-a.b'

echo 'exit 3' | make_script exit_code
expect 'not ok' exit_code 'exit code 3, expected 0'
echo 3 >"$box/exit_code.exit"
expect ok exit_code

echo 'mkdir -p a && : >a/.out.h5.belay-tmp' | make_script leftover
expect 'not ok' leftover 'left behind: work/a/.out.h5.belay-tmp'

# shellcheck disable=SC2016 # the script's own variables
echo 'echo "$data/digits $PWD/x" && ls -A' | make_script paths
# shellcheck disable=SC2016
echo '$data/digits $PWD/x' >"$box/paths.out"
expect ok paths

echo 'echo "no such device"; exit 77' | make_script skips
expect ok skips '# SKIP no such device'

# --bless writes what must then hold, and keeps a pattern that fits.
echo 'echo out; echo "in 3 s" >&2; echo more >&2; exit 5' | make_script blessed
echo 'in * s' >"$box/blessed.err"
sh "$run" --dir "$box" --bless blessed
expect ok blessed
n=$((n + 1))
if [ "$(cat "$box/blessed.out" "$box/blessed.err" "$box/blessed.exit")" = "out
in * s
more
5" ]; then
	echo "ok $n - bless writes stdout, stderr and exit code"
else
	echo "not ok $n - bless writes stdout, stderr and exit code"
	head -n 9 "$box"/blessed.* | sed 's/^/# /'
fi

# All at once: every script has its line, and an expectation without a script is seen.
n=$((n + 1))
echo x >"$box/gone.out"
out=$(sh "$run" --dir "$box" 2>&1)
code=$?
scripts=$(find "$box" -name '*.sh' | wc -l)
lines=$(printf '%s\n' "$out" | grep -c -e '^ok ' -e '^not ok ')
if [ $code = 1 ] && [ "$lines" = $((scripts + 1)) ] &&
	printf '%s\n' "$out" | grep -q 'gone.out has no script' &&
	printf '%s\n' "$out" | grep -q "^1..$lines\$"; then
	echo "ok $n - a whole folder"
else
	echo "not ok $n - a whole folder: exit $code, $lines lines for $scripts scripts"
	printf '%s\n' "$out" | sed 's/^/# /'
fi
