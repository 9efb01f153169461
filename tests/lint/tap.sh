# shellcheck shell=sh
# tap.sh - what the shell tests of this folder share: TAP, one line per rule.

top_srcdir=${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
top_builddir=${top_builddir:-$top_srcdir/build}
points=0
failures=0

# rule NAME OBJECTIONS: a rule holds when nothing is said against it.
rule() {
	points=$((points + 1))
	if [ -z "$2" ]; then
		echo "ok $points - $1"
		return
	fi
	failures=$((failures + 1))
	echo "not ok $points - $1"
	printf '%s\n' "$2" | sed 's/^/# /'
}

# Nothing can be tested here, for that reason.
skip_all() {
	echo "1..0 # SKIP $*"
	exit 0
}

# Ends the test. A test that made no point is a failure: it looked at nothing.
finish() {
	echo "1..$points"
	[ $failures -eq 0 ] && [ $points -gt 0 ]
	exit
}
