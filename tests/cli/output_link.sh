#!/bin/sh
# output_link.sh - a link as output: its target is replaced, the link is kept
. "$data/../cli/kit/kit.sh"

tensors a_1.safetensors w:F32:2:1,2
mkdir far
echo old >far/target.safetensors
ln -s far/target.safetensors avg.safetensors
try belay-avg a_1.safetensors -o avg.safetensors
try belay-avg -q -f a_1.safetensors -o avg.safetensors
readlink avg.safetensors
values far/target.safetensors 2 4
ln -s far there
try belay-avg -q a_1.safetensors -o there/new.safetensors
ls -A . far
