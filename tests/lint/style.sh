#!/bin/sh
# style.sh - the rules of style that a machine can judge. It judges itself, too.
set -u
. "$(dirname "$0")/tap.sh"

cd "$top_srcdir" || exit 99
LC_ALL=C
export LC_ALL

# Sources of belay, shipped or test, but for the data of the tests.
sources=$(find cmd lib formats tests -name data -prune -o \
	\( -name '*.c' -o -name '*.h' \) -print | sort)
scripts=$(find tests bootstrap .ci -name data -prune -o -type f \
	\( -name '*.sh' -o -name '*.py' -o -path '*.ci/*' -o -name bootstrap \) -print | sort)
build='configure.ac Makefile.am tests/tests.am'

# Lines of the files given that match, but for the exceptions.
lines_with() {
	pattern=$1
	shift
	grep -HnE -- "$pattern" "$@" </dev/null
}

# A tab is 8 columns, a character one, whatever its bytes.
wide() {
	awk '{
		line = $0
		gsub(/[\200-\277]/, "", line)
		width = 0
		n = split(line, part, "\t")
		for (i = 1; i < n; i++)
			width += int(length(part[i]) / 8 + 1) * 8
		if (width + length(part[n]) > 100)
			print FILENAME ":" FNR ": " width + length(part[n]) " columns"
	}' "$@"
}

# The braces of a function stand in the first column, those of data do not.
long_functions() {
	awk '
		/^\{/ { start = FNR }
		/^\}/ {
			if (start && FNR - start + 1 > 60)
				print FILENAME ":" start ": a function of " FNR - start + 1 " lines"
			start = 0
		}' "$@"
}

long_files() {
	wc -l "$@" | awk '$2 != "total" && $1 > 500 { print $2 ": " $1 " lines" }'
}

unguarded() {
	for f in $(printf '%s\n' "$@" | grep '\.h$' | grep -v '_template\.h$'); do
		guard=BL_$(basename "$f" .h | tr '[:lower:]' '[:upper:]')_H
		got=$(grep '^#' "$f" | head -n 2 | tr '\n' ' ')
		[ "$got" = "#ifndef $guard #define $guard " ] || echo "$f: no guard $guard"
	done
}

nameless() {
	for f in "$@"; do
		head -n 3 "$f" | grep -q "$(basename "$f") - " || echo "$f: does not say what it is"
	done
}

tabbed() {
	printf '%s\n' "$@" | grep -v '\.py$'
}

unended() {
	for f in "$@"; do
		[ -z "$(tail -c 1 "$f")" ] || echo "$f"
	done
}

machine='(^|[^A-Za-z0-9_.}])/(work|home|root|opt|Users)/'
later='\<(T[O]DO|F[I]XME|X[X]X|H[A]CK)\>'

# shellcheck disable=SC2046,SC2086 # all of these are lists of words
{
	rule "lines of at most 100 columns" "$(wide $sources $scripts $build)"
	rule "functions of at most 60 lines" "$(long_functions $sources)"
	rule "files of at most 500 lines" "$(long_files $sources)"
	rule "headers are guarded by their name" "$(unguarded $sources)"
	rule "files begin with their name and purpose" "$(nameless $sources $scripts $build)"
	rule "no typedef hides a struct" \
		"$(lines_with '\<typedef[[:space:]]+(struct|union|enum)\>' $sources)"
	rule "memory_stream.h in place of what loses bytes" \
		"$(lines_with '= *open_memstream *\(' $sources | grep -v '^tests/')"
	rule "no alloca, no constructors" \
		"$(lines_with '\<alloca *\(|__attribute__.*\<(con|de)structor\>' $sources)"
	rule "nothing left for later" "$(lines_with "$later" $sources $scripts $build)"
	rule "no path of one machine" "$(lines_with "$machine" $sources $scripts $build)"
	rule "no blank at the end of a line" "$(lines_with '[[:space:]]$' $sources $scripts $build)"
	rule "indented with tabs" "$(lines_with '^ {4,}[^ \\]' $sources $(tabbed $scripts))"
	rule "every file ends its last line" "$(unended $sources $scripts $build)"
}
finish
