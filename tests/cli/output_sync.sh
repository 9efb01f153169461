#!/bin/sh
# output_sync.sh - --sync=no writes the same
. "$data/../cli/kit/kit.sh"

tensors a_1.safetensors w:F32:2:1,2
try belay-avg -q a_1.safetensors -o yes.safetensors --sync yes
try belay-avg -q a_1.safetensors -o no.safetensors --sync=no
cmp yes.safetensors no.safetensors
