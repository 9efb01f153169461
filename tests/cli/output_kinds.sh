#!/bin/sh
# output_kinds.sh - outputs that are no files
. "$data/../cli/kit/kit.sh"

tensors a_1.safetensors w:F32:2:1,2
mkdir folder
mkfifo fifo
ln -s nowhere dangling
ln -s loop loop
for output in folder folder/ fifo dangling loop /dev/null /dev/full gone/ gone/avg.safetensors \
	a_1.safetensors/avg .; do
	try belay-avg -f a_1.safetensors -o "$output"
done
ls -A . folder
