#!/bin/sh
# dist.sh - the tarball holds what git holds, and what autotools made of it.
set -u
. "$(dirname "$0")/tap.sh"

cd "$top_srcdir" || exit 99
git ls-files --error-unmatch configure.ac >/dev/null 2>&1 || skip_all "this is no git checkout"
[ -f "$top_builddir/Makefile" ] || skip_all "there is no build in $top_builddir"
box=$(mktemp -d) || exit 99
trap 'chmod -R u+w "$box"; rm -rf "$box"' EXIT

# What is generated into the tarball, and what of git stays out of it.
made='^(aclocal\.m4|config\.h\.in|configure|Makefile\.in|build-aux/.*)$'
kept='^\.gitignore$'

unset MAKEFLAGS MFLAGS MAKELEVEL
make -C "$top_builddir" distdir distdir="$box/dist" >"$box/log" 2>&1
code=$?
rule "make distdir" "$([ $code -eq 0 ] || tail -n 20 "$box/log")"
(cd "$box/dist" && find . -type f) | sed 's|^\./||' | grep -vE "$made" | sort >"$box/have"
git ls-files | grep -vE "$kept" | sort >"$box/want"
rule "all that git holds" "$(comm -23 "$box/want" "$box/have")"
# A file that git does not know is none of the project's yet.
rule "nothing else" "$(comm -13 "$box/want" "$box/have")"
finish
