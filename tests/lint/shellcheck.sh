#!/bin/sh
# tests/lint/shellcheck.sh - the shell scripts, as shellcheck sees them.
set -u
. "$(dirname "$0")/tap.sh"

command -v shellcheck >/dev/null || skip_all "shellcheck is not here"
cd "$top_srcdir" || exit 99

# What is not looked for: sourced files, the variables that run.sh sets, ls before grep, a process
# that holds a FIFO open, and ulimit -S, which every sh here has.
for f in bootstrap .ci/run $(find tests -name data -prune -o -name '*.sh' -print | sort); do
	rule "$f" "$(shellcheck -S warning -e SC1091,SC2154,SC2010,SC2217,SC3045 "$f" 2>&1)"
done
finish
