#!/bin/sh
# input_suffix.sh - the content counts, not the suffix of an input
. "$data/../cli/kit/kit.sh"

for n in 1 2; do
	cp "$data/digits/ckpt_00${n}00.h5" h_$n.safetensors
	cp "$data/digits/ckpt_00${n}00.safetensors" s_$n.h5
done
try belay-avg -q h_*.safetensors -o avg.safetensors
try belay-avg -q h_*.safetensors -o avg.h5
try belay-avg -q h_*.safetensors -o avg
cmp avg avg.h5
try belay-avg -q s_*.h5 -o s.h5
try belay-avg -q s_*.h5 -o s.safetensors
try belay-avg -q s_1.h5 h_2.safetensors -o both.h5
ls -A
