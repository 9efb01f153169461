#!/bin/sh
# output_limit.sh - a limit on the size of files
. "$data/../cli/kit/kit.sh"

zeros a_1.safetensors 1
ln -s "$data/digits/ckpt_00100.h5" .
ulimit -f 40
try belay-avg a_1.safetensors -o avg.safetensors
try belay-avg ckpt_00100.h5 -o avg.h5
try belay-avg --half-life 1,2 a_1.safetensors -o '{half-life}.safetensors'
ls -A
