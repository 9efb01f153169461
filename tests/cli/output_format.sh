#!/bin/sh
# output_format.sh - suffix and --format against what the checkpoints are
. "$data/../cli/kit/kit.sh"

for n in 1 2; do
	ln -s "$data/digits/ckpt_00${n}00.h5" .
	ln -s "$data/digits/ckpt_00${n}00.safetensors" .
done
# The suffix decides, then --format, then the last checkpoint.
first() {
	head -c "$2" "$1" | tail -c 4 | tr -c '[:print:]' .
	echo " $1"
}
try belay-avg -q ckpt_*.safetensors -o avg.h5
try belay-avg -q ckpt_*.safetensors -o avg.HDF5
try belay-avg -q ckpt_*.safetensors -o avg_h --format hdf5
cmp avg.h5 avg.HDF5
cmp avg.h5 avg_h
try belay-avg -q ckpt_*.h5 -o avg.safetensors
try belay-avg -q ckpt_*.h5 -o avg_s --format safetensors
cmp avg.safetensors avg_s
try belay-avg -q ckpt_*.h5 -o same_h --format hdf5
try belay-avg -q ckpt_*.safetensors -o same.weights --format same
for f in avg.h5 same_h; do first $f 4; done
for f in avg.safetensors same.weights; do first $f 12; done
# Contradictions.
try belay-avg ckpt_*.safetensors -o no.h5 --format safetensors
try belay-avg ckpt_*.safetensors -o no.h5 --format same
try belay-avg ckpt_*.h5 -o no.safetensors --format hdf5
try belay-avg ckpt_*.h5 -o no.keras
try belay-avg ckpt_*.h5 -o no --format keras
try belay-avg ckpt_*.safetensors -o no.pt
try belay-avg ckpt_*.safetensors -o - --format hdf5
try belay-avg ckpt_*.h5 -o no.safetensors --compression none
try belay-avg ckpt_*.safetensors -o no --format hdf5 --shard-size 1MB
try belay-avg ckpt_*.h5 -o no --format safetensors2
ls -A
