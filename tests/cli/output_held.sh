#!/bin/sh
# output_held.sh - another run is writing the same output
. "$data/../cli/kit/kit.sh"

need flock
tensors a_1.safetensors w:F32:2:1,2
ln -s "$data/digits/ckpt_00100.h5" .
echo busy >.avg.safetensors.belay-tmp
try flock .avg.safetensors.belay-tmp belay-avg -q a_1.safetensors -o avg.safetensors
echo busy >.avg.h5.belay-tmp
try flock .avg.h5.belay-tmp belay-avg -q ckpt_00100.h5 -o avg.h5
cat .avg.*.belay-tmp
rm .avg.*
echo busy >.2.safetensors.belay-tmp
try flock .2.safetensors.belay-tmp \
	belay-avg -q --half-life 1,2,3 a_1.safetensors -o '{half-life}.safetensors'
rm .2.*
ls -A
