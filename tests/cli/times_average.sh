#!/bin/sh
# times_average.sh - an average among the checkpoints
. "$data/../cli/kit/kit.sh"

tensors a_1.safetensors w:F32:2:1,2
tensors a_2.safetensors w:F32:2:3,4
belay-avg -q a_1.safetensors a_2.safetensors -o a_3.safetensors
belay-avg -q a_1.safetensors a_2.safetensors --no-provenance -o a_4.safetensors
try belay-avg a_*.safetensors -o avg.safetensors
try belay-avg -q a_*.safetensors --allow-averages -o avg.safetensors
try belay-avg -q a_[124].safetensors -o avg2.safetensors
for n in 1 2; do
	ln -s "$data/digits/ckpt_00${n}00.h5" h_$n.h5
done
belay-avg -q h_*.h5 -o h_3.h5
try belay-avg h_*.h5 -o avg.h5
try belay-avg -q h_*.h5 --times=index --allow-averages -o avg.h5
ls -A
