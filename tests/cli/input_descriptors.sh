#!/bin/sh
# input_descriptors.sh - more inputs than files may be open at once
. "$data/../cli/kit/kit.sh"

# shellcheck disable=SC3045 # wherever belay runs, sh has it
ulimit -n 64
i=100
while [ $i -lt 200 ]; do
	tensors a_$i.safetensors w:F32:2:1,2
	i=$((i + 1))
done
try belay-avg a_*.safetensors --method uniform -o avg.safetensors 2>&1 | sed -n '2,$p' |
	sed 's/ read.*//'
values avg.safetensors 2 4
# The outputs of a sweep get the descriptors that they need.
belay-avg -q a_*.safetensors --method ema --half-life 1:20:20 -o 'out_{index}.safetensors'
find . -name 'out_*' | wc -l
# But not more than there are.
rm out_*
try belay-avg -q a_*.safetensors --half-life 1:20:40 -o 'out_{index}.safetensors'
find . -name '*out_*'
