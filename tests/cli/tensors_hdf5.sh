#!/bin/sh
# tensors_hdf5.sh - what may be said of the tensors of HDF5 files: outputs are clones of the last
# checkpoint where they can be, else new files
. "$data/../cli/kit/kit.sh"
need h5diff h5ls h5dump

set -- "$data/digits/ckpt_00100.h5" "$data/digits/ckpt_00200.h5"
other=$data/cases/hdf5/valid/keras3.weights.h5
try belay-avg -q --copy '*' --no-provenance "$@" -o all.h5
cmp all.h5 "$2"
try belay-avg -q --skip nothing --no-provenance "$@" -o yes.h5
try belay-avg -q --skip 'fc2/*' --no-provenance "$@" -o less.h5
h5diff less.h5 yes.h5
h5ls -r less.h5 | grep fc
try belay-avg -q --copy-from first "$@" -o first.h5
h5diff first.h5 "$1" /bn1/num_batches_tracked
try belay-avg -q --missing copy --times=index --no-provenance "$2" "$other" -o copied.h5
cmp copied.h5 "$other"
try belay-avg -q --missing union --times=index --no-provenance "$other" "$2" -o more.h5
h5diff more.h5 "$other" /layers/dense/vars/0
h5diff more.h5 "$2" /fc2/weight
# Keras counts the tensors in its files.
try belay-avg -q --missing union --times=index --no-provenance "$2" "$other" -o no.h5
try belay-avg -q --missing skip --times=index --no-provenance "$2" "$other" -o no.h5
try belay-avg -q --skip 'layers/dense/vars/1' --times=index "$other" "copied.h5" -o no.h5
# Strings can only come from the last.
set -- "$data/cases/hdf5/valid/dtypes_other.h5" other.h5
cp "$1" other.h5
try belay-avg -q --copy-from first --times=index "$@" -o no.h5
ls
