#!/bin/sh
# show_tensors.sh - what is in checkpoints, format by format
. "$data/../cli/kit/kit.sh"

ln -s "$data"/digits/ckpt_00100.* .
belay-show ckpt_00100.safetensors
echo
belay-show ckpt_00100.h5
for f in keras/valid/assets.keras hdf5/valid/dtypes_other.h5 hdf5/valid/links_tied.h5; do
	[ -e "$data/cases/$f" ] || continue
	ln -s "$data/cases/$f" .
	echo
	belay-show "${f##*/}"
done
shards model a:F32:2:1,2 b.weight:I32:1:7
echo
belay-show model
echo
belay-show model/model.safetensors.index.json
