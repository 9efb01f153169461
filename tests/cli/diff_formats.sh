#!/bin/sh
# diff_formats.sh - checkpoints of several formats, folders, shards, and averages of belay's own
. "$data/../cli/kit/kit.sh"

ln -s "$data"/digits/ckpt_00[01]00.* .
belay-diff ckpt_00000.h5 ckpt_00000.safetensors
belay-diff ckpt_00100.safetensors ckpt_00100.h5
belay-diff ckpt_00000.h5 ckpt_00100.safetensors | head -n 1
belay-diff --include 'layers*' ckpt_00100.safetensors ckpt_00100.h5
echo "exit $?"
echo "--- shards, and the same in one file"
shards model w:F32:2:1,2 b:F32:1:3
tensors one.safetensors b:F32:1:3 w:F32:2:1,2
belay-diff model one.safetensors
belay-diff one.safetensors model/model.safetensors.index.json
tensors other.safetensors b:F32:1:3 w:F32:2:1,3
belay-diff model other.safetensors
echo "exit $?"
echo "--- compressed, in chunks"
belay-avg -q ckpt_00*.h5 -o avg.h5 --half-life 50
belay-avg -q ckpt_00*.h5 -o small.h5 --half-life 50 --compression gzip:6
belay-avg -q ckpt_00*.h5 -o avg.safetensors --half-life 50 --no-provenance
belay-diff --metadata avg.h5 small.h5 | sed 's/"[0-9.]*"/VERSION/g'
belay-diff avg.h5 avg.safetensors
belay-diff -v avg.h5 avg.safetensors | grep metadata | sed 's/{.*\.\.\./{}/'
echo "--- what is no array of numbers"
ln -s "$data"/cases/hdf5/valid/dtypes_other.h5 .
belay-diff dtypes_other.h5 dtypes_other.h5
