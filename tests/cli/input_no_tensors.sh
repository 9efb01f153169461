#!/bin/sh
# input_no_tensors.sh - checkpoints without tensors, or without any that are averaged
. "$data/../cli/kit/kit.sh"

tensors a_1.safetensors
tensors a_2.safetensors
tensors b_1.safetensors n:I32:2:7,8
tensors b_2.safetensors n:I32:2:8,7
try belay-avg a_*.safetensors -o a.safetensors
try belay-avg b_*.safetensors -o b.safetensors
try belay-avg --plan=text a_*.safetensors -o c.safetensors >/dev/null
try belay-avg -q "$data/cases/hdf5/valid/empty_groups_only.h5" -o e.h5
tail -c 8 b.safetensors | od -An -td4
ls -A
