#!/bin/sh
# output_is_any_input.sh - an output that is an input of any kind, by any way there
. "$data/../cli/kit/kit.sh"

mkdir here
for n in 1 2; do
	shards here/ck-$n w:F32:2:$n,2 v:F32:1:$n
	tensors here/a_$n.safetensors w:F32:2:$n,2
	cp "$data/digits/ckpt_00${n}00.h5" here
done
ln -s here there
ln here/ckpt_00100.h5 hard.h5
ln here/ck-1/model-00001-of-00002.safetensors shard.safetensors
find here -type f -exec cksum {} + | sort >before
average() {
	printf '$ belay-avg %s\n' "$*" >&2
	belay-avg -qf "$@"
	echo "exit $?" >&2
	find here -type f -exec cksum {} + | sort | cmp - before
}
average here/ckpt_*.h5 -o here/ckpt_00100.h5
average here/ckpt_*.h5 -o there/ckpt_00200.h5
average here/ckpt_*.h5 -o there/../here/./ckpt_00200.h5
average here/ckpt_*.h5 -o "$PWD/here/ckpt_00200.h5"
average here/ckpt_*.h5 -o hard.h5
average --format=safetensors here/ckpt_*.h5 -o hard.h5
average --times=index here/ck-1 here/ck-2 -o there/ck-1
average --times=index here/ck-1 here/ck-2 -o here
average --times=index here/ck-1 here/ck-2 -o shard.safetensors
average --times=index here/ck-1/*.json here/ck-2/*.json \
	-o here/ck-1/model-00002-of-00002.safetensors
average here/a_*.safetensors -o a.safetensors --state there/a_1.safetensors
average here/a_*.safetensors -o a.safetensors --report there/a_1.safetensors
average here/a_*.safetensors -o there/a_2.safetensors --skip-existing
average --half-life 1,2 here/a_*.safetensors -o 'there/a_{half-life}.safetensors'
echo "$PWD/here/a_1.safetensors" >list
average --files-from list -o there/a_1.safetensors
ls -A
