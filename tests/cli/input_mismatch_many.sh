#!/bin/sh
# input_mismatch_many.sh - of many differences ten are listed
. "$data/../cli/kit/kit.sh"

tensors a_1.safetensors w:F32::1
tensors a_2.safetensors w:F32::1 b0:F32::1 b1:F32::1 b2:F32::1 b3:F32::1 b4:F32::1 b5:F32::1 \
	b6:F32::1 b7:F32::1 b8:F32::1 b9:F32::1 c0:F32::1 c1:F32::1
try belay-avg a_1.safetensors a_2.safetensors -o avg.safetensors
try belay-avg --times=index a_2.safetensors a_1.safetensors -o avg.safetensors
