#!/bin/sh
# man_drift.sh - the parts of belay-avg(1) that the tables make say what the tables say.
#
#   man_drift.sh             tests
#   man_drift.sh --update    writes these parts anew; `make man-update` calls it
set -u
. "$(dirname "$0")/tap.sh"

# shellcheck disable=SC2154 # set by tap.sh
page=$top_srcdir/man/belay-avg.1
# shellcheck disable=SC2154
maker=$top_builddir/tests/unit/print_manual
parts='methods options'

# Part $1 of the page, without its markers.
part() {
	sed -n "/^\.\\\\\" begin $1\$/,/^\.\\\\\" end $1\$/p" "$page" | sed '1d;$d'
}

# The page with file $2 in place of part $1.
replaced() {
	awk -v name="$1" -v made="$2" '
		$0 == ".\\\" end " name { inside = 0 }
		!inside { print }
		$0 == ".\\\" begin " name {
			inside = 1
			while ((getline line < made) > 0)
				print line
		}' "$page"
}

update() {
	for name in $parts; do
		"$maker" "$name" >"$box/made" && replaced "$name" "$box/made" >"$box/page" &&
			cat "$box/page" >"$page" || exit 1
	done
}

# What differs between part $1 and the table.
drift() {
	"$maker" "$1" >"$box/made" || echo "print_manual fails"
	[ "$(wc -l <"$box/made")" -gt 9 ] || echo "print_manual prints next to nothing"
	part "$1" | diff - "$box/made" | head -n 20
}

[ -x "$maker" ] || skip_all "tests/unit/print_manual is not built"
box=$(mktemp -d) || exit 99
trap 'rm -rf "$box"' EXIT
if [ "${1:-}" = --update ]; then
	update
	exit
fi
for name in $parts; do
	rule "the $name in the manual (make man-update)" "$(drift "$name")"
done
if command -v mandoc >/dev/null; then
	rule "mandoc has nothing against the manual" \
		"$(mandoc -T lint "$top_srcdir"/man/*.[0-9] 2>&1 |
			grep -v 'referenced manual not found')"
fi
finish
