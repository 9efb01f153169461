#!/bin/sh
# output_folder.sh - a folder that cannot be written
. "$data/../cli/kit/kit.sh"

tensors a_1.safetensors w:F32:2:1,2
mkdir closed
plain true 2>/dev/null || skip "root may write everything"
chmod 555 closed
try plain belay-avg a_1.safetensors -o closed/avg.safetensors
chmod 755 closed
belay-avg -q a_1.safetensors -o closed/avg.safetensors
chmod 555 closed
try plain belay-avg -f a_1.safetensors -o closed/avg.safetensors
ls -A closed
