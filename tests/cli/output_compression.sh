#!/bin/sh
# output_compression.sh - how the values of HDF5 files are stored
. "$data/../cli/kit/kit.sh"
need h5diff h5ls h5dump

set -- "$data/digits/ckpt_00100.h5" "$data/digits/ckpt_00200.h5"
try belay-avg -q --no-provenance "$@" -o clone.h5
for how in same none gzip:0 gzip:9; do
	try belay-avg -q --no-provenance --compression "$how" "$@" -o "$how.h5"
	h5diff clone.h5 "$how.h5"
	h5dump -p -H -d /fc1/weight "$how.h5" | grep -E 'CONTIGUOUS|CHUNKED|PREPROCESSING|LEVEL'
done
for how in gzip gzip:10 gzip:x zstd ''; do
	try belay-avg -q --compression "$how" "$@" -o no.h5
done
try belay-avg -q --compression none "$data/cases/safetensors/valid/all_22_dtypes.safetensors" -o no
ls
