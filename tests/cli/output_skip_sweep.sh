#!/bin/sh
# output_skip_sweep.sh - --skip-existing makes what of a sweep is missing
. "$data/../cli/kit/kit.sh"

for n in 0 1 2; do
	ln -s "$data/digits/ckpt_00${n}00.h5" .
	ln -s "$data/digits/ckpt_00${n}00.safetensors" .
done
for kind in h5 safetensors; do
	belay-avg -q --half-life 50,100,200 ckpt_*.$kind -o "avg_{half-life}.$kind"
	mv avg_100.$kind old
	try belay-avg --half-life 50,100,200 ckpt_*.$kind -o "avg_{half-life}.$kind" --skip-existing
	cmp old avg_100.$kind
	try belay-avg --half-life 50,100,200 ckpt_*.$kind -o "avg_{half-life}.$kind" --skip-existing
	cp old avg_200.$kind
	try belay-avg --half-life 50,100,200 ckpt_*.$kind -o "avg_{half-life}.$kind" --skip-existing
	cmp old avg_200.$kind
done
