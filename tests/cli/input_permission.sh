#!/bin/sh
# input_permission.sh - a file that may not be read
. "$data/../cli/kit/kit.sh"

tensors a_1.safetensors w:F32:2:1,2
plain true 2>/dev/null || skip "root may read everything"
chmod 000 a_1.safetensors
try plain belay-avg a_1.safetensors -o avg.safetensors
ls -A
