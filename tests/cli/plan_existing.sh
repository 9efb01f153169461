#!/bin/sh
# plan_existing.sh - a plan says which outputs exist, and minds what else is wrong with them
. "$data/../cli/kit/kit.sh"

tensors a_1.safetensors w:F32:2:1,2
tensors a_2.safetensors w:F32:2:3,4
shards ck-1 w:F32:1:1 v:F32:1:2
shards ck-2 w:F32:1:3 v:F32:1:4
belay-avg -q a_*.safetensors -o avg.safetensors
belay-avg -q --half-life 1,2 a_*.safetensors -o 'avg_{half-life}.safetensors'
mkdir avg
try belay-avg --plan a_*.safetensors -o avg.safetensors >/dev/null
try belay-avg --plan=json a_*.safetensors -o avg.safetensors >/dev/null
try belay-avg -n -q a_*.safetensors -o avg.safetensors >/dev/null
try belay-avg --plan -f a_*.safetensors -o avg.safetensors >/dev/null
try belay-avg -n --half-life 2,3,1 a_*.safetensors -o 'avg_{half-life}.safetensors' >/dev/null
try belay-avg -n ck-* -o avg >/dev/null
try belay-avg -n --skip-existing a_*.safetensors -o avg_1.safetensors >/dev/null
try belay-avg --plan a_*.safetensors -o a_2.safetensors >/dev/null
try belay-avg --plan a_*.safetensors -o gone/avg.safetensors >/dev/null
try belay-avg --plan a_*.safetensors >/dev/null
try belay-avg --plan a_*.safetensors -o - | sed -n '/^-:/p'
