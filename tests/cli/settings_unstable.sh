#!/bin/sh
# settings_unstable.sh - pulls with which the particles would fly apart
. "$data/../cli/kit/kit.sh"

tensors a_1.safetensors w:F32:2:1,2
tensors a_2.safetensors w:F32:2:3,4
with -q --method belay --half-life 1 --mass-ratio 4
with -q --kappa 2
with -q --method spring --kappa 3
with -q --method spring --kappa 1.5 --gamma 1.5
with -q --method belay --kappa 1.9 --mass-ratio 1
with -q --method spring --damping 0.01 --half-life 0.1
with -q --method spring --damping 1e9
with -q --method spring --damping 1e-300
with -q --method spring --damping inf
ls -A
