#!/bin/sh
# symbols.sh - what the linker sees: names begin with bl_, and nothing can be written to.
set -u
. "$(dirname "$0")/tap.sh"

cd "$top_builddir" || exit 99
command -v objdump >/dev/null || skip_all "objdump is not here"
objdump -f lib/libbelay.a 2>/dev/null | grep -q 'elf' || skip_all "these are no ELF objects"
nm lib/libbelay.a 2>/dev/null | grep -q ' U __[a-z]*san_' &&
	skip_all "the sanitizers bring symbols of their own"

# "object symbol" for the objects in sections that can be written to when the program runs; the
# linker makes .data.rel.ro read-only. Sections, files and debugging have a d in the flags.
writable() {
	objdump -t "$@" | awk '
		/file format/ { object = $1; next }
		/^[0-9a-f]+ / {
			flags = substr($0, 18, 7)
			n = split(substr($0, 26), field, /[ \t]+/)
			section = field[1]
			if (flags ~ /d/ || section ~ /^\.data\.rel\.ro/)
				next
			if (section ~ /^\.(data|bss|tdata|tbss)/ || section == "*COM*")
				print object, field[n], "is in", section
		}'
}

# Global names of archive $1 that could clash with a program's. The two clocks stand in front of the
# C library's on purpose: see formats/hdf5_scribe.c.
foreign() {
	nm -g --defined-only "$1" |
		awk 'NF == 3 && $3 !~ /^(bl_|time$|gettimeofday$)/ {
			print $3, "does not begin with bl_"
		}'
}

# Functions of libm whose last bit is another on another machine, where results are computed: of the
# weights and the averages. What replays, draws or describes may use them.
inexact() {
	objects='adjoint|dd|dyn|exact|kernels|length|plan|run|sweep|tiles|warmup'
	functions='a?(sin|cos|tan)h?|atan2|exp(2|10|m1)?|log(2|10|1p)?|pow|cbrt|hypot'
	nm -A lib/libbelay.a | grep -E ":($objects)[a-z_0-9]*\.o:.* U ($functions)[fl]?$"
}

functions() {
	nm -g --defined-only "$1" | grep -c " T bl_"
}

for a in lib/libbelay.a formats/libformats.a; do
	rule "$a: has functions" "$([ "$(functions "$a")" -gt 9 ] || echo "hardly any")"
	rule "$a: names begin with bl_" "$(foreign "$a")"
	rule "$a: no data that can be written to" "$(writable "$a")"
done
rule "lib: no result hangs on the last bit of libm" "$(inexact)"
# A signal handler can only tell by a flag, so a program may have one.
rule "cmd: no data that can be written to but the flag of the signals" \
	"$(writable cmd/*.o | grep -vx 'cmd/signals\.o: came is in \.bss')"
finish
