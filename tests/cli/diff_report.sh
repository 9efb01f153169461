#!/bin/sh
# diff_report.sh - --report and --json of a comparison, and the same as a table
. "$data/../cli/kit/kit.sh"

need jq
odd=$(printf 'o\\tdd')
tensors a.safetensors @step=1 w:F32:2x2:1,2,3,4 same:F32:1:1 "$odd:F32:1:1" t:F32:1:1 s:F32:2:1,1 \
	n:F32:3:nan,1,inf i:I32::7
tensors b.safetensors @step=2 w:F32:2x2:1,2,3,2 same:F32:1:1 new:F32:1:1 t:F16:1:1 s:F32:1:1 \
	n:F32:3:1,nan,-inf i:I32::7
belay-diff --json --abs 0.5 a.safetensors b.safetensors |
	jq -c 'if .seconds then .seconds = "s" | .peak_memory = "m" else . end | del(.version)'
echo "--- all"
belay-diff -v --json a.safetensors b.safetensors |
	jq -c 'select(.event == "tensor" or .event == "metadata") | [.name, .status, .key, .a, .b]'
echo "--- a table, and words"
belay-diff --report t.tsv a.safetensors b.safetensors | tail -n 1
cat t.tsv
belay-diff --report t.tsv -q a.safetensors a.safetensors
cut -f 1-2 t.tsv
echo "--- a report is replaced, nothing else is"
belay-avg -q a.safetensors -o x.safetensors --report t.tsv --plan >/dev/null
head -c 14 t.tsv
echo
cp b.safetensors kept.tsv
belay-diff -q --report kept.tsv a.safetensors b.safetensors
echo "exit $?"
cmp b.safetensors kept.tsv
