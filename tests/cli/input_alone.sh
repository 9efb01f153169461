#!/bin/sh
# input_alone.sh - one checkpoint alone is its own average
. "$data/../cli/kit/kit.sh"

for kind in safetensors h5; do
	alone=$data/digits/ckpt_00100.$kind
	try belay-avg "$alone" --no-provenance -o avg.$kind
	try belay-avg -q --method belay "$alone" --no-provenance -o belay.$kind
	cmp avg.$kind belay.$kind
done
cmp avg.safetensors "$data/digits/ckpt_00100.safetensors"
