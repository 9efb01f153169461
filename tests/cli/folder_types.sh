#!/bin/sh
# folder_types.sh - shards whose tensors get other types, are left out or are added
. "$data/../cli/kit/kit.sh"

shards ck-1 a:F32:1:1 b:F32:1:2 c:F32:1:3 z:F32:1:4
shards ck-2 a:F32:1:3 b:F32:1:4 c:F32:1:1
echo config >ck-2/config.json
avg() {
	rm -rf avg
	try belay-avg -q --method uniform ck-* "$@" -o avg
	ls avg
	for file in avg/*.safetensors; do
		tail -c +9 "$file" | head -c "$(od -An -tu8 -N8 "$file" | tr -d ' ')" |
			jq -c 'del(.__metadata__.belay)'
	done
	cat avg/*.json
}
avg --missing=union
avg --missing=skip --dtype f64
values avg/model-00001-of-00003.safetensors 1 8
avg --missing=skip --skip b
avg --missing=skip --skip '[ab]' --shard-size 8
try belay-avg -q -f --missing=skip --skip '?' ck-* -o avg
