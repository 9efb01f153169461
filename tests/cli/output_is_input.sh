#!/bin/sh
# output_is_input.sh - an output that is one of the inputs, under any name
. "$data/../cli/kit/kit.sh"

tensors a_1.safetensors w:F32:2:1,2
tensors a_2.safetensors w:F32:2:3,4
cp a_2.safetensors kept
ln -s a_2.safetensors link.safetensors
ln a_2.safetensors hard.safetensors
try belay-avg a_*.safetensors -o a_2.safetensors
try belay-avg -f a_*.safetensors -o a_2.safetensors
try belay-avg -f a_*.safetensors -o ./a_2.safetensors
try belay-avg -f a_*.safetensors -o link.safetensors
try belay-avg -f a_*.safetensors -o hard.safetensors
try belay-avg -f --half-life 1,2 a_*.safetensors -o 'a_{half-life}.safetensors'
cmp a_2.safetensors kept
ls -A
