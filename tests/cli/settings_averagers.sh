#!/bin/sh
# settings_averagers.sh - the averages that are no springs: their options, their numbers
. "$data/../cli/kit/kit.sh"

# At times 0, 1 and 3 the values 4, 0, 0 and 0, 4, 0: half the sum of a weight times 4.
tensors a_0.safetensors w:F32:3:4,0,0
tensors a_1.safetensors w:F32:3:0,4,0
tensors a_3.safetensors w:F32:3:0,0,4
average() {
	printf '$ %s\n' "$*" >&2
	belay-avg -q --check "$@" a_*.safetensors -o avg.safetensors || return
	values avg.safetensors 3 4
	rm avg.safetensors
}
average --method trapezoid
average --method linear-decay
average --method minus-sqrt
average --method power
average --method power --rel-std 0.2 --hold right
average --method bema
average --method bema --bema-lag 1 --bema-multiplier 3 --bema-ema-power 1 --bema-bias-power 2
average --method bema --bema-min 1 --bema-bias-power 100

average --method power --rel-std 0.289
average --method power --rel-std 0
average --method power --hold mid
average --method power --half-life 10%
average --method power --start zero
average --method bema --bema-lag 0 --bema-multiplier 0.5
average --method bema --bema-min 1.5
average --method bema --hold right
average --method minus-sqrt --half-life 1ckpt
average --method linear-decay --window 2ckpt
average --method trapezoid --rel-std 0.1
average --method swa
average --method lawa
average --bema-lag 3

# A sweep of methods, and of what they take.
belay-avg -q --method trapezoid,power,bema,minus-sqrt,linear-decay a_*.safetensors \
	-o '{method}.safetensors'
belay-avg -q --method bema --bema-lag 1:5:3 --bema-ema-power 0,1 a_*.safetensors \
	-o 'lag_{bema-lag}_{bema-ema-power}.safetensors'
others ^a_
