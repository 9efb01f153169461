#!/bin/sh
# show_tree.sh - names as a tree: numbers in order, every branch with its sum
. "$data/../cli/kit/kit.sh"

tensors a.safetensors layers.10.w:F32:2:1,2 layers.9.w:F32:1:3 layers.9.b:F16:1:1 \
	layers:I32::7 layers.09.w:F32:1:1 .w:F32:1:1 'x<y>:F32:1:1' 2>/dev/null
belay-show --tree a.safetensors
ln -s "$data/cases/hdf5/valid/keras3.weights.h5" .
belay-show --tree keras3.weights.h5
ln -s "$data/cases/hdf5/valid/deep_300.h5" .
belay-show --tree deep_300.h5 | tail -n 2
