#!/bin/sh
# plan_existing.sh - a plan minds outputs, too
. "$data/../cli/kit/kit.sh"

tensors a_1.safetensors w:F32:2:1,2
tensors a_2.safetensors w:F32:2:3,4
belay-avg -q a_*.safetensors -o avg.safetensors
try belay-avg --plan a_*.safetensors -o avg.safetensors
try belay-avg --plan -f a_*.safetensors -o avg.safetensors >/dev/null
try belay-avg --plan a_*.safetensors >/dev/null
try belay-avg --plan a_*.safetensors -o - | sed -n '/^-:/p'
