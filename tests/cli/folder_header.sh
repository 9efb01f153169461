#!/bin/sh
# folder_header.sh - shards whose header is as long as other files begin: pickles, gzip
. "$data/../cli/kit/kit.sh"

shard=model-00001-of-00001.safetensors
mkdir one shards
echo '{"weight_map": {"w": "'$shard'"}}' >shards/model.safetensors.index.json
for n in 640 896 1152 1408 35615; do
	{
		# shellcheck disable=SC2059 # escapes
		printf "$(eight $n)"
		printf "%-${n}s" '{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
		printf '\000\000\200\077'
	} >shards/$shard
	head -c 2 shards/$shard | od -An -tx1
	cp shards/$shard one/model.safetensors
	try belay-avg -q --no-provenance --times=index one -o avg
	cmp avg/model.safetensors shards/$shard
	rm -r avg
	try belay-avg -q --no-provenance --times=index shards -o avg
	cmp avg/$shard shards/$shard
	rm -r avg
done
