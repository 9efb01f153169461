#!/bin/sh
# man_drift.sh - the parts of the manuals that the tables make say what the tables say.
#
#   man_drift.sh             tests
#   man_drift.sh --update    writes these parts anew; `make man-update` calls it
set -u
. "$(dirname "$0")/tap.sh"

# shellcheck disable=SC2154 # set by tap.sh
maker=$top_builddir/tests/unit/print_manual
# The manuals, each with its parts; print_manual makes PART of PROGRAM.
pages='belay-avg:methods belay-avg:options belay-diff:options belay-show:options'

# shellcheck disable=SC2154
page_of() {
	echo "$top_srcdir/man/$1.1"
}

# Part $2 of the page of program $1, without its markers.
part() {
	sed -n "/^\.\\\\\" begin $2\$/,/^\.\\\\\" end $2\$/p" "$(page_of "$1")" | sed '1d;$d'
}

# Part $2 of program $1 as the table makes it, in $box/made.
make_part() {
	case $2 in options) "$maker" "$2" "$1" ;; *) "$maker" "$2" ;; esac >"$box/made"
}

# The page of program $1 with $box/made in place of part $2.
replaced() {
	awk -v name="$2" -v made="$box/made" '
		$0 == ".\\\" end " name { inside = 0 }
		!inside { print }
		$0 == ".\\\" begin " name {
			inside = 1
			while ((getline line < made) > 0)
				print line
		}' "$(page_of "$1")"
}

update() {
	for each in $pages; do
		make_part "${each%:*}" "${each#*:}" &&
			replaced "${each%:*}" "${each#*:}" >"$box/page" &&
			cat "$box/page" >"$(page_of "${each%:*}")" || exit 1
	done
}

# What differs between part $2 of program $1 and the table.
drift() {
	make_part "$1" "$2" || echo "print_manual fails"
	[ "$(wc -l <"$box/made")" -gt 9 ] || echo "print_manual prints next to nothing"
	part "$1" "$2" | diff - "$box/made" | head -n 20
}

[ -x "$maker" ] || skip_all "tests/unit/print_manual is not built"
box=$(mktemp -d) || exit 99
trap 'rm -rf "$box"' EXIT
if [ "${1:-}" = --update ]; then
	update
	exit
fi
for each in $pages; do
	rule "the ${each#*:} in the manual of ${each%:*} (make man-update)" \
		"$(drift "${each%:*}" "${each#*:}")"
done
missing() {
	points=$((points + 1))
	echo "ok $points - $1 # SKIP $1 is not here"
}

# Pages of ours that a page names and nobody has written.
strays() {
	sed -n 's/^\.Xr \(belay[a-z-]*\) \([0-9]\).*/\1.\2/p' "$top_srcdir"/man/*.[0-9] | sort -u |
		while read -r page; do
			[ -f "$top_srcdir/man/$page" ] || echo "$page"
		done
}

if command -v mandoc >/dev/null; then
	rule "mandoc has nothing against the manual" \
		"$(mandoc -T lint "$top_srcdir"/man/*.[0-9] 2>&1 |
			grep -v 'referenced manual not found')"
else
	missing mandoc
fi
if command -v groff >/dev/null; then
	rule "groff has nothing against the manual" "$(
		for page in "$top_srcdir"/man/*.[0-9]; do
			groff -mdoc -Tascii -ww "$page" 2>&1 >/dev/null
		done)"
else
	missing groff
fi
rule "our pages that others name are there" "$(strays)"
finish
