#!/bin/sh
# tensors_copy_from.sh - which checkpoint copies come from
. "$data/../cli/kit/kit.sh"
. "$data/../cli/kit/types.sh"

for t in 10 20 40; do
	file a_$t.safetensors - w:F32::0000803f n:U8::$t h:F16::00$t
done
for from in first last 20 20.0 40; do
	try belay-avg -qf --copy h --copy-from $from --no-provenance a_*.safetensors \
		-o b.safetensors
	look b.safetensors | tail -n 1
done
try belay-avg -q --copy-from 20 --time-unit 10 --no-provenance a_*.safetensors -f -o b.safetensors
look b.safetensors | tail -n 1
try belay-avg -q --copy-from 30 a_*.safetensors -o c.safetensors
try belay-avg -q --copy-from newest a_*.safetensors -o c.safetensors
try belay-avg -q --copy-from first,last a_*.safetensors -o c.safetensors
belay-avg --plan --copy-from first a_*.safetensors -o c.safetensors | sed -n '/^tensors/p'
# Where that one lacks a tensor, it is the last that has it.
file a_10.safetensors - w:F32::0000803f h:F16::0010
try belay-avg -qf --copy-from first --missing copy --no-provenance a_*.safetensors \
	-o b.safetensors
look b.safetensors | tail -n 1
