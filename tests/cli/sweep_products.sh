#!/bin/sh
# sweep_products.sh - several lists make all their combinations
. "$data/../cli/kit/kit.sh"

need jq
tensors a_1.safetensors w:F32:2:1,2
tensors a_2.safetensors w:F32:2:3,4
names() {
	belay-avg --plan=json "$@" a_*.safetensors |
		jq -c '.outputs[] | [.path, .method, .settings]'
}
names --method ema,spring,belay --half-life 3,5 -o '{index}_{method}_{half-life}.safetensors'
names --method belay --mass-ratio 0,1 --gain 0.5,1 --half-life 2 \
	-o '{gain}{{{mass-ratio}}}_{half-life}_{hold}_{particle}.safetensors'
