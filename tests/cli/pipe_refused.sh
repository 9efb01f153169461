#!/bin/sh
# pipe_refused.sh - what cannot go to standard output
. "$data/../cli/kit/kit.sh"

for n in 0 1; do
	ln -s "$data/digits/ckpt_00${n}00.h5" .
	ln -s "$data/digits/ckpt_00${n}00.safetensors" .
done
try belay-avg ckpt_*.h5 -o -
belay-avg -q ckpt_*.h5 -o - --format safetensors | wc -c
try belay-avg --half-life 1,2 ckpt_*.safetensors -o -
try belay-avg --method ema,spring ckpt_*.safetensors -o - -f
try belay-avg -q ckpt_*.safetensors -o - --skip-existing | wc -c
