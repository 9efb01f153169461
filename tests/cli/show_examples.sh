#!/bin/sh
# show_examples.sh - the commands that the manual, the help and the README show, and its picture
. "$data/../cli/kit/kit.sh"

need jq
page=$data/../../man/belay-show.1
[ -f "$page" ] || skip "the manual is not here"
ln -s "$data"/digits/ckpt_*.h5 .
awk '
	/^\.Sh/ { inside = $2 == "EXAMPLES" }
	inside && /^\.Ed/ { literal = 0 }
	inside && literal { print }
	inside && /^\.Bd -literal/ { literal = 1 }
' "$page" | sed 's/\\-/-/g; s/\\e/\\/g; s/\\&//g' >commands
belay-show --help | sed -n 's/^  belay-show/belay-show/p' | sed 's/ckpt_1000/ckpt_01000/' >>commands
grep -h '^    belay-show' "$data/../../README.md" | sed 's/ *#.*//; s/2000/200/' >>commands
while read -r command; do
	printf '$ %s\n' "$command"
	sh -c "$command" >words 2>err </dev/null || echo "exit $?"
	grep -v -e ': note: ' -e 'avg.h5: belay' err
	[ -s words ] && echo "$(wc -l <words) lines"
done <commands
for picture in kernel.svg drift.svg; do
	cmp $picture "$data/../../man/$picture"
done
others -e ckpt_ -e words -e commands -e err
