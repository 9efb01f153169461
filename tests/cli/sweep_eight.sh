#!/bin/sh
# sweep_eight.sh - eight averages in one read are the same as one at a time
. "$data/../cli/kit/kit.sh"

need jq
for n in 0 1 2 3 4 5; do
	ln -s "$data/digits/ckpt_00${n}00.safetensors" .
	ln -s "$data/digits/ckpt_00${n}00.h5" .
done
read_bytes() {
	belay-avg --plan=json "$@" | jq -c '[.run.read_bytes, .run.written_bytes]'
}
for kind in safetensors h5; do
	try belay-avg -q --half-life 50:400:log8 ckpt_*.$kind -o "avg_{index}.$kind"
	read_bytes --half-life 50:400:log8 ckpt_*.$kind -o "b_{index}.$kind"
	read_bytes --half-life 50 ckpt_*.$kind -o b.$kind
	belay-avg -q --half-life 50 ckpt_*.$kind -o first.$kind
	belay-avg -q --half-life 400 ckpt_*.$kind -o last.$kind
	cmp first.$kind avg_0.$kind
	cmp last.$kind avg_7.$kind
done
find . -name 'avg_*' | wc -l
