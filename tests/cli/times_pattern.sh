#!/bin/sh
# times_pattern.sh - --time-pattern: its group, or all of it; what does not match
. "$data/../cli/kit/kit.sh"

need jq
tensors 7_a_1.safetensors w:F32:2:1,2
tensors 6_a_2.safetensors w:F32:2:1,2
show() {
	printf '$ %s\n' "$1" >&2
	belay-avg --plan=json ./?_a_?.safetensors --time-pattern "$1" -o avg.safetensors |
		jq -c 'select(.times) | [.times.from, (.checkpoints[] | [.time, .path])]'
}
show '^[0-9]'
show '_([0-9])'
show '([0-9])_a_([0-9])'
show '_(1)'
show '_(.*)'
show '('
show '[0-9'
show 'x*'
show ''
