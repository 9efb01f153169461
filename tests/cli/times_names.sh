#!/bin/sh
# times_names.sh - times in names of many kinds
. "$data/../cli/kit/kit.sh"

need jq
show() {
	for file; do
		mkdir -p "$(dirname "$file")"
		tensors "$file" w:F32:2:1,2
	done
	belay-avg --plan=json "$@" -o avg.safetensors |
		jq -c '[.times.from, (.checkpoints[] | [.time, .path])]'
}
show ckpt_2.weights.safetensors ckpt_1.weights.safetensors
show checkpoint-1000/model.safetensors checkpoint-500/model.safetensors
show run7/ckpt_10.safetensors run7/ckpt_9.safetensors
show epoch=3-step=300.safetensors epoch=2-step=200.safetensors
show lr0.1_100.safetensors lr0.1_20.safetensors
show last007.safetensors last08.safetensors
show 5/a2.safetensors 6/a2.safetensors
show alone_12.safetensors
show alone.safetensors
