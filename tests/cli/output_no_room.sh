#!/bin/sh
# output_no_room.sh - a disk that is full
. "$data/../cli/kit/kit.sh"

zeros a_1.safetensors 1
ln -s "$data/digits/ckpt_00100.h5" .
ln -s "$data/cases/hdf5/valid/attrs_dense.h5" dense.h5
mkdir disk
unshare -rm true 2>/dev/null || skip "a disk of its own cannot be mounted here"
cat >inside.sh <<'END'
mount -t tmpfs -o size=512k none disk 2>/dev/null || exit 77
echo old >disk/old.safetensors
. "$data/../cli/kit/kit.sh"
try belay-avg a_1.safetensors -o disk/avg.safetensors
try belay-avg -q -f a_1.safetensors -o disk/old.safetensors
try belay-avg -q --half-life 5:5.9:10 ckpt_00100.h5 -o 'disk/{half-life}.h5'
try belay-avg -q --plan a_1.safetensors -o disk/avg.safetensors | grep disk
cat disk/old.safetensors
ls -A disk
umount disk
# The library reads what it could not write.
mount -t tmpfs -o size=32k none disk
try belay-avg -q --times=index --compression=gzip:1 dense.h5 -o disk/avg.h5
ls -A disk
END
unshare -rm sh inside.sh
[ $? -ne 77 ] || skip "a disk of its own cannot be mounted here"
