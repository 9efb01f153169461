#!/bin/sh
# types_opaque2.sh - HDF5 data of two opaque bytes, of which no attribute says what they are
. "$data/../cli/kit/kit.sh"

# Keras says it in an attribute dtype, which these files have under another name.
said=$data/cases/hdf5/valid/keras3_bf16.weights.h5
for t in 1 2 3; do
	LC_ALL=C sed 's/dtype\x00/dtypf\x00/' "$said" >a_$t.h5
done
avg() {
	try belay-avg --method uniform --no-provenance --nonfinite=keep "$@" a_*.h5 -o avg.h5
	cmp a_3.h5 avg.h5
	rm -f avg.h5
}
avg
avg --opaque2=copy
avg --opaque2=bf16
# What the attribute says holds whatever the option is.
for t in 1 2 3; do
	cp "$said" b_$t.h5
done
try belay-avg --method uniform --no-provenance --nonfinite=keep --opaque2=copy b_*.h5 -o avg.h5
# An option of the tensors: the provenance keeps it.
belay-avg -q -f --nonfinite=keep --opaque2=bf16 a_*.h5 -o avg.h5
LC_ALL=C grep -ao '"opaque2":"bf16"' avg.h5
try belay-avg --opaque2=f16 a_*.h5 -o no.h5
