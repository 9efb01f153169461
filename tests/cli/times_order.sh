#!/bin/sh
# times_order.sh - checkpoints stand in the order of their numbers, however they are given
. "$data/../cli/kit/kit.sh"

need jq
for n in 1 2 9 10 11 100; do
	tensors ckpt_$n.safetensors w:F32:2:1,2
done
order() {
	belay-avg --plan=json "$@" -o avg.safetensors |
		jq -c '[.checkpoints[] | [.time, .path]], .weights_hex'
}
order ckpt_*.safetensors
order ckpt_100.safetensors ckpt_2.safetensors ckpt_11.safetensors ckpt_1.safetensors \
	ckpt_10.safetensors ckpt_9.safetensors
