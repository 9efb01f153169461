#!/bin/sh
# settings_lengths.sh - one length at a time, and raw pulls instead of a length
. "$data/../cli/kit/kit.sh"

tensors a_1.safetensors w:F32:2:1,2
tensors a_2.safetensors w:F32:2:3,4
with -q --half-life 5 --mean-age 3
with -q --half-life 5 --decay 0.9
with -q --rel-std 0.1 --half-life 5
with -q --decay 0.9 --rel-std 0.1
with -q --kappa 0.1 --half-life 3
with -q --kappa 0.1 --decay 0.9
with -q --method spring --kappa 0.1 --damping 1
with -q --method spring --gamma 0.5
with -q --method spring --gamma 0.5 --half-life 3
with -q --method spring --kappa 0.1 --gamma 0.5
with -q --method belay --mean-age 10% --mass-ratio 0
ls -A
