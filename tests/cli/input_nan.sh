#!/bin/sh
# input_nan.sh - a NaN in one checkpoint
. "$data/../cli/kit/kit.sh"

tensors a_1.safetensors w:F32:2x2:1,2,3,4
tensors a_2.safetensors w:F32:2x2:1,2,nan,4
tensors a_3.safetensors w:F32:2x2:1,2,3,4
with
with --threads 1 --half-life 0
try belay-avg --nonfinite=keep a_*.safetensors -o avg.safetensors
values avg.safetensors 4 4
ls -A
