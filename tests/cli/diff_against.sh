#!/bin/sh
# diff_against.sh - checkpoints against a list of digests: exit codes, words, events
. "$data/../cli/kit/kit.sh"

need jq
tensors a_1.safetensors conv.bias:F32:2:1,2 conv.weight:F32:2:3,4 n:I32::7
tensors a_2.safetensors conv.bias:F32:2:1,2 conv.weight:F32:2:3,3 n:I32::8
belay-show --digest a_1.safetensors a_2.safetensors >golden
belay-show --digest a_1.safetensors >one
try belay-diff --against golden a_2.safetensors a_1.safetensors
belay-avg -q a_1.safetensors -o avg_1.h5
try belay-diff --against one avg_1.h5
try belay-diff --against - avg_1.h5 <one
try belay-diff --against one a_2.safetensors
try belay-diff --against one --top 1 a_2.safetensors
try belay-diff --against one -q a_2.safetensors
try belay-diff --against golden a_1.safetensors
tensors a_3.safetensors n:I32:1:7 new:F32:1:1
try belay-diff --against golden a_1.safetensors a_3.safetensors
belay-diff --against golden --json a_1.safetensors a_3.safetensors >r.jsonl
echo "exit $?" >&2
jq -c 'select(.event == "against" or .event == "result") |
	[.listed, .checkpoint, .differ, .tensors, .exit_code, .status, .counts, .read_bytes]
	' r.jsonl
# A path from a list may be anything.
sed "s/ a_2.safetensors/ x$(printf '\033')[2J/" golden >odd
try belay-diff --against odd a_1.safetensors
# What is no list, or no longer one.
try belay-diff --against gone a_1.safetensors
try belay-diff --against a_1.safetensors a_1.safetensors
head -n 4 golden >short
try belay-diff --against short a_1.safetensors
sed 3d golden >edited
try belay-diff --against edited a_1.safetensors
sed 's/-1$/-2/' golden >newer
try belay-diff --against newer a_1.safetensors
try belay-diff --against golden gone_1.safetensors
# What makes no sense with it.
try belay-diff --against golden
try belay-diff --against golden --rel 1e-3 a_1.safetensors
try belay-diff --against golden --exclude n a_1.safetensors
try belay-diff --against golden --report r.tsv a_1.safetensors
ls
