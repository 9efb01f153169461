#!/bin/sh
# output_provenance.sh - how an output was made is recorded in it, without any place or time
. "$data/../cli/kit/kit.sh"

need jq
mkdir runs
tensors runs/a_10.safetensors @kept=yes w:F32:2:1,2
tensors runs/a_20.safetensors @kept=yes w:F32:2:3,4
belay-avg -q "$PWD"/runs/a_*.safetensors --half-life 10 -o avg.safetensors
metadata avg.safetensors belay | jq -c .
metadata avg.safetensors kept
metadata avg.safetensors belay | jq -e '[.. | strings | select(startswith("/"))] == []'
metadata avg.safetensors belay | grep -c -e "$PWD" -e "$(uname -n)"
belay-avg -q runs/a_*.safetensors --half-life 10 -o plain.safetensors --no-provenance
metadata plain.safetensors belay
metadata plain.safetensors kept
