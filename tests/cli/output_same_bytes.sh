#!/bin/sh
# output_same_bytes.sh - the same bytes from two runs, from any place, at any time
. "$data/../cli/kit/kit.sh"

mkdir one two
for n in 0 1 2; do
	for kind in h5 safetensors; do
		cp "$data/digits/ckpt_00${n}00.$kind" one
		cp "$data/digits/ckpt_00${n}00.$kind" two
	done
done
touch -d 2001-01-01 one/*
for kind in h5 safetensors; do
	belay-avg -q --threads 1 --memory 2MiB one/ckpt_*.$kind -o one/avg.$kind
	(cd two && belay-avg -q --threads 3 ckpt_00200.$kind ckpt_00000.$kind ckpt_00100.$kind \
		-o a.$kind)
	BELAY_CPU=base belay-avg -q --sync no "$PWD"/two/ckpt_*.$kind -o b.$kind
	cmp one/avg.$kind two/a.$kind
	cmp one/avg.$kind b.$kind
done
