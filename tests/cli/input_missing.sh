#!/bin/sh
# input_missing.sh - inputs that are not there, or no files
. "$data/../cli/kit/kit.sh"

tensors a_1.safetensors w:F32:2:1,2
mkdir folder_2 hf_2 shards_2 dcp_2
touch hf_2/model.safetensors shards_2/model.safetensors.index.json dcp_2/.metadata
: >empty_2.h5
mkfifo fifo_2
ln -s nowhere link_2
for input in gone_2.safetensors gone_2.h5 'gone_*.h5' folder_2 hf_2 shards_2 dcp_2 empty_2.h5 \
	fifo_2 link_2 /dev/null a_1.safetensors/2; do
	try belay-avg a_1.safetensors "$input" -o avg.safetensors
done
ls -A
