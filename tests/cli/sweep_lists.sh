#!/bin/sh
# sweep_lists.sh - a list makes an output of each value
. "$data/../cli/kit/kit.sh"

tensors a_1.safetensors w:F32:2:1,2
tensors a_2.safetensors w:F32:2:3,4
try belay-avg -q --half-life 1,10%,2ckpt,3:5:2 a_*.safetensors -o 'avg_{half-life}.safetensors'
ls -A
for h in 1 10% 2ckpt 3 5; do
	belay-avg -q --half-life $h a_*.safetensors -o one.safetensors
	cmp one.safetensors avg_$h.safetensors
	rm one.safetensors
done
# A method of a list that does not take what is given for all.
try belay-avg -q --method ema,uniform --half-life 1 a_*.safetensors -o 'avg_{method}.safetensors'
