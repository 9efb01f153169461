#!/bin/sh
# output_deflate.sh - zlib compresses HDF5 unless another library is asked for
. "$data/../cli/kit/kit.sh"

set -- "$data/digits/ckpt_00100.h5" "$data/digits/ckpt_00200.h5"
try belay-avg -q --no-provenance "$@" -o default.h5
try belay-avg -q --no-provenance --deflate zlib "$@" -o zlib.h5
cmp default.h5 zlib.h5 && echo the same file
for how in libdeflate ''; do
	try belay-avg -q --deflate "$how" "$@" -o no.h5
done
