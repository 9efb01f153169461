#!/bin/sh
# output_format.sh - suffix and --format against what the checkpoints are
. "$data/../cli/kit/kit.sh"

for n in 1 2; do
	ln -s "$data/digits/ckpt_00${n}00.h5" .
	ln -s "$data/digits/ckpt_00${n}00.safetensors" .
done
try belay-avg ckpt_*.safetensors -o avg.h5
try belay-avg ckpt_*.safetensors -o avg.HDF5
try belay-avg ckpt_*.h5 -o avg.safetensors
try belay-avg ckpt_*.safetensors -o avg.h5 --format hdf5
try belay-avg ckpt_*.safetensors -o avg --format hdf5
try belay-avg ckpt_*.h5 -o avg --format safetensors
try belay-avg ckpt_*.h5 -o avg.safetensors --format hdf5
try belay-avg ckpt_*.safetensors -o avg.pt
try belay-avg -q ckpt_*.h5 -o avg --format hdf5
try belay-avg -q ckpt_*.safetensors -o avg.weights --format same
try belay-avg ckpt_*.safetensors -o - --format hdf5
ls -A
