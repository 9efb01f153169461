#!/bin/sh
# folder_input.sh - folders, indices and files of one model in one sequence
. "$data/../cli/kit/kit.sh"

mkdir ck-1 ck-9
tensors ck-1/model.safetensors @format=pt a:F32:2:1,2 b:F32:1:4
shards ck-2 b:F32:1:2 a:F32:2:3,4
tensors ck-9/adapter_model.safetensors b:F32:1:0 a:F32:2:2,0
tensors last.safetensors b:F32:1:0 a:F32:2:2,0
touch ck-1/optimizer.pt ck-2/config.json ck-9/optimizer.safetensors
mkdir ck-2/sub.safetensors

# Of the folder or of its file or index: the same checkpoint and time.
for one in ck-1 ck-1/ ck-1/model.safetensors ./ck-1; do
	for two in ck-2 ck-2/model.safetensors.index.json; do
		belay-avg --plan=json ck-9 $one $two -o avg.safetensors |
			jq -c '[.times.from, [.checkpoints[] | .path, .time, .size]]'
		belay-avg -q --no-provenance --method uniform ck-9 $one $two -o avg.safetensors
		values avg.safetensors 3 4
		[ -f first.safetensors ] || cp avg.safetensors first.safetensors
		cmp avg.safetensors first.safetensors
		rm avg.safetensors
	done
done
belay-avg --plan=json ck-1/model.safetensors -o avg | jq .times.first

# One file from shards: what the files of one checkpoint each give.
for n in 1 2; do
	belay-avg -q --no-provenance --times index ck-$n -o one_$n.safetensors
done
belay-avg -q --method uniform --no-provenance one_1.safetensors one_2.safetensors -o a.safetensors
belay-avg -q --method uniform --no-provenance ck-1 ck-2 -o b.safetensors
belay-avg -q --method uniform --no-provenance ck-1 ck-2 -o - >c.safetensors
cmp a.safetensors b.safetensors
values b.safetensors 3 4
values c.safetensors 3 4
