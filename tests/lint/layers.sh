#!/bin/sh
# layers.sh - cmd -> formats -> lib: an #include points only to the right.
set -u
. "$(dirname "$0")/tap.sh"

cd "$top_srcdir" || exit 99

# "file:line header" for every include of the sources of folder $1, written as $2.
includes() {
	grep -Hn "^[[:space:]]*#[[:space:]]*include[[:space:]]*$2" "$1"/*.[ch] |
		sed 's/^\([^:]*:[0-9]*\):[^"<]*["<]\([^">]*\)[">].*/\1 \2/'
}

# Own headers that are included in folder $1 but found in none of the other folders given.
outside() {
	from=$1
	shift
	includes "$from" '"' | while read -r place header; do
		found=$([ "$header" = config.h ] && echo yes)
		for folder in "$@"; do
			[ -f "$folder/$header" ] && found=yes
		done
		[ "$found" ] || echo "$place includes $header, which is not in: $*"
	done
}

# Headers of libraries included in folder $1 although the pattern $2 forbids them.
forbidden() {
	includes "$1" '<' | while read -r place header; do
		printf '%s\n' "$header" | grep -Eq "^($2)" && echo "$place includes <$header>"
	done
}

# Sources that include config.h after another header: its feature macros come too late then.
late_config() {
	for f in lib/*.[ch] formats/*.[ch] cmd/*.[ch]; do
		grep -Hn '^#[[:space:]]*include' "$f" | sed -n '2,$ { /"config\.h"/p; }'
	done
}

rule "lib includes only lib" "$(outside lib lib)"
rule "formats includes only formats and lib" "$(outside formats formats lib)"
rule "cmd includes only our headers" "$(outside cmd cmd formats lib)"
rule "lib sees no format's library" "$(forbidden lib 'hdf5|H5|zlib|libdeflate|check\.')"
rule "lib sees YAML only in recipe_yaml.c" "$(forbidden lib yaml |
	grep -v '^lib/recipe_yaml\.c:')"
rule "lib hashes only in digest.c" "$(forbidden lib 'xxh' | grep -v '^lib/digest\.c:')"
rule "formats sees no YAML, and does not hash" "$(forbidden formats 'yaml|xxh|check\.')"
rule "cmd sees no library but ours" "$(forbidden cmd 'hdf5|H5|zlib|libdeflate|yaml|xxh|check\.')"
rule "no include by a relative path" "$(for folder in lib formats cmd; do
	includes $folder '["<]\.\.*/'
done)"
rule "config.h is included first" "$(late_config)"
rule "no two headers have one name" \
	"$(find lib formats cmd -name '*.h' | sed 's|.*/||' | sort | uniq -d)"
finish
