#!/bin/sh
# times_none.sh - no time in some names, or in any
. "$data/../cli/kit/kit.sh"

tensors a.safetensors w:F32:2:1,2
tensors b.safetensors w:F32:2:1,2
tensors c3.safetensors w:F32:2:1,2
try belay-avg a.safetensors b.safetensors -o avg.safetensors
try belay-avg a.safetensors c3.safetensors b.safetensors -o avg.safetensors
try belay-avg a.safetensors b.safetensors --time-unit 2 -o avg.safetensors
ls -A
