#!/bin/sh
# output_limit.sh - a limit on the size of files
. "$data/../cli/kit/kit.sh"

zeros a_1.safetensors 1
ln -s "$data/digits/ckpt_00100.h5" .
ulimit -S -f 40
try belay-avg a_1.safetensors -o avg.safetensors
try belay-avg ckpt_00100.h5 -o avg.h5
try belay-avg --half-life 1,2 a_1.safetensors -o '{half-life}.safetensors'
ls -A
# Enough to reserve the clone, too little for what the library adds to it.
for limit in 56 57 58; do
	(ulimit -S -f $limit && try belay-avg -q "$data"/digits/ckpt_00[0-3]00.h5 -o more.h5)
done
ls -A
