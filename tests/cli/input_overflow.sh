#!/bin/sh
# input_overflow.sh - a result too large for its type
. "$data/../cli/kit/kit.sh"

tensors a_1.safetensors w:F16:3:1,-max,1
tensors a_2.safetensors w:F16:3:1,max,0
with -q --kappa 1.5
try belay-avg --kappa 1.5 --nonfinite=keep a_*.safetensors -o avg.safetensors
tail -c 6 avg.safetensors | od -An -tx2
