#!/bin/sh
# settings_update_every.sh - --update-every and the times of the checkpoints
. "$data/../cli/kit/kit.sh"

need jq
tensors a_100.safetensors w:F32:2:1,2
tensors a_150.safetensors w:F32:2:3,4
tensors a_190.safetensors w:F32:2:3,4
with() {
	printf '$ %s\n' "$*" >&2
	belay-avg --plan=json "$@" a_*.safetensors -o avg.safetensors |
		jq -c '.outputs[]? | [.settings, .resolved["half-life"].value]'
}
with --update-every 25
with --update-every 50
with --update-every 10 --half-life 3ckpt
with --update-every 10 --half-life 30
with --update-every 10 --half-life 50%
with --update-every 9007199254740991
