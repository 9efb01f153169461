#!/bin/sh
# tensors_option_again.sh - settings of some tensors are recorded, and make the same average again
. "$data/../cli/kit/kit.sh"

need jq
for n in 1 2 3; do
	tensors a_$n.safetensors w:F32:2:1,$n v:F32:2:$n,2 u:F32:1:$n
done
avg() {
	try belay-avg -q --skip-existing --half-life 1 "$@" a_*.safetensors -o avg.safetensors
}
avg --tensor-option w:method=spring --tensor-option w:damping=0.5 --copy u
metadata avg.safetensors belay | jq -c '.method, .settings, .tensors'
metadata avg.safetensors belay | jq -c '.tensor_options[] | .match, .method, .settings,
	(.resolved | keys), (.weights | length)'
# The options that are recorded, as options again.
metadata avg.safetensors belay | jq -r '.tensors[] | .match as $m | to_entries[] |
	select(.key != "match") | "--tensor-option\n\($m):\(.key)=\(.value)"' >again
set --
while read -r word; do
	set -- "$@" "$word"
done <again
mv avg.safetensors first.safetensors
avg "$@"
cmp first.safetensors avg.safetensors
# The same plan, another value, another order, one less.
avg "$@"
avg --tensor-option w:method=spring --tensor-option w:damping=0.6 --copy u
avg --copy u --tensor-option w:method=spring --tensor-option w:damping=0.5
avg --tensor-option w:method=spring --copy u
avg --copy u
