#!/bin/sh
# settings_methods.sh - options that do not belong to the method
. "$data/../cli/kit/kit.sh"

tensors a_1.safetensors w:F32:2:1,2
tensors a_2.safetensors w:F32:2:3,4
with -q --damping 1
with -q --window 2
with -q --gamma 0.5
with -q --mass-ratio 1
with -q --method spring --start zero
with -q --method belay --start zero
with -q --method spring --particle model
with -q --method uniform --half-life 2
with -q --method uniform --hold right
with -q --method window --window 2 --decay 0.9
with -q --method window --window 2 --update-every 2
with -q --method belay --window 2
with -q --method ema,uniform --half-life 3
with -q --method ema --start zero --hold mid
ls -A
