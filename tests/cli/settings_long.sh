#!/bin/sh
# settings_long.sh - lengths and times beyond what can be counted
. "$data/../cli/kit/kit.sh"

tensors a_1.safetensors w:F32:2:1,2
tensors a_9007199254740000.safetensors w:F32:2:3,4
with -q
with -q --half-life 1000%
with -q --half-life 1e15 --time-unit 0.1
with -q --rel-std 1000
with -q --check
with -q --half-life 1ckpt --check
