#!/bin/sh
# input_address_space.sh - a limit on the memory of processes: it is said, or the average is whole
. "$data/../cli/kit/kit.sh"

nm -D "$(command -v belay-avg)" 2>/dev/null | grep -q __asan_init &&
	skip "a sanitizer takes all addresses that there are"
for n in 1 2; do
	zeros a_$n.safetensors 8
	ln -s "$data/digits/ckpt_00${n}00.h5" .
done
# Runs a command with more and more memory: it says that this is too little, or is done.
within() {
	title=$1 refused=0
	shift
	for mib in $(seq 8 2 64) 96 128 256 512; do
		(
			ulimit -S -v $((mib * 1024))
			exec "$@" >words 2>&1
		)
		code=$?
		case $code:$(cat words) in
		127:* | 0:*) ;; # 127: too little for the loader
		5:*memory*) refused=1 ;;
		*) echo "$title, $mib MiB: exit $code, $(cat words)" ;;
		esac
		find . -name '*.belay-tmp'
	done
	echo "$title: exit $code"
}
within safetensors belay-avg -qf a_1.safetensors a_2.safetensors -o avg.safetensors
echo "refused: $refused"
within HDF5 belay-avg -qf ckpt_00100.h5 ckpt_00200.h5 -o avg.h5
within gzip belay-avg -qf --compression gzip:4 ckpt_00100.h5 ckpt_00200.h5 -o avg.h5
within show belay-show ckpt_00100.h5
within diff belay-diff -q ckpt_00100.h5 ckpt_00100.h5
