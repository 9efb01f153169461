#!/bin/sh
# gcc_analyzer.sh - what gcc -fanalyzer finds in the program.
set -u
. "$(dirname "$0")/tap.sh"

command -v gcc >/dev/null && [ "$(gcc -dumpversion | cut -d. -f1)" -ge 12 ] ||
	skip_all "gcc 12 is not here"
[ -f "$top_builddir/config.h" ] || skip_all "nothing is built here"
cd "$top_srcdir" || exit 99

# suppressed: analyzer-malloc-leak - it loses sight of what is put into a structure. LeakSanitizer,
# valgrind and clang-tidy look for leaks.
# suppressed: all of lib/kernels.c - loops over rows, thrice for three kinds of processors. It pairs
# the NULL of one caller of put_* with that of another, and takes as long as for all other files.
analyse() {
	gcc -std=gnu11 -pthread -O1 -DHAVE_CONFIG_H -I"$top_builddir" -Ilib -Iformats \
		$hdf5 -include "$given" -Wno-unused-value -fanalyzer \
		-Wno-analyzer-malloc-leak -fdiagnostics-plain-output "$@" -c -o /dev/null 2>&1 |
		grep -E 'warning:|error:'
}

hdf5=$(sed -n 's/^HDF5_CFLAGS = //p' "$top_builddir/Makefile")
if [ "${1:-}" = --one ]; then
	shift
	for f in "$@"; do
		given=tests/lint/analysed.h
		[ "$f" = lib/err.c ] && given=config.h # its functions are what analysed.h tells of
		case $f in
		lib/kernels.c) ;;
		*) analyse "$f" ;;
		esac
	done
	exit 0
fi
for dir in lib formats cmd; do
	rule "$dir" "$(printf '%s\n' $dir/*.c |
		xargs -P 2 -n 8 sh tests/lint/gcc_analyzer.sh --one ||
		echo "not all of it was looked at")"
done
finish
