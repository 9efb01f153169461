#!/bin/sh
# tensors_missing.sh - tensors that not all checkpoints have
. "$data/../cli/kit/kit.sh"
. "$data/../cli/kit/types.sh"

# w: everywhere; f: from the second on; m: not in the middle; l: not in the last; i: an integer
# in the first only.
file a_1.safetensors - w:F32::0000803f m:F32::0000803f l:F32::0000803f i:U8::01
file a_2.safetensors - f:F32::00000040 w:F32::00000040 l:F32::00004040
file a_3.safetensors - w:F32::00004040 f:F32::00004040 m:F32::00004040
try belay-avg -q a_*.safetensors -o no.safetensors
for missing in copy skip union; do
	try belay-avg -q --method uniform --missing $missing --no-provenance a_*.safetensors \
		-o $missing.safetensors
	look $missing.safetensors
done
# The weights 1/4, 1/4 and 1/2: of those that have it, divided by their sum.
belay-avg -q --half-life 1 --missing union --no-provenance a_*.safetensors -o ema.safetensors
look ema.safetensors | tail -n 1
belay-avg --plan --method uniform --missing union a_*.safetensors -o c.safetensors |
	sed -n '/^tensors/,/^data/p'
belay-avg --method uniform --missing skip a_*.safetensors -o c.safetensors 2>&1 |
	sed 's/; .*//'
# Several outputs at once, and standard output.
belay-avg -q --method ema,spring --half-life 1 --missing union --no-provenance a_*.safetensors \
	-o '{method}2.safetensors'
cmp ema.safetensors ema2.safetensors
belay-avg -q --method uniform --missing union --no-provenance a_*.safetensors -o - >pipe
look pipe
# Nothing left to divide by.
try belay-avg -q --method window --window 1ckpt --missing union a_*.safetensors -o no.safetensors
# Nothing is in all of them.
file b_1.safetensors - x:F32::0000803f
belay-avg --times=index --missing copy a_1.safetensors b_1.safetensors -o copied.safetensors 2>&1 |
	grep warning
belay-avg --times=index --missing skip a_1.safetensors b_1.safetensors -o no.safetensors 2>&1
rm copied.safetensors
# What is named needs no policy; what differs has none.
try belay-avg -q --skip '[fmli]' --no-provenance a_*.safetensors -o named.safetensors
look named.safetensors
file a_2.safetensors - f:F16::0040 w:F32::00000040 l:F32:1:00004040
for missing in refuse copy skip union; do
	try belay-avg -q --missing $missing a_*.safetensors -o no.safetensors
done
try belay-avg -qf --skip '[fl]' --missing skip --no-provenance a_*.safetensors \
	-o named.safetensors
try belay-avg -q --missing drop a_*.safetensors -o no.safetensors
ls
