#!/bin/sh
# options.sh - what --help of every program says of every option, and how it looks.
set -u
. "$(dirname "$0")/tap.sh"

# shellcheck disable=SC2154 # set by tap.sh
maker=$top_builddir/tests/unit/print_manual
# shellcheck disable=SC2154
if ! [ -x "$top_builddir/belay-avg" ] || ! [ -x "$maker" ]; then
	skip_all "there is no build in $top_builddir"
fi

# The long options as the table has them (through the manual), and as the help lists them.
known() {
	"$maker" options "$name" | sed -n 's/^\.It .*Fl -\([a-z0-9-]*\).*/\1/p' | sort
}

listed() {
	"$program" --help | sed -n 's/^  \(-[a-zA-Z], \|    \)--\([a-z0-9-]*\).*/\2/p' | sort
}

# Lines of the help that are wider than $1 when COLUMNS is $2; commands to copy are not broken.
wide() {
	COLUMNS=$2 "$program" --help | grep -v "^  $name " | awk -v w="$1" 'length($0) > w'
}

# What differs between the help for $1 columns and for $2.
same_as() {
	[ "$(COLUMNS=$1 "$program" --help)" = "$(COLUMNS=$2 "$program" --help)" ] ||
		echo "COLUMNS=$2 is not as COLUMNS=$1"
}

# Help texts that do not fit behind their options in one line of 80 columns, but for the methods.
broken() {
	"$program" --help | sed '/--method=/,/\[ema\]/d' | grep -E '^ {28}'
}

version=$(sed -n 's/^AC_INIT(\[belay\], \[\([^]]*\)\].*/\1/p' "$top_srcdir/configure.ac")
unset COLUMNS

for name in belay-avg belay-diff belay-show; do
	program=$top_builddir/$name
	rule "$name: the table has options" "$([ "$(known | wc -l)" -gt 15 ] || known)"
	rule "$name: the help lists every option once" "$( (known; listed) | sort | uniq -c |
		awk '$1 != 2 { print $2 }')"
	rule "$name: no list of duplicates" "$(known | uniq -d; listed | uniq -d)"
	rule "$name: 80 columns unless told otherwise" "$(wide 80 '')"
	rule "$name: as narrow as COLUMNS says" "$(wide 66 66)"
	rule "$name: 10 columns are taken for 60, 300 for 100" "$(same_as 60 10; same_as 100 300)"
	rule "$name: every help text fits its line" "$(broken)"
	rule "$name: the help goes to standard output" "$("$program" --help 2>&1 >/dev/null)"
	rule "$name: -h is --help" "$([ "$("$program" -h)" = "$("$program" --help)" ] ||
		echo differs)"
	rule "$name: the version is configure's" "$("$program" --version |
		grep -qx "$name (belay) $version" || echo "not $version")"
done
finish
