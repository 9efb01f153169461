#!/bin/sh
# types_overflow.sh - results too large for each type: refused, made infinite, or saturated
. "$data/../cli/kit/kit.sh"
. "$data/../cli/kit/types.sh"

# Two checkpoints of 1, 1 and -M, M, where M is the largest value; kappa 1.5 takes 1.5 times the
# second less 0.5 times the first, which is 2 M.
two() {
	file a_1.safetensors - "w:$1:2x1:$2$4"
	file a_2.safetensors - "w:$1:2x1:$2$3"
}
avg() {
	try belay-avg --kappa 1.5 --no-provenance "$@" a_*.safetensors -o avg.safetensors 2>said
	grep -E '^(\$|exit|hint|.*too large)' said >&2
	[ ! -e avg.safetensors ] || look avg.safetensors | tail -n 1
	rm -f avg.safetensors
}

# Type, 1, M, -M.
while read -r type one most least; do
	two "$type" "$one" "$most" "$least"
	avg
	avg --nonfinite=keep
done <<'EOF'
F16 003c ff7b fffb
BF16 803f 7f7f 7fff
F32 0000803f ffff7f7f ffff7fff
F64 000000000000f03f ffffffffffffef7f ffffffffffffefff
EOF
# The second part of a complex number.
file a_1.safetensors - w:C64:2:0000803f0000803f0000803fffff7fff
file a_2.safetensors - w:C64:2:0000803f0000803f0000803fffff7f7f
avg
avg --nonfinite=keep

# 8 bits, with --nonfinite or without: the largest value, of either sign, each counted.
while read -r type one most least; do
	two "$type" "$one" "$most" "$least"
	avg --f8=average
	two "$type" "$one" "$least" "$most"
	avg --f8=average --nonfinite=keep
done <<'EOF'
F8_E4M3 38 7e fe
F8_E5M2 3c 7b fb
F8_E4M3FNUZ 40 7f ff
F8_E5M2FNUZ 40 7f ff
EOF

# Into another type: 65504 fits into F16, 65520 does not.
rm a_2.safetensors
file a_1.safetensors - w:F64:2:0000000000fcef400000000000feef40
avg --dtype f16
avg --dtype f16 --nonfinite=keep
avg --dtype bf16
# The last double before 2^128.
file a_1.safetensors - w:F64:2:000000000000f03fffffffffffffefc7
for type in f16 bf16 f32 f64; do
	avg --dtype $type
	avg --dtype $type --nonfinite=keep
done
