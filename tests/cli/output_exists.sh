#!/bin/sh
# output_exists.sh - an output that exists already
. "$data/../cli/kit/kit.sh"

tensors a_1.safetensors w:F32:2:1,2
tensors a_2.safetensors w:F32:2:3,4
echo old >avg.safetensors
try belay-avg a_*.safetensors -o avg.safetensors
cat avg.safetensors
try belay-avg -q -f a_*.safetensors --half-life 1 -o avg.safetensors
values avg.safetensors 2 4
try belay-avg -qf a_*.safetensors --half-life 0 -o avg.safetensors
values avg.safetensors 2 4
ls -A
