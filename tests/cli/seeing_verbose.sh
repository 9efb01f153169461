#!/bin/sh
# seeing_verbose.sh - -v shows the plan, too
. "$data/../cli/kit/kit.sh"

for n in 10 20; do
	tensors a_$n.safetensors w:F32:2:1,2
done
with -v --half-life 1 --threads 1
