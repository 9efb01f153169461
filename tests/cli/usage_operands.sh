#!/bin/sh
# usage_operands.sh - options behind operands, operands that look like options
. "$data/../cli/kit/kit.sh"

tensors ./-1.safetensors w:F32:2:1,2
tensors ./-q2.safetensors w:F32:2:3,4
try belay-avg -1.safetensors -q2.safetensors -o x.safetensors
try belay-avg -q -o ./-f.safetensors -- -1.safetensors -q2.safetensors
try belay-avg -q ./-1.safetensors -f ./-q2.safetensors -o./-f.safetensors --sync no
ls -A
