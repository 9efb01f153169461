#!/bin/sh
# examples_manual.sh - every example of the manual does what it says
. "$data/../cli/kit/kit.sh"

need jq
page=$data/../../man/belay-avg.1
[ -f "$page" ] || skip "the manual is not here"
ln -s "$data"/digits/ckpt_* .
# The literal blocks of the section, without the escapes of the markup.
awk '
	/^\.Sh/ { inside = $2 == "EXAMPLES" }
	inside && /^\.Ed/ { literal = 0 }
	inside && literal { print }
	inside && /^\.Bd -literal/ { literal = 1 }
' "$page" | sed 's/\\-/-/g; s/\\e/\\/g; s/\\(aq/'"'"'/g; s/\\&//g' >commands
run_commands
others -e ckpt_ -e words -e commands
