#!/bin/sh
# input_mismatch_hdf5.sh - HDF5 checkpoints of different models
. "$data/../cli/kit/kit.sh"

valid=$data/cases/hdf5/valid
try belay-avg --times=index "$data/digits/ckpt_00100.h5" "$valid/keras3.weights.h5" -o avg.h5
try belay-avg --times=index "$valid/keras3.weights.h5" "$valid/keras3_bf16.weights.h5" -o avg.h5
