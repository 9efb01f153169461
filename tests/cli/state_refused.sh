#!/bin/sh
# state_refused.sh - a state is refused what it is not of
. "$data/../cli/kit/kit.sh"

tensors a_10.safetensors w:F32:2:1,2 b:F32:1:1
tensors a_20.safetensors w:F32:2:3,4 b:F32:1:2
tensors a_30.safetensors w:F32:2:4,1 b:F32:1:2
fold() {
	try belay-avg -q --state s "$@" -o avg.safetensors
}
# Lengths that grow, methods and options that need all checkpoints.
for length in --half-life=10% --half-life=3ckpt --mean-age=5% --rel-std=0.1 --damping=1; do
	fold --method spring "$length" a_*.safetensors
done
fold a_10.safetensors
fold --method window --window 20 a_10.safetensors
fold --method belay --half-life 10 --hold left a_10.safetensors
fold --half-life 10 --times=index a_10.safetensors
fold --half-life 10 --missing=union a_10.safetensors
fold --half-life 10 --copy-from first a_10.safetensors
fold --half-life 10 --skip-existing a_10.safetensors
try belay-avg -q --state - --half-life 10 a_10.safetensors -o avg.safetensors
try belay-avg -q --state avg.safetensors --half-life 10 a_10.safetensors -o avg.safetensors
ls -A
# Other settings.
fold --method spring --half-life 10 --damping 2 a_10.safetensors a_20.safetensors
cp s before
fold --half-life 10 a_30.safetensors
# Also where nothing is new; without the last checkpoint nothing could be made.
fold --half-life 10 a_10.safetensors
try belay-avg -q --state s --method spring --half-life 10 --damping 2 a_10.safetensors \
	-o other.safetensors
fold --method spring --half-life 1e1 --damping 2.5 a_30.safetensors
fold --method spring --half-life 10 a_30.safetensors
fold --method spring --half-life 10 --damping 2 --hold right a_30.safetensors
fold --method spring --half-life 10 --damping 2 --time-unit 10 a_30.safetensors
fold --method spring --mean-age 14 --damping 2 a_30.safetensors
fold --method spring --half-life 10 --damping 2 --time-key step a_30.safetensors
try belay-avg -q --state s --method spring --half-life 10,20 --damping 2 a_30.safetensors \
	-o 'avg_{half-life}.safetensors'
# Other checkpoints.
fold --method spring --half-life 10 --damping 2 --copy w a_30.safetensors
fold --method spring --half-life 10 --damping 2 --skip 'b*' a_30.safetensors
tensors a_15.safetensors w:F32:2:4,1 b:F32:1:2
fold --method spring --half-life 10 --damping 2 a_15.safetensors a_30.safetensors
tensors a_40.safetensors w:F32:1x2:4,1 b:F32:1:2
fold --method spring --half-life 10 --damping 2 a_40.safetensors
tensors a_40.safetensors w:F16:2:1,0 b:F32:1:2
fold --method spring --half-life 10 --damping 2 a_40.safetensors
tensors a_40.safetensors w:F32:2:1,0 b:F32:1:2 c:F32:1:2
fold --method spring --half-life 10 --damping 2 a_40.safetensors
tensors a_40.safetensors w:F32:2:1,0
fold --method spring --half-life 10 --damping 2 a_40.safetensors
tensors a_20.safetensors @note=longer w:F32:2:3,4 b:F32:1:2
fold --method spring --half-life 10 --damping 2 a_20.safetensors a_30.safetensors
mv a_20.safetensors a_020.safetensors
fold --method spring --half-life 10 --damping 2 a_020.safetensors a_30.safetensors
# Outputs that are not its own; a state is no checkpoint.
tensors avg.safetensors w:F32:2:1,0
fold --method spring --half-life 10 --damping 2 a_30.safetensors
fold --method spring --half-life 10 --damping 2 -f a_30.safetensors
rm avg.safetensors
cp before s_30.safetensors
try belay-avg -q a_30.safetensors s_30.safetensors -o avg.safetensors
try belay-avg -q --allow-averages a_30.safetensors s_30.safetensors -o avg.safetensors
cmp before s_30.safetensors
ls -A
