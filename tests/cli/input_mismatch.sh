#!/bin/sh
# input_mismatch.sh - checkpoints of different models
. "$data/../cli/kit/kit.sh"

tensors a_1.safetensors w:F32:4:1,2,3,4 b:F32::1
tensors a_2.safetensors w:F32:4:1,2,3,4 b:F32::2
tensors missing_3.safetensors w:F32:4:1,2,3,4
tensors extra_3.safetensors w:F32:4:1,2,3,4 b:F32::2 c:F32::1
tensors renamed_3.safetensors w:F32:4:1,2,3,4 bias:F32::2
tensors shape_3.safetensors w:F32:2x2:1,2,3,4 b:F32:1:2
tensors type_3.safetensors w:F32:4:1,2,3,4 b:F16::1
tensors order_3.safetensors b:F32::3 w:F32:4:1,2,3,4
for last in missing extra renamed shape type order; do
	try belay-avg -q a_*.safetensors ${last}_3.safetensors -o avg.safetensors
done
values avg.safetensors 5 4
rm avg.safetensors
# Not the last one is the other.
mv missing_3.safetensors missing_0.safetensors
try belay-avg missing_0.safetensors a_*.safetensors -o avg.safetensors
ls -A
