#!/bin/sh
# cppcheck.sh - what cppcheck finds in the program.
set -u
. "$(dirname "$0")/tap.sh"

command -v cppcheck >/dev/null || skip_all "cppcheck is not here"
cd "$top_srcdir" || exit 99

# In two processes it looks at each file by itself; across files, it takes a place that a function
# fills for one that it reads.
found=$(cppcheck -q -j 2 --enable=warning,performance,portability --std=c11 --library=posix \
	--library=gnu -I"$top_builddir" -Ilib -Iformats \
	--suppressions-list=tests/lint/cppcheck.supp \
	--template='{file}:{line}: {severity} {id}: {message}' lib formats cmd 2>&1) ||
	found="$found
cppcheck ended with an error"
for dir in lib formats cmd; do
	rule "$dir" "$(printf '%s\n' "$found" | grep "^$dir/")"
done
rule "nothing else" "$(printf '%s\n' "$found" | grep -Ev '^((lib|formats|cmd)/|$)')"
finish
