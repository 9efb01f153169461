#!/bin/sh
# input_hdf5.sh - HDF5 files that are refused
. "$data/../cli/kit/kit.sh"

for name in virtual_dataset external_link external_storage lzf_needs_plugin unknown_filter \
	v3_open_for_write truncated_half contig_overlap chunk_addr_past_eof shape_bomb; do
	try belay-avg "$data/cases/hdf5/bad/$name.h5" -o avg.h5
done
# What cannot be read can be copied.
try belay-avg -q --no-provenance --copy w "$data/cases/hdf5/bad/lzf_needs_plugin.h5" -o copy.h5
cmp copy.h5 "$data/cases/hdf5/bad/lzf_needs_plugin.h5"
rm copy.h5
# A superblock that leads to a block of a driver beyond the end of the file.
cp "$data/digits/ckpt_00100.h5" driver.h5
printf '\001\000\001\000\000\000\000\000' | dd of=driver.h5 bs=1 seek=48 conv=notrunc 2>/dev/null
try belay-avg -q driver.h5 -o avg.h5
rm driver.h5
# Damage that only reading shows.
for name in fletcher_bad inflate_short inflate_bomb; do
	try belay-avg -q "$data/cases/hdf5/bad/$name.h5" -o avg.h5
done
ls -A
