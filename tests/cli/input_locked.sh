#!/bin/sh
# input_locked.sh - an HDF5 file that its writer holds
. "$data/../cli/kit/kit.sh"

need flock
cp "$data/digits/ckpt_00100.h5" .
chmod u+w ckpt_00100.h5
try flock ckpt_00100.h5 belay-avg ckpt_00100.h5 -o avg.h5
try belay-avg -q ckpt_00100.h5 -o avg.h5
ls -A
