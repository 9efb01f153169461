#!/bin/sh
# times_unit.sh - --time-unit makes whole steps of times that are not
. "$data/../cli/kit/kit.sh"

need jq
tensors a_1.safetensors @epoch=0.5 w:F32:2:1,2
tensors a_2.safetensors @epoch=1.0 w:F32:2:1,2
tensors a_3.safetensors @epoch=1.75 w:F32:2:1,2
try belay-avg a_[12].safetensors -o avg.safetensors
try belay-avg a_[12].safetensors --time-unit 0.5 --half-life 1 --plan=json -o avg.safetensors |
	jq -c '[.checkpoints[].time], .outputs[0].resolved["half-life"].value'
try belay-avg a_*.safetensors --time-unit 0.5 -o avg.safetensors
try belay-avg a_*.safetensors --time-unit 0.25 --plan=json -o avg.safetensors |
	jq -c '[.checkpoints[].time]'
