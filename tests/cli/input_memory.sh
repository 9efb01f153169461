#!/bin/sh
# input_memory.sh - memory that is not enough
. "$data/../cli/kit/kit.sh"

for n in 1 2 3 4 5 6 7 8; do
	ln -s "$data/cases/safetensors/valid/tensors_3000.safetensors" a_$n.safetensors
	cp "$data/cases/safetensors/valid/tensors_3000.safetensors" b_$n.safetensors
done
try belay-avg -q --memory 2MiB a_1.safetensors -o one.safetensors
try belay-avg -q --memory 1MiB b_*.safetensors -o avg.safetensors
try belay-avg -q --memory 1MiB --plan b_*.safetensors -o avg.safetensors
try belay-avg -q --memory 4MiB --threads 4096 b_*.safetensors -o avg.safetensors
others '[ab]_'
