#!/bin/sh
# output_stale.sh - what a killed run has left is replaced
. "$data/../cli/kit/kit.sh"

tensors a_1.safetensors w:F32:2:1,2
ln -s "$data/digits/ckpt_00100.h5" .
echo half >.avg.safetensors.belay-tmp
echo half >.avg.h5.belay-tmp
try belay-avg -q a_1.safetensors -o avg.safetensors
try belay-avg -q ckpt_00100.h5 -o avg.h5
values avg.safetensors 2 4
ls -A
