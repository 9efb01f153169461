#!/bin/sh
# times_contradict.sh - names whose numbers can be read in more than one way
. "$data/../cli/kit/kit.sh"

one() {
	for file; do
		tensors "$file" w:F32:2:1,2
	done
	try belay-avg "$@" -o avg.safetensors
}
one run1_ckpt_200.safetensors run2_ckpt_100.safetensors
one a_1e4.safetensors a_2e4.safetensors
one ckpt_100.safetensors model_v2_final.safetensors
rm avg.safetensors
one loss_0.51.safetensors loss_0.42.safetensors
