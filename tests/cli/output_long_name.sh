#!/bin/sh
# output_long_name.sh - names at the limit of the file system, odd names
. "$data/../cli/kit/kit.sh"

tensors a_1.safetensors w:F32:2:1,2
long=$(printf '%0251d' 0).st
try belay-avg -q a_1.safetensors -o "x$long"
try belay-avg -q a_1.safetensors -o "xx$long"
alike=$(printf '%0250d' 0)
try belay-avg -q --half-life 1,2 a_1.safetensors -o "$alike{half-life}.st"
belay-avg -q a_1.safetensors -o "$(printf 'new\nline \377')"
find . -type f -printf 'x\n'
