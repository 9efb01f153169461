#!/bin/sh
# sweep_ranges.sh - ranges, even and geometric
. "$data/../cli/kit/kit.sh"

need jq
tensors a_1.safetensors w:F32:2:1,2
tensors a_2.safetensors w:F32:2:3,4
names() {
	belay-avg --plan=json "$@" a_*.safetensors | jq -c 'select(.outputs) | [.outputs[].path]'
}
names --half-life 1:2:5 -o 'avg_{half-life}.safetensors'
names --half-life 2:1:3 -o 'avg_{half-life}.safetensors'
names --half-life 25:200:log4 -o 'avg_{half-life}.safetensors'
names --half-life 10%:1000%:log3 -o 'avg_{half-life}.safetensors'
names --decay 0.9:0.99:log3,0.999 -o 'avg_{decay}.safetensors'
names --method belay --gain 0:0.3:4 -o 'avg_{gain}.safetensors'
names --update-every 1:1:2 -o 'avg_{index}.safetensors'
