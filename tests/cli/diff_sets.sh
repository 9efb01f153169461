#!/bin/sh
# diff_sets.sh - belay-diff --sets: pairs by time, one verdict
. "$data/../cli/kit/kit.sh"

need jq
diff() {
	printf '$ belay-diff %s\n' "$*"
	belay-diff "$@" 2>&1
	echo "exit $?"
}
mkdir old new late
for n in 9 10 100; do
	tensors old/ckpt_$n.safetensors w:F32:2:1,2 v:F32:1:3
	tensors new/step-$n.safetensors w:F32:2:1,2 v:F32:1:3
done
echo "--- all the same, whatever the names' order"
diff --sets 'old/*' 'new/*'
diff --sets old new/
diff -q --sets old new
echo "--- one differs"
tensors new/step-10.safetensors w:F32:2:1,3 v:F32:1:3
diff --sets old new
diff --sets --verbose old 'new/step-10*'
diff -q --sets old new
diff --abs 1 --sets old new
echo "--- times of one side"
tensors new/step-10.safetensors w:F32:2:1,2 v:F32:1:3
mv old/ckpt_9.safetensors late/
mv new/step-100.safetensors late/
diff --sets old new
echo "--- none in common"
diff --sets old 'late/step*'
echo "--- in other words"
mkdir a b
for n in x y; do
	tensors a/$n.safetensors w:F32:1:1
	tensors b/$n.safetensors w:F32:1:1
done
diff --sets a b
diff --sets --times=index a b
diff --sets a/x.safetensors b/y.safetensors
echo "--- a folder of folders, and a folder that is one checkpoint"
mkdir -p c/checkpoint-1 c/checkpoint-2 c/logs d
tensors c/checkpoint-1/model.safetensors w:F32:1:1
tensors c/checkpoint-2/model.safetensors w:F32:1:2
: >c/notes.txt
tensors d/model-00001-of-00001.safetensors w:F32:1:1
echo '{"metadata":{"total_size":4},"weight_map":{"w":"model-00001-of-00001.safetensors"}}' \
	>d/model.safetensors.index.json
diff --sets c c
diff --sets d d
echo "--- events"
tensors old/ckpt_10.safetensors w:F32:2:1,3 v:F32:1:3
belay-diff --sets old new --json |
	jq -c 'if .event == "result" then [.status, .exit_code, (.counts | [.pairs,
		.differing_pairs, .alone, .tensors, .differ])] else [.event, .time, .status,
		.path // .a.path // .name] end'
echo "--- what cannot be read"
head -c 20 old/ckpt_10.safetensors >old/ckpt_200.safetensors
diff --sets old new --report r.json | sed 's/: [^:]*$//'
tail -n 1 r.json | jq -c '[.status, .exit_code, .file]'
echo "--- usage"
diff --sets old/*
diff --sets old 'gone/*'
mkdir empty
diff --sets old empty
diff --sets --report r.tsv old new
diff --times=index old new
diff --time-unit 2 old new
