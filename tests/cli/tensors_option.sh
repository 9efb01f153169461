#!/bin/sh
# tensors_option.sh - --tensor-option: what tensors have settings of their own
. "$data/../cli/kit/kit.sh"
. "$data/../cli/kit/types.sh"

while read -r time value; do
	file "a_$time.safetensors" - "enc.w:F32::$value" "bn.running_mean:F32::$value" \
		"dec.w:F32::$value" "n:I64::0${time}00000000000000"
done <<END
1 0000803f
2 00000040
3 00004040
5 0000a040
END
made() {
	try belay-avg -q --no-provenance "$@" a_*.safetensors -f -o b.safetensors
	look b.safetensors | tail -n 1
}
# Each on its own, then together: enc.w, running_mean, dec.w, n.
made --half-life 1
made --method uniform
made --method window --window 2ckpt
made --half-life 1 --tensor-option '*.running_*:method=uniform'
made --half-life 1 --tensor-option '*.running_*:method=uniform' \
	--tensor-option 'd*:method=window' --tensor-option 'd*:window=2ckpt'
# The first pattern that matches holds, whatever option it is of; integers are copied.
made --half-life 1 --copy 'enc*' --tensor-option '*:method=uniform'
made --half-life 1 --tensor-option '*n*:method=uniform' --copy '*'
made --half-life 1 --tensor-option 'enc*:copy=true' --tensor-option 'dec*:skip=true' \
	--tensor-option '*:method=uniform'
made --half-life 1 --tensor-option 'enc*:average=true' --tensor-option 'n:copy=true' \
	--tensor-option 'n:copy-from=2' --tensor-option 'dec*:copy-from=first'
# A checkpoint without weight in one row can have some in another.
belay-avg --plan --method window --window 1ckpt --tensor-option 'd*:method=uniform' \
	a_*.safetensors -o b.safetensors -f | sed -n '1,/^data/p'
# Warnings name the pattern, notes do not come twice, a pattern that matches nothing is told.
try belay-avg --method uniform --tensor-option 'd*:method=ema' \
	--tensor-option 'd*:half-life=0.5' --tensor-option 'D*:decay=.5' \
	--tensor-option 'D*:hold=left' --tensor-option 'e*:method=belay' \
	--tensor-option 'e*:particle=model' --tensor-option 'e*:half-life=2' --check \
	a_*.safetensors -f -o b.safetensors
ls
