#!/bin/sh
# settings_window.sh - the window: needed, and not too short or long
. "$data/../cli/kit/kit.sh"

tensors a_1.safetensors w:F32:2:1,2
tensors a_2.safetensors w:F32:2:3,4
tensors a_3.safetensors w:F32:2:4,4
with() {
	printf '$ %s\n' "$*" >&2
	belay-avg -q --method window "$@" a_*.safetensors -o avg.safetensors || return
	values avg.safetensors 2 4
	rm avg.safetensors
}
with
with --window 0%
with --window 1
with --window 2
with --window 2ckpt
with --window 100%
with --window 200%
with --window 0.001
