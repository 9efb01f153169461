#!/bin/sh
# usage_twice.sh - of an option that is given twice the later one holds
. "$data/../cli/kit/kit.sh"

need jq
tensors a_1.safetensors w:F32:2:1,2
tensors a_2.safetensors w:F32:2:3,4
try belay-avg --half-life 5 --method ema --plan=text --plan=json a_*.safetensors -o no \
	--method spring --half-life 7 --output avg.safetensors |
	jq -c '.outputs[] | [.path, .method, .settings]'
