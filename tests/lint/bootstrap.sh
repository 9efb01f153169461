#!/bin/sh
# tests/lint/bootstrap.sh - bootstrap knows what configure and the tests ask for.
set -u
. "$(dirname "$0")/tap.sh"

cd "$top_srcdir" || exit 99

# Libraries that configure looks for and bootstrap does not bring.
libraries() {
	sed -n 's/.*PKG_CHECK_MODULES(\[[A-Z0-9_]*\], \[\([^]]*\)\].*/\1/p' configure.ac |
		while read -r module version; do
			grep -Eq "has_library .*\<$module\>|build\|has_$module\|" bootstrap ||
				echo "configure looks for $module $version"
		done
}

# Rows of the table that do not have their six columns.
crooked() {
	grep -E '^	(build|more|check)\|' bootstrap | awk -F'|' 'NF != 6 || /\|\|/'
}

rule "help says every command" "$(for word in build demo check help BELAY_PYTHON BELAY_VENV; do
	sh ./bootstrap help | grep -q "^ *$word " || echo "nothing about $word"
done)"
rule "a wrong word is refused" "$(sh ./bootstrap chekc >/dev/null 2>&1 && echo accepted)"
rule "libraries of configure.ac" "$(libraries)"
rule "the table of needs is whole" "$(crooked)"
rule "requirements of the Python tests are pinned" \
	"$(grep -vE '^(#.*|[A-Za-z0-9_-]+==[0-9.]+)$' tests/oracle/requirements.txt)"
finish
