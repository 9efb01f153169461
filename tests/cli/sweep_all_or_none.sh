#!/bin/sh
# sweep_all_or_none.sh - one output that cannot be made: none is made
. "$data/../cli/kit/kit.sh"

tensors a_1.safetensors w:F32:2:1,2
tensors a_2.safetensors w:F32:2:3,nan
echo old >avg_5.safetensors
try belay-avg --half-life 3,4,5 a_*.safetensors -o 'avg_{half-life}.safetensors'
try belay-avg --half-life 3,4,5 a_*.safetensors -o 'gone_{half-life}/avg.safetensors'
try belay-avg --method spring --kappa 1,3 a_*.safetensors -o '{kappa}.safetensors'
try belay-avg -f --half-life 3,4,5 a_*.safetensors -o 'avg_{half-life}.safetensors' -q
ls -A
cat avg_5.safetensors
