#!/bin/sh
# times_equal.sh - two checkpoints with one time
. "$data/../cli/kit/kit.sh"

for n in 1 2 02 3; do
	tensors ckpt_$n.safetensors w:F32:2:1,2
done
try belay-avg ckpt_*.safetensors -o avg.safetensors
tensors a_4.safetensors @step=40 w:F32:2:1,2
tensors a_5.safetensors @step=40.0 w:F32:2:1,2
tensors a_6.safetensors @step=50 w:F32:2:1,2
try belay-avg a_*.safetensors -o avg.safetensors
ls -A
