#!/bin/sh
# sweep_braces.sh - braces in a name that are no field; a field without a sweep
. "$data/../cli/kit/kit.sh"

tensors a_1.safetensors w:F32:2:1,2
tensors a_2.safetensors w:F32:2:3,4
try belay-avg -q a_*.safetensors -o '{{x}}_{method}_{index}.safetensors'
try belay-avg -q a_*.safetensors -o 'x}.safetensors'
ls -A
