#!/bin/sh
# input_memory.sh - memory that is not enough
. "$data/../cli/kit/kit.sh"

many=$data/cases/safetensors/valid/tensors_3000.safetensors
for n in 1 2 3 4 5 6 7 8; do
	ln -s "$many" a_$n.safetensors
	LC_ALL=C sed "s/layer\.7\.w/layer.7.$n/" "$many" >b_$n.safetensors
	cp "$many" c_$n.safetensors
done
try belay-avg -q --memory 2MiB a_1.safetensors -o one.safetensors
try belay-avg -q --memory 1MiB b_*.safetensors -o avg.safetensors
try belay-avg -q --memory 1MiB --plan b_*.safetensors -o avg.safetensors
try belay-avg -q --memory 1MiB c_*.safetensors -o avg.safetensors
# what the headers of all of them say is in memory once
try belay-avg -q --memory 2MiB --threads 1 c_*.safetensors -o eight.safetensors
try belay-avg -q --memory 4MiB --threads 4096 c_*.safetensors -o avg.safetensors
others '[abc]_'
