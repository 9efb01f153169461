#!/bin/sh
# tensors_hdf5.sh - what may be said of the tensors of HDF5 files, whose outputs are clones
. "$data/../cli/kit/kit.sh"

set -- "$data/digits/ckpt_00100.h5" "$data/digits/ckpt_00200.h5"
try belay-avg -q --copy '*' --no-provenance "$@" -o all.h5
cmp all.h5 "$2"
try belay-avg -q --skip 'fc2/*' "$@" -o no.h5
try belay-avg -q --skip nothing --no-provenance "$@" -o yes.h5
try belay-avg -q --copy-from first "$@" -o no.h5
try belay-avg -q --missing union --times=index --no-provenance "$2" \
	"$data/cases/hdf5/valid/keras3.weights.h5" -o no.h5
try belay-avg -q --missing copy --times=index --no-provenance "$2" \
	"$data/cases/hdf5/valid/keras3.weights.h5" -o copied.h5
cmp copied.h5 "$data/cases/hdf5/valid/keras3.weights.h5"
try belay-avg -q --missing skip --times=index --no-provenance "$2" \
	"$data/cases/hdf5/valid/keras3.weights.h5" -o no.h5
ls
