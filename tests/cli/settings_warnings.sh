#!/bin/sh
# settings_warnings.sh - settings that are allowed and yet may not be meant
. "$data/../cli/kit/kit.sh"

for n in 10 20 30; do
	tensors a_$n.safetensors w:F32:2:1,2
done
with --half-life 1
with --decay 0.9
with --half-life 100
with --method belay --particle model --half-life 20
with --method spring --damping 0.2 --half-life 5
with --method spring --kappa 1.5 --gamma 1.2
with --method belay --restore 0 --half-life 20
with -q --half-life 1
with --half-life 10
