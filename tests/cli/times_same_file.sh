#!/bin/sh
# times_same_file.sh - one file under two names
. "$data/../cli/kit/kit.sh"

tensors a_1.safetensors w:F32:2:1,2
ln -s a_1.safetensors a_2.safetensors
ln a_1.safetensors a_3.safetensors
try belay-avg a_1.safetensors a_1.safetensors -o avg.safetensors
try belay-avg a_1.safetensors ./a_1.safetensors --times=index -o avg.safetensors
try belay-avg a_1.safetensors a_2.safetensors -o avg.safetensors
try belay-avg a_1.safetensors a_3.safetensors -o avg.safetensors
ls -A
