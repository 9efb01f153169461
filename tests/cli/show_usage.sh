#!/bin/sh
# show_usage.sh - what belay-show does not do
. "$data/../cli/kit/kit.sh"

tensors a_1.safetensors w:F32:1:1
try belay-show
try belay-show --bogus a_1.safetensors
try belay-show --kernl a_1.safetensors
try belay-show --output x a_1.safetensors
try belay-show gone.h5
try belay-show --kernel --recipe a_1.safetensors
try belay-show --half-life 5 a_1.safetensors
try belay-show --tsv a_1.safetensors
try belay-show --kernel --tree a_1.safetensors
try belay-show --recipe --svg x.svg a_1.safetensors
try belay-show --svg x.svg a_1.safetensors
try belay-show --time-list 1,2
try belay-show --kernel --time-list 1,2 a_1.safetensors
try belay-show --kernel --time-list 1,2,2
try belay-show --kernel --time-list 1,x
try belay-show --kernel --time-list 0:3:3
try belay-show --kernel --time-list 1,2 --time-unit 2
try belay-show --kernel --time-list 1,2 --method weights --weights gone
try belay-show --kernel --time-list 0:9:10 --method spring --kappa 3.9
try belay-show --kernel --time-list 0:9:10 --method ema,window
try belay-show --kernel --time-list 0:9:10 --method uniform --half-life 3
belay-show --kernel --time-list 0:9:10 | true
try belay-show --json a_1.safetensors >/dev/full
