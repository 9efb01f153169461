#!/bin/sh
# output_limit.sh - a limit on the size of files
. "$data/../cli/kit/kit.sh"

zeros a_1.safetensors 1
ln -s "$data/digits/ckpt_00100.h5" .
shards ck-1 v:F32:2:1,2 w:F32:2:3,4
zeros ck-1/model-00002-of-00002.safetensors 1
ulimit -S -f 40
try belay-avg a_1.safetensors -o avg.safetensors
try belay-avg ckpt_00100.h5 -o avg.h5
try belay-avg --half-life 1,2 a_1.safetensors -o '{half-life}.safetensors'
try belay-avg ck-1 -o avg
try belay-avg --method spring --half-life 1 --state state a_1.safetensors -o avg.safetensors
ls -A
# Enough to reserve the clone, too little for what the library adds to it.
for limit in 56 57 58; do
	(ulimit -S -f $limit && try belay-avg -q "$data"/digits/ckpt_00[0-3]00.h5 -o more.h5)
done
ls -A
