#!/bin/sh
# convert_notes.sh - what HDF5 and .keras files hold and safetensors does not is said, once
. "$data/../cli/kit/kit.sh"

one() {
	try belay-avg -f --times=index --method=uniform --no-provenance "$@" \
		-o out.safetensors 2>&1 | sed 's/ in [0-9.]* s .*//'
}
valid=$data/cases/hdf5/valid
for f in links_tied links_soft links_cycle committed_type userblock_512 empty_groups_only \
	attrs_dense keras2_legacy dtypes_other; do
	one "$valid/$f.h5"
done
one "$data/cases/keras/valid/model.keras"
# HDF5 of a .keras file is kept as it is; what stands around it is not.
try belay-avg -f --times=index --no-provenance "$data/cases/keras/valid/model.keras" -o keras.h5 \
	2>&1 | grep -v half-life
# A number is not left out without being asked for.
one "$valid/dtypes_numeric.h5"
one "$valid/filters_core.h5"
one --hdf5-plugins "$valid/filters_core.h5"
one --dtype=f32 "$valid/dtypes_numeric.h5"
one --skip 'c16*' "$valid/dtypes_numeric.h5"
# A sweep says it once; -q not at all; a plan says it, too.
belay-avg --half-life 1,2 --times=index "$valid/links_tied.h5" -o 's_{half-life}.safetensors' 2>&1 |
	grep -c note:
belay-avg -q --times=index "$valid/links_tied.h5" -o quiet.safetensors
belay-avg --times=index "$valid/links_tied.h5" -o plan.safetensors --plan |
	grep -e '^outputs' -e '^tensors' -e safetensors
rm keras.h5
ls
