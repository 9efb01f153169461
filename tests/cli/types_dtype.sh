#!/bin/sh
# types_dtype.sh - averages in another type
. "$data/../cli/kit/kit.sh"
. "$data/../cli/kit/types.sh"

meta='{"z":"1","format":"pt","a":"2"}'
file a_1.safetensors "$meta" w:F32:2:0000803f00008040 h:BF16:1:803f n:I64::0100000000000000 \
	z:C64:1:0000803f00000040 d:F64::000000000000f03f
file a_2.safetensors "$meta" w:F32:2:0000804000000040 h:BF16:1:4040 n:I64::0200000000000000 \
	z:C64:1:0000803f00000040 d:F64::000000000000f03f
for type in same f64 f32 f16 bf16; do
	try belay-avg -q --method uniform --no-provenance --dtype $type a_*.safetensors \
		-o $type.safetensors
	look $type.safetensors
done
# On a pipe the values come in the order of the last checkpoint.
belay-avg -q --method uniform --no-provenance --dtype f16 a_*.safetensors -o - >pipe
look pipe
# What does not change types is a clone of the last checkpoint, but for the values.
file b_1.safetensors - w:F32:1:0000803f i:U8:1:05
file b_2.safetensors - w:F32:1:00004040 i:U8:1:06
belay-avg -q --method uniform --no-provenance --dtype f32 b_*.safetensors -o c.safetensors
look c.safetensors
# A new header without metadata has none.
belay-avg -q --method uniform --no-provenance --dtype bf16 b_*.safetensors -o d.safetensors
look d.safetensors
# One rounding: 1 + 2^-11 + 2^-40 is above the middle in F16, but not as a float.
file c_1.safetensors - w:F64:1:001000000002f03f
belay-avg -q --no-provenance --dtype f16 c_1.safetensors -o e.safetensors
look e.safetensors
