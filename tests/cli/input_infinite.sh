#!/bin/sh
# input_infinite.sh - infinities: the same bits everywhere, or not
. "$data/../cli/kit/kit.sh"

tensors a_1.safetensors m:F32:2:-inf,0 w:F32:2:1,2
tensors a_2.safetensors m:F32:2:-inf,0 w:F32:2:3,4
try belay-avg a_*.safetensors --half-life 1 -o avg.safetensors
values avg.safetensors 4 4
tensors a_3.safetensors m:F32:2:inf,0 w:F32:2:3,4
try belay-avg -f a_*.safetensors --half-life 1 -o avg.safetensors
try belay-avg -f a_*.safetensors --half-life 1 -o avg.safetensors --nonfinite=keep
values avg.safetensors 4 4
tensors a_3.safetensors m:F32:2:-inf,inf w:F32:2:3,4
try belay-avg -f a_*.safetensors --half-life 1 -o avg.safetensors
try belay-avg -f a_*.safetensors --half-life 1,2 -o 'avg_{half-life}.safetensors' --nonfinite=keep
values avg_2.safetensors 4 4
