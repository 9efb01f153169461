#!/bin/sh
# folder_output.sh - a folder as output: the last checkpoint's files, with other numbers in them
. "$data/../cli/kit/kit.sh"

mkdir ck-1
tensors ck-1/model.safetensors a:F32:1:1 b:F32:1:2
shards ck-2 a:F32:1:3 b:F32:1:4
for side in config.json tokenizer.json vocab.txt tokenizer.model modeling.py LICENSE README.md \
	optimizer.pt scheduler.pt rng_state.pth trainer_state.json training_args.bin .hidden \
	pytorch_model.bin; do
	echo "$side" >ck-2/$side
done
echo one >ck-1/config.json
mkdir ck-2/global_step2
touch ck-2/global_step2/x
show() {
	ls "$1"
	for file in "$1"/*.safetensors; do
		values "$file" 1 4
	done
}
try belay-avg -q --method uniform ck-1 ck-2 -o avg/
show avg
cmp avg/model.safetensors.index.json ck-2/model.safetensors.index.json
cmp avg/config.json ck-2/config.json
metadata avg/model-00001-of-00002.safetensors belay | jq -c .inputs
metadata avg/model-00002-of-00002.safetensors belay | jq -c .inputs
stat -c '%A %n' avg avg/config.json avg/model-00001-of-00002.safetensors

# The last one is a folder with one file.
mv ck-1 ck-3
try belay-avg -q --method uniform ck-2 ck-3 -o one
show one
cat one/config.json

# It carries its provenance, whole and in parts.
try belay-avg avg -o again
try belay-avg avg/model-00002-of-00002.safetensors -o again
try belay-avg -q --allow-averages --method uniform avg -o again
metadata again/model-00001-of-00002.safetensors belay | jq -c .inputs

# An index may have any name.
cp -r ck-2 ck-4
mv ck-4/model.safetensors.index.json ck-4/shards.json
try belay-avg -q --no-provenance ck-4/shards.json -o odd
ls odd
cmp odd/shards.json ck-4/shards.json

# No provenance, one checkpoint: its bytes.
try belay-avg -q --no-provenance ck-2 -o same
for file in same/*; do
	cmp "$file" ck-2/"${file#same/}"
done
ls -A
