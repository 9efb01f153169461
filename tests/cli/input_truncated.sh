#!/bin/sh
# input_truncated.sh - checkpoints that are cut short, at many lengths
. "$data/../cli/kit/kit.sh"

for kind in safetensors h5; do
	whole=$data/digits/ckpt_00100.$kind
	for bytes in 4 8 20 500 30000 40207; do
		head -c $bytes "$whole" >cut_$bytes.$kind
		try belay-avg "$whole" cut_$bytes.$kind -o avg.$kind
	done
done
ls -A
