#!/bin/sh
# settings_percent.sh - shares of the covered time, numbers of checkpoints
. "$data/../cli/kit/kit.sh"

need jq
for n in 0 100 1000; do
	tensors a_$n.safetensors w:F32:2:1,2
done
with() {
	belay-avg --plan=json "$@" a_*.safetensors -o avg.safetensors |
		jq -c '.outputs[] | [.settings, .resolved["half-life"].value, .mean_age]'
}
with
with --half-life 20%
with --mean-age 20%
with --half-life 2ckpt
with --half-life 0%
with --rel-std 0.1
with --decay 0.99
