#!/bin/sh
# tensors_option_same.sh - tensors with settings of their own have the bits of a run with these
# settings alone, the others those of the run without: HDF5, sweeps, other checkpoints read
. "$data/../cli/kit/kit.sh"
need h5diff jq

for n in 000 025 050 100 150 200; do
	ln -s "$data/digits/ckpt_00$n.h5" .
done
avg() {
	belay-avg -q --no-provenance "$@" ckpt_*.h5
}
avg --method uniform -o uniform.h5
avg --half-life 30,60 --hold right -o 'plain_{half-life}.h5'
avg --half-life 30,60 --hold right --tensor-option '*/running_*:method=uniform' \
	-o 'own_{half-life}.h5'
# The tensors of two files that differ.
differ() {
	echo "$1, $2:"
	h5diff "$1" "$2" | sed -n 's/^dataset: <\([^>]*\)>.*/\1/p'
}
for h in 30 60; do
	differ own_$h.h5 plain_$h.h5
	differ own_$h.h5 uniform.h5
done
# Every tensor of its own kind; the last checkpoint alone for all others.
avg --method window --window 1ckpt -o last.h5
avg --half-life 60 -o ema.h5
avg --method window --window 1ckpt --tensor-option 'fc1/*:method=ema' \
	--tensor-option 'fc1/*:half-life=60' --tensor-option 'conv1*:method=uniform' -o three.h5
for other in last ema uniform; do
	differ three.h5 $other.h5
done
# What is read, and what the plan says of it.
read_of() {
	belay-avg --plan=json "$@" ckpt_*.h5 -o avg.h5 |
		jq -c '[.checkpoints[].read], .run.read_bytes'
}
read_of --method window --window 1ckpt
read_of --method window --window 1ckpt --tensor-option 'fc2/bias:window=3ckpt'
read_of --method window --window 1ckpt --tensor-option 'none:method=uniform'
read_of --method uniform --tensor-option '*:method=window' --tensor-option '*:window=2ckpt'
read_of --method window --window 1ckpt --tensor-option 'fc2/bias:copy-from=50'
read_of --method window --window 1ckpt --copy-from first
read_of --method uniform --copy '*'
