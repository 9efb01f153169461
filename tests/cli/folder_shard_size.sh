#!/bin/sh
# folder_shard_size.sh - --shard-size deals the tensors out anew
. "$data/../cli/kit/kit.sh"

tensors a_1.safetensors @format=pt a:F32:1:1 b:F32:2:2,3 c:F32:4:1,1,1,1 d:F32:1:4 e:F32:1:1
size() {
	try belay-avg -q a_1.safetensors --shard-size "$1" -o out
	ls out
	for file in out/*.safetensors; do
		tail -c +9 $file | head -c "$(od -An -tu8 -N8 $file | tr -d ' ')" |
			jq -c 'del(.__metadata__.belay)'
	done
	cat out/*.json 2>/dev/null
	rm -rf out
}
size 12
size 8
size 1kB
size 5GB
mkdir ck-1
tensors ck-1/model.fp16.safetensors a:F32:1:1 b:F32:2:2,3
echo config >ck-1/config.json
try belay-avg -q ck-1 --shard-size 8 -o out
ls out
try belay-avg -q out --allow-averages --shard-size 12 -o back/
ls back
rm -r out back

try belay-avg a_1.safetensors --shard-size 12 -o avg.safetensors
try belay-avg a_1.safetensors --shard-size 12 -o -
try belay-avg "$data/digits/ckpt_00100.h5" --shard-size 12 -o avg
try belay-avg a_1.safetensors --shard-size 0 -o avg
try belay-avg a_1.safetensors --shard-size big -o avg
try belay-avg a_1.safetensors -o avg/
ls -A
