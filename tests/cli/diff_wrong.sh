#!/bin/sh
# diff_wrong.sh - what cannot be compared: messages, exit codes, and that a report tells of it
. "$data/../cli/kit/kit.sh"

need jq
tensors a.safetensors w:F32:2:1,2
tensors b.safetensors w:F32:2:1,1
head -c 70 a.safetensors >cut.safetensors
try belay-diff
try belay-diff a.safetensors
try belay-diff a.safetensors b.safetensors a.safetensors
try belay-diff a.safetensors gone.safetensors
try belay-diff - a.safetensors <a.safetensors
try belay-diff cut.safetensors a.safetensors
try belay-diff --half-life 2 a.safetensors b.safetensors
try belay-diff --abs -1 a.safetensors b.safetensors
try belay-diff --rel nan a.safetensors b.safetensors
try belay-diff --ulp 1.5 a.safetensors b.safetensors
try belay-diff --exclude '*' a.safetensors b.safetensors
try belay-diff --include x a.safetensors b.safetensors
try belay-diff -q --tensor-option 'x:abs=1' --exclude y a.safetensors b.safetensors
try belay-diff --tensor-option 'x:abs=1' --exclude y a.safetensors a.safetensors
for rule in w w=1 w:abs w:abs= w:abs=-1 w:eps=1 w:exact=1 :abs=1; do
	try belay-diff --tensor-option "$rule" a.safetensors b.safetensors
done
try belay-diff --tensor-option 'w:abs=1' --tensor-option 'w:exact=true' a.safetensors b.safetensors
try belay-diff --memory 1MiB --threads 300 a.safetensors a.safetensors
try belay-diff a.safetensors b.safetensors >/dev/full
try belay-diff --json a.safetensors b.safetensors >/dev/full
try belay-diff -q --report /dev/full a.safetensors b.safetensors
try belay-diff -q --report a.safetensors a.safetensors b.safetensors
try belay-diff --report r.jsonl --json a.safetensors b.safetensors >/dev/null
echo "--- as the report has it"
tell() {
	belay-diff -q --report r.jsonl "$@" 2>/dev/null
	echo "$? $(jq -c 'select(.event == "result") |
		[.exit_code, .status, .message, .file, .counts.pairs]' r.jsonl)"
}
tell a.safetensors a.safetensors
tell a.safetensors b.safetensors
tell a.safetensors
tell a.safetensors gone.safetensors
tell cut.safetensors a.safetensors
tell --no-such-option a.safetensors b.safetensors
