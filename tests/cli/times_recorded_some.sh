#!/bin/sh
# times_recorded_some.sh - a key that some record and others do not; a time that is none
. "$data/../cli/kit/kit.sh"

tensors a_1.safetensors @step=30 w:F32:2:1,2
tensors a_2.safetensors w:F32:2:1,2
tensors a_3.safetensors @step=50 w:F32:2:1,2
tensors b_4.safetensors @step=many w:F32:2:1,2
tensors b_5.safetensors @step=1.5 w:F32:2:1,2
tensors b_6.safetensors @step=9007199254740992 w:F32:2:1,2
try belay-avg a_*.safetensors -o avg.safetensors
try belay-avg a_1.safetensors a_3.safetensors --time-key epoch -o avg.safetensors
try belay-avg a_1.safetensors a_2.safetensors --time-key step -o avg.safetensors
try belay-avg a_1.safetensors b_4.safetensors -o avg.safetensors
try belay-avg a_1.safetensors b_5.safetensors -o avg.safetensors
try belay-avg a_1.safetensors b_6.safetensors -o avg.safetensors
try belay-avg a_1.safetensors a_3.safetensors --time-key '' -o avg.safetensors
ls -A
