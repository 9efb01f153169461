#!/bin/sh
# seeing_cpu.sh - BELAY_CPU masks instruction sets
. "$data/../cli/kit/kit.sh"

tensors a_1.safetensors w:F32:2:1,2
tensors a_2.safetensors w:F32:2:3,4
belay-avg -q a_*.safetensors -o avg.safetensors
for cpu in base avx2 avx512; do
	BELAY_CPU=$cpu belay-avg -q a_*.safetensors -o $cpu.safetensors
	cmp avg.safetensors $cpu.safetensors
done
try env BELAY_CPU=sse9 belay-avg a_*.safetensors -o none.safetensors
ls -A
