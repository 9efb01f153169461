#!/bin/sh
# state_plan.sh - the plan of a growing run is that of all checkpoints, and says what is read
. "$data/../cli/kit/kit.sh"

for n in 10 20 30 40; do
	tensors a_$n.safetensors w:F32:2:1,2
done
belay-avg -q --state s --half-life 10 a_10.safetensors a_20.safetensors a_30.safetensors \
	-o avg.safetensors
belay-avg --plan=json --check --state s --half-life 10 a_40.safetensors -o avg.safetensors |
	jq -c '[.checkpoints[] | [.path, .time, .read]], .weights[0], .run.read_bytes,
		.run.written_bytes'
belay-avg --plan=json --half-life 10 a_*.safetensors -o whole.safetensors | jq -c '.weights[0]'
