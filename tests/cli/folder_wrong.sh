#!/bin/sh
# folder_wrong.sh - folders and indices that are no checkpoint, or no whole one
. "$data/../cli/kit/kit.sh"

avg() {
	try belay-avg "$@" -o avg
}
for bad in missing_shard path_escape wrong_map extra_tensor unmapped; do
	avg "$data/cases/safetensors/bad/sharded_$bad"
	avg "$data/cases/safetensors/bad/sharded_$bad/model.safetensors.index.json"
done

shards both a:F32:1:1 b:F32:1:2
tensors both/model.safetensors a:F32:1:1 b:F32:1:2
avg both
rm both/*.json both/model.safetensors
avg both
shards pointer a:F32:1:1 b:F32:1:2
echo 'version https://git-lfs.github.com/spec/v1' >pointer/model-00002-of-00002.safetensors
avg pointer
mkdir bin empty
touch bin/pytorch_model.bin bin/config.json
avg bin
avg empty
mkdir nothing
ln -s nowhere nothing/model.safetensors
avg nothing

# One checkpoint twice, and models that differ.
shards ck-1 a:F32:1:1 b:F32:1:2
avg ck-1 ck-1/model.safetensors.index.json
mkdir ck-2
tensors ck-2/model.safetensors a:F32:1:1
avg ck-1 ck-2
avg ck-2 ck-2/model.safetensors
ls -A
