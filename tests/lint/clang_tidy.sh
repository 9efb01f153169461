#!/bin/sh
# clang_tidy.sh - what clang-tidy finds in the program; .clang-tidy says what it looks for.
set -u
. "$(dirname "$0")/tap.sh"

tidy=$(command -v clang-tidy || command -v clang-tidy-14) || skip_all "clang-tidy is not here"
[ -f "$top_builddir/config.h" ] || skip_all "nothing is built here"
cd "$top_srcdir" || exit 99

hdf5=$(sed -n 's/^HDF5_CFLAGS = //p' "$top_builddir/Makefile")
if [ "${1:-}" = --some ]; then
	shift
	# shellcheck disable=SC2086 # words
	said=$("$tidy" --quiet "$@" -- -std=gnu11 -pthread -O1 -DHAVE_CONFIG_H -I"$top_builddir" \
		-Ilib -Iformats $hdf5 -include "$given" -Wno-unused-value 2>/dev/null) ||
		said="$said
$*: error: clang-tidy ended with an error"
	printf '%s\n' "$said"
	exit
fi
for dir in lib formats cmd; do
	rule "$dir" "$({ printf '%s\n' $dir/*.c | grep -v '^lib/err.c$' |
		given=tests/lint/analysed.h xargs -P 2 -n 8 sh tests/lint/clang_tidy.sh --some ||
		echo "error: not all of it was looked at"; } | grep -E 'warning:|error:')"
done
# Its functions are what analysed.h tells of.
rule "lib/err.c" "$(given=$top_builddir/config.h sh tests/lint/clang_tidy.sh --some lib/err.c |
	grep -E 'warning:|error:')"
finish
