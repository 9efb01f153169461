#!/bin/sh
# input_names.sh - names with odd bytes are shown so that a terminal takes no harm
. "$data/../cli/kit/kit.sh"

odd=$(printf 'a\033[31m\n\tb\303\244\377_1')
tensors "$odd.safetensors" w:F32:2:1,2
tensors a_1.safetensors "$(printf 'w\\u001b[31m\\u0007')":F32:2:1,nan
tensors a_2.safetensors "$(printf 'w\\u001b[31m\\u0007')":F32:2:1,2
belay-avg "$odd" -o avg.safetensors
belay-avg a_1.safetensors "$odd.safetensors" -o avg.safetensors
belay-avg a_1.safetensors a_2.safetensors -o avg.safetensors
belay-avg "$odd.safetensors" -o "$odd.safetensors"
belay-avg a_2.safetensors -o "avg$odd.safetensors" --plan | sed -n 7,9p
