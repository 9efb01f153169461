#!/bin/sh
# seeing_quiet.sh - -q leaves only errors
. "$data/../cli/kit/kit.sh"

for n in 10 20; do
	tensors a_$n.safetensors w:F32:2:1,2
done
with -q --half-life 1
with --quiet --half-life 1 --check
with -q --half-life 1 --progress=plain
with -q --half-life x
