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
	"$tidy" --quiet "$@" -- -std=gnu11 -pthread -O1 -DHAVE_CONFIG_H -I"$top_builddir" -Ilib \
		-Iformats $hdf5 -include tests/lint/analysed.h -Wno-unused-value 2>/dev/null
	exit
fi
for dir in lib formats cmd; do
	rule "$dir" "$(printf '%s\n' $dir/*.c | grep -v '^lib/err.c$' |
		xargs -P 2 -n 8 sh "$0" --some | grep -E 'warning:|error:')"
done
finish
