#!/bin/sh
# types_f8.sh - 8-bit floats: refused, copied, averaged
. "$data/../cli/kit/kit.sh"
. "$data/../cli/kit/types.sh"

# 1, -2, 448; 1, 57344; 1, 240; 1; 2^0; two of 4 bits
file a_1.safetensors - w:F8_E4M3:3:38c07e v:F8_E5M2:2:3c7b u:F8_E4M3FNUZ:2:407f t:F8_E5M2FNUZ:1:40 \
	s:F8_E8M0:1:7f q:F4:2:12 b:F32:1:0000803f
# 2, -1, 448; 3, 57344; 3, 240; 2; 2^1
file a_2.safetensors - w:F8_E4M3:3:40b87e v:F8_E5M2:2:427b u:F8_E4M3FNUZ:2:4c7f t:F8_E5M2FNUZ:1:44 \
	s:F8_E8M0:1:80 q:F4:2:34 b:F32:1:00004040
try belay-avg -q a_*.safetensors -o no.safetensors
for f8 in copy average; do
	try belay-avg -q --method uniform --no-provenance --f8 $f8 a_*.safetensors \
		-o $f8.safetensors
	look $f8.safetensors
done
try belay-avg -q --method uniform --no-provenance --f8 average --dtype f16 a_*.safetensors \
	-o f16.safetensors
look f16.safetensors
# A name decides, but not that there are no scales.
try belay-avg -q --copy '[wvut]' --no-provenance a_*.safetensors -o copy2.safetensors
try belay-avg -q --average w --skip '[vut]' a_*.safetensors -o no.safetensors
try belay-avg -q --f8 yes a_*.safetensors -o no.safetensors
# Where a spring overshoots, results saturate, and that is told.
file c_0.safetensors - w:F8_E4M3:2:fe38
file c_1.safetensors - w:F8_E4M3:2:7e38
file c_68.safetensors - w:F8_E4M3:2:7e38
belay-avg --method spring --damping 0.1 --half-life 3 --f8 average --no-provenance c_*.safetensors \
	-o d.safetensors 2>said
sed -n '/8-bit/p' said
look d.safetensors
ls
