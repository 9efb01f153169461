#!/bin/sh
# state_times.sh - times are found as before: recorded, by a pattern, by names beside the old ones
. "$data/../cli/kit/kit.sh"

fold() {
	try belay-avg -q --state "$@"
	metadata "$1" '"belay.state"' | jq -c '[.times, [.checkpoints[] | [.path, .time]]]'
}
# Recorded ones.
tensors one.safetensors @step=10 w:F32:1:1
tensors two.safetensors @step=30 w:F32:1:2
fold s1 --half-life 10 one.safetensors -o avg1.safetensors
fold s1 --half-life 10 two.safetensors -o avg1.safetensors
# By a pattern, which must stay the same.
tensors r5e7.safetensors w:F32:1:1
tensors r6e9.safetensors w:F32:1:2
fold s2 --half-life 10 --time-pattern 'r([0-9])' r5e7.safetensors -o avg2.safetensors
fold s2 --half-life 10 --time-pattern 'e([0-9])' r6e9.safetensors -o avg2.safetensors
fold s2 --half-life 10 --time-pattern 'r([0-9])' r6e9.safetensors -o avg2.safetensors
# One name alone would tell another number; those of before need not be there any more.
for n in 100 200 300; do
	tensors ckpt_$n-v2.safetensors w:F32:1:3
done
fold s3 --half-life 10 ckpt_100-v2.safetensors ckpt_200-v2.safetensors -o avg3.safetensors
rm ckpt_[12]00-v2.safetensors
fold s3 --half-life 10 ./ckpt_300-v2.safetensors -o avg3.safetensors
fold s3 --half-life 10 "$PWD/ckpt_300-v2.safetensors" -o avg3.safetensors
# Units.
tensors e_0.5.safetensors @epoch=0.5 w:F32:1:1
tensors e_1.0.safetensors @epoch=1.0 w:F32:1:2
fold s4 --half-life 1 --time-unit 0.5 e_0.5.safetensors -o avg4.safetensors
fold s4 --half-life 1 --time-unit 0.5 e_1.0.safetensors -o avg4.safetensors
# Folders and shards; the folder that is the output is replaced.
for n in 10 20; do
	shards ck-$n w:F32:2:1,2 v:F32:1:3
	echo "{\"n\": $n}" >ck-$n/config.json
done
fold s5 --half-life 10 ck-10 -o avg5
fold s5 --half-life 10 ck-20/ -o avg5
cat avg5/config.json
ls avg5
