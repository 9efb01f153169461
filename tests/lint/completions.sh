#!/bin/sh
# completions.sh - what bash, zsh and fish offer for the command lines of every program.
set -u
. "$(dirname "$0")/tap.sh"

# shellcheck disable=SC2154 # set by tap.sh
made=$top_builddir/completions
maker=$top_builddir/tests/unit/print_manual
[ -d "$made/bash" ] || skip_all "no completions are made for another machine"
[ -x "$maker" ] || skip_all "tests/unit/print_manual is not built"
here=$(cd "$(dirname "$0")" && pwd)
box=$(mktemp -d) || exit 99
trap 'rm -rf "$box"' EXIT
mkdir "$box/in" "$box/in/a folder"
touch "$box/in/ckpt_1.h5" "$box/in/other"
cd "$box/in" || exit 99

# ---- the matches of each shell for line $2 of program $1 ----

# The line as bash gives it to the function, which is called as readline would do; names of files
# are left to readline.
offers_bash() {
	bash --norc --noprofile -c '
		compopt() { asked+=" $2"; }
		. "$1"
		read -r -a COMP_WORDS <<<"${2//=/ = }"
		[[ $2 == *[\ =] ]] && COMP_WORDS+=("")
		[[ $2 == *= ]] && unset "COMP_WORDS[-1]"
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		"_${COMP_WORDS[0]//-/_}" "${COMP_WORDS[0]}"
		[[ $asked == *default* ]] && mapfile -t COMPREPLY < <(
			compgen -f -- "${COMP_WORDS[COMP_CWORD]#=}")
		((${#COMPREPLY[@]} == 0)) || printf "%s\n" "${COMPREPLY[@]}"
	' bash "$made/bash/$1" "$2"
}

offers_zsh() {
	: >"$box/hits"
	timeout 60 zsh -f "$here/completions.zsh" "$made/zsh" "$2" "$box/hits" </dev/null
	cat "$box/hits"
}

offers_fish() {
	HOME=$box fish --no-config -c '. $argv[1]; complete -C $argv[2]' "$made/fish/$1.fish" "$2"
}

# All alike: without descriptions, without what was typed of the word already, sorted. Options that
# take an argument end in an equals sign in bash.
offers() {
	"offers_$shell" "$1" "$2" |
		sed -e 's/	.*//' -e 's/^--[a-z0-9-]*=\(.\)/\1/' -e 's/=$//' -e 's|/$||' \
			-e 's/.*,//' -e 's/\\ / /g' | sort -u | tr '\n' ';' | sed 's/;$//'
}

# Line $1 of belay-avg is completed to $2.
completes() {
	got=$(offers belay-avg "belay-avg $1")
	rule "$shell: belay-avg $1" "$([ "$got" = "$2" ] || echo "$got, not $2")"
}

# The options of program $1 that its table has and this shell does not offer, and the reverse.
unlike_table() {
	"$maker" options "$1" | sed -n 's/^\.It .*Fl -\([a-z0-9-]*\).*/--\1/p' | sort >"$box/table"
	offers "$1" "$1 --" | tr ';' '\n' | sort | diff - "$box/table"
}

files='a folder;ckpt_1.h5;other'

all_lines() {
	completes '--ga' '--gain;--gamma'
	completes '--no-p' '--no-provenance'
	completes '--format ' 'hdf5;keras;safetensors;same'
	completes '--format=s' 'safetensors;same'
	completes '--method=b' 'belay;bema'
	completes '--method ema,sp' 'spring'
	completes '--method=ema,belay,u' 'uniform'
	completes '--missing union --f8 a' 'average'
	completes '--half-life ' ''
	completes '--half-life=' ''
	completes '--threads ' ''
	completes '--copy ' ''
	completes '--copy b --cop' '--copy;--copy-from'
	completes '--weights ' "$files"
	completes '--state=ck' 'ckpt_1.h5'
	completes '-o ck' 'ckpt_1.h5'
	completes '--hdf5-plugins=' 'a folder'
	completes '--plan=' 'json;text'
	completes '--plan ' "$files"
	completes '--plan --half-life 3 ' "$files"
	completes 'ckpt_1.h5 ck' 'ckpt_1.h5'
	completes '-- --ga' ''
}

for shell in bash zsh fish; do
	if ! command -v $shell >/dev/null; then
		points=$((points + 1))
		echo "ok $points - $shell # SKIP $shell is not here"
		continue
	fi
	all_lines
	for file in "$made"/bash/*; do
		name=${file##*/}
		rule "$shell: the options of $name" "$(unlike_table "$name")"
	done
done
finish
