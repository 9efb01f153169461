#!/bin/sh
# state_bytes.sh - a state knows checkpoints again whose names are no UTF-8
. "$data/../cli/kit/kit.sh"
. "$data/../cli/kit/types.sh"

odd=$(printf 'a\377')
tensors "${odd}_10.safetensors" w:F32:2:1,2
tensors "${odd}_20.safetensors" w:F32:2:3,4
tensors "${odd}_40.safetensors" w:F32:2:4,1
belay-avg -q --state s --half-life 10 "$odd"_[12]0.safetensors -o avg.safetensors
metadata s '"belay.state"' | grep -o '"path_hex":"[0-9a-f]*"'
belay-avg --state s --half-life 10 "$odd"_*.safetensors -o avg.safetensors 2>&1 | tail -n 1
belay-avg -q --half-life 10 "$odd"_*.safetensors -o whole.safetensors
cmp avg.safetensors whole.safetensors && echo 'the same as of all of them'
