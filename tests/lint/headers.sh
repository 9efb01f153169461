#!/bin/sh
# headers.sh - every header compiles alone, and twice over, with every compiler that is here.
set -u
. "$(dirname "$0")/tap.sh"

cd "$top_srcdir" || exit 99
box=$(mktemp -d) || exit 99
trap 'rm -rf "$box"' EXIT

hdf5=$(pkg-config --cflags hdf5-serial 2>/dev/null || pkg-config --cflags hdf5)
flags='-std=gnu11 -fsyntax-only -Wall -Wextra -Wstrict-prototypes -Werror'

# What compiler $1 has against header $2.
compile() {
	printf '#include "%s"\n#include "%s"\nint not_empty;\n' "$2" "$2" >"$box/alone.c"
	# shellcheck disable=SC2086 # words
	"$1" $flags -I. -Ilib -Iformats $hdf5 "$box/alone.c" 2>&1
}

# What compiler $1 has against all headers. A template is no header: the file that includes it
# compiles it.
compile_all() {
	for header in lib/*.h formats/*.h cmd/*.h; do
		case $header in *_template.h) continue ;; esac
		compile "$1" "$header"
	done
}

for cc in gcc "${CLANG:-clang}"; do
	command -v "$cc" >/dev/null || continue
	rule "$cc compiles every header alone" "$(compile_all "$cc")"
done
[ "$points" -gt 0 ] || skip_all "neither gcc nor clang is here"
finish
