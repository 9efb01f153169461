#!/bin/sh
# output_provenance_hdf5.sh - how an HDF5 output was made is an attribute of its root
. "$data/../cli/kit/kit.sh"

need jq h5dump
for n in 1 2; do
	ln -s "$data/digits/ckpt_00${n}00.h5" .
done
belay-avg -q ckpt_*.h5 --half-life 100 -o avg.h5
h5dump -a /belay -y -w 0 avg.h5 | sed -n 's/^ *"\({.*}\)" *$/\1/p' | sed 's/\\"/"/g' |
	jq -c '[.belay, .method, .settings, .inputs, .weights]'
belay-avg -q ckpt_*.h5 --half-life 100 -o plain.h5 --no-provenance
h5dump -a /belay plain.h5 2>&1 | grep -c 'unable to open attribute'
# An average of averages does not keep the word of the last one.
belay-avg -q --allow-averages --no-provenance --times=index ckpt_00100.h5 avg.h5 -o again.h5
h5dump -a /belay again.h5 2>&1 | grep -c 'unable to open attribute'
