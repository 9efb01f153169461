#!/bin/sh
# input_descriptors_many.sh - 200 checkpoints of every kind where 64 files may be open at once
. "$data/../cli/kit/kit.sh"

ulimit -n 64
for n in $(seq 100 299); do
	cp "$data/digits/ckpt_00100.safetensors" a_$n.safetensors
	cp "$data/digits/ckpt_00100.h5" a_$n.h5
	cp -r "$data/cases/safetensors/valid/sharded_ok" ck-$n
done
# All are the same, and so is their mean.
mean() {
	output=$1
	shift
	belay-avg -q --method uniform --times=index "$@" -o "$output"
	echo "$# checkpoints: exit $?"
	belay-diff -q "$1" "$output"
	echo "the same: exit $?"
}
mean avg.safetensors a_*.safetensors
mean avg.h5 a_*.h5
mean avg ck-*
mean both.safetensors a_*.safetensors a_*.h5
