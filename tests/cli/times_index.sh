#!/bin/sh
# times_index.sh - --times=index: the order that was given
. "$data/../cli/kit/kit.sh"

need jq
tensors b.safetensors w:F32:2:1,2
tensors a.safetensors w:F32:2:3,4
try belay-avg --times=index --plan=json b.safetensors a.safetensors -o avg.safetensors |
	jq -c '[.times.from, (.checkpoints[] | [.time, .path])]'
try belay-avg --times index -q --half-life 1 b.safetensors a.safetensors -o avg.safetensors
values avg.safetensors 2 4
