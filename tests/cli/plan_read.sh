#!/bin/sh
# plan_read.sh - checkpoints without weight are not read
. "$data/../cli/kit/kit.sh"

need jq
for n in 1 2 3 4 5; do
	tensors a_$n.safetensors w:F32:2:1,2
done
read_of() {
	belay-avg --plan=json "$@" a_*.safetensors |
		jq -c '[.checkpoints[].read], .run.read_bytes'
}
read_of -o avg.safetensors
read_of --method window --window 2 -o avg.safetensors
read_of --half-life 0 -o avg.safetensors
read_of --method window --window 1,3 -o 'avg_{window}.safetensors'
