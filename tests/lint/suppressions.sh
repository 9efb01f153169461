#!/bin/sh
# suppressions.sh - what sanitizers and analysers are told to overlook: little, and with its reason.
set -u
. "$(dirname "$0")/tap.sh"

most=10
cd "$top_srcdir" || exit 99

# Every rule of a list of suppressions (of valgrind's, by its name), every mark in a source, and
# what is switched off in one of the tools ("suppressed: "): place and text, one a line.
all() {
	for f in $(find tests -name data -prune -o -name '*.supp' -print | sort); do
		grep -Hn '^[^# {}]' "$f"
	done
	grep -rnE --include='*.[ch]' 'NOLINT|cppcheck-suppress|diagnostic ignored|no_sanitize' \
		cmd lib formats
	grep -nE '^# +suppressed: ' .clang-tidy tests/lint/*.sh
}

# A list says why in the line above a rule, a source in the line of the mark or above it, what is
# switched off behind a dash.
unexplained() {
	all | while IFS=: read -r file line text; do
		case $text in
		*'suppressed: '*' - '*) continue ;;
		*'suppressed: '*) echo "$file:$line: does not say why" && continue ;;
		esac
		above=$(sed -n "$((line > 1 ? line - 1 : 1))p" "$file")
		case $text$above in
		*'# '* | *'/*'* | *'*/'* | *'// '*) ;;
		*) echo "$file:$line: $text: does not say why" ;;
		esac
	done
}

found=$(all)
printf '%s\n' "$found" | sed 's/^/# /'
n=$(printf '%s\n' "$found" | grep -c .)
rule "$n suppressions, of at most $most" "$([ "$n" -le $most ] || echo "too many")"
rule "each with its reason" "$(unexplained)"
finish
