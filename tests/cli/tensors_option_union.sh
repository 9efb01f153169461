#!/bin/sh
# tensors_option_union.sh - settings of their own for tensors that not all checkpoints have
. "$data/../cli/kit/kit.sh"
. "$data/../cli/kit/types.sh"

need jq
# w: everywhere; f: from the second on; m: not in the middle; l: not in the last.
file a_1.safetensors - w:F32::0000803f m:F32::0000803f l:F32::0000803f
file a_2.safetensors - f:F32::00000040 w:F32::00000040 l:F32::00004040
file a_3.safetensors - w:F32::00004040 f:F32::00004040 m:F32::00004040
made() {
	name=$1
	shift
	try belay-avg -q --missing union --no-provenance "$@" a_*.safetensors -o "$name"
	look "$name" | tail -n 1
}
# f, l, m, w
made uniform.safetensors --method uniform
made ema.safetensors --half-life 1
made both.safetensors --half-life 1 --tensor-option '[fl]:method=uniform'
made back.safetensors --method uniform --tensor-option '[mw]:method=ema' \
	--tensor-option '[mw]:half-life=1'
cmp both.safetensors back.safetensors
# Of a sweep, each.
belay-avg -q --missing union --no-provenance --half-life 1,2 --tensor-option '[fl]:method=uniform' \
	a_*.safetensors -o '{half-life}.safetensors'
cmp both.safetensors 1.safetensors
belay-avg -q --missing union --no-provenance --half-life 2 a_*.safetensors -o ema2.safetensors
look 2.safetensors | tail -n 1
look ema2.safetensors | tail -n 1
# The last has all the weight, but for what it lacks.
try belay-avg -q --missing union --method window --window 1ckpt a_*.safetensors -o no.safetensors
made last.safetensors --method window --window 1ckpt --tensor-option l:window=2ckpt
try belay-avg -q --missing union --method uniform --tensor-option 'l:method=window' \
	--tensor-option 'l:window=1ckpt' a_*.safetensors -o no.safetensors
# Of a checkpoint without a tensor none is read.
read_of() {
	belay-avg --plan=json --missing union "$@" a_*.safetensors -o no.safetensors |
		jq -c '[.checkpoints[].read], .run.read_bytes, .tensors.partial'
}
read_of --method window --window 1ckpt --tensor-option l:window=2ckpt
read_of --method window --window 1ckpt --tensor-option 'f:method=uniform' --skip l
read_of --method window --window 1ckpt --tensor-option '[mf]:method=uniform' --skip l
