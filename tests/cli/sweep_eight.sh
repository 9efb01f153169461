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
lengths=50,70,100,130,180,240,300,400
for kind in safetensors h5; do
	try belay-avg -q --half-life $lengths ckpt_*.$kind -o "avg_{index}.$kind"
	read_bytes --half-life $lengths ckpt_*.$kind -o "b_{index}.$kind"
	read_bytes --half-life 50 ckpt_*.$kind -o b.$kind
	index=0
	for length in $(echo $lengths | tr , ' '); do
		belay-avg -q --half-life $length ckpt_*.$kind -o alone_$index.$kind
		cmp alone_$index.$kind avg_$index.$kind
		index=$((index + 1))
	done
done
find . -name 'avg_*' | wc -l
