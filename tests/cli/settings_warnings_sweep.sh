#!/bin/sh
# settings_warnings_sweep.sh - each output has its own warnings
. "$data/../cli/kit/kit.sh"

for n in 10 20 30; do
	tensors a_$n.safetensors w:F32:2:1,2
done
try belay-avg --half-life 1,10,100 a_*.safetensors -o 'avg_{half-life}.safetensors'
