#!/bin/sh
# show_kernel_numbers.sh - the weights as TSV and JSON
. "$data/../cli/kit/kit.sh"

# The row "irr beta=31/32 hold=linear" of the test vectors, and a spring.
belay-show --kernel --time-list 0,10,20,50,60,100 --decay 0.96875 --tsv
belay-show --kernel --time-list 0,10,20,50,60,100 --method spring --half-life 20 --tsv
tensors 'a b_1.safetensors' w:F32:1:1
tensors "$(printf 'a\tb_2.safetensors')" w:F32:1:2
belay-show --kernel --method uniform,window --window 1 --tsv a*.safetensors
belay-show --kernel --method uniform --tsv a*.safetensors
show() {
	belay-show --kernel --json --time-list 0:100:11 "$@" |
		jq -c '.averages[] | del(.weights, .weights_hex, .settings, .resolved)'
}
show --half-life 10
show --method spring --half-life 10 --damping 0.5
show --method belay --half-life 10 --restore 0 --damping 1
show --method uniform
belay-show --kernel --json a*.safetensors | jq -c '.times, .checkpoints'
belay-show --kernel --json --time-list 1,2 |
	jq -c '.times, .checkpoints, (.averages[0] | keys_unsorted)'
# Weights from a file, and a power average as far back as it reaches.
printf '1\t0.25\n2\t0.75\n' >given
belay-show --kernel --method weights --weights given --tsv a*.safetensors
belay-show --kernel --method power --rel-std 0.2 --time-list 0,10,20 --tsv
