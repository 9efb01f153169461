#!/bin/sh
# output_streams_all.sh - standard streams that are closed, all ways: no file gets their descriptors
. "$data/../cli/kit/kit.sh"

need strace
strace -o /dev/null true 2>/dev/null || skip "nothing can be traced here"
export ASAN_OPTIONS="${ASAN_OPTIONS-}:detect_leaks=0" # which traces, too
for n in 1 2; do
	shards ck-$n w:F32:2:$n,2 v:F32:1:$n
	cp ck-$n/model-00001-of-00002.safetensors a_$n.safetensors
	cp "$data/digits/ckpt_00${n}00.h5" .
done
belay-avg -q a_*.safetensors -o whole.safetensors
belay-avg -q ckpt_*.h5 -o whole.h5
belay-avg -q --times=index ck-* -o whole
# Runs a command with standard streams closed, and says which files got their descriptors. Before
# main() these belong to the loader.
closed() {
	case $1 in
	*0*) exec <&- ;;
	esac
	case $1 in
	*1*) exec >&- ;;
	esac
	case $1 in
	*2*) exec 2>&- ;;
	esac
	shift
	exec strace -f -o trace -e trace=open,openat,creat,socketpair,pipe2,fcntl "$@"
}
for which in 0 1 2 01 02 12 012; do
	rm -rf avg avg.*
	for kind in safetensors h5 folder show diff; do
		case $kind in
		safetensors) set -- belay-avg a_1.safetensors a_2.safetensors -o avg.safetensors ;;
		h5) set -- belay-avg ckpt_00100.h5 ckpt_00200.h5 -o avg.h5 ;;
		folder) set -- belay-avg --times=index ck-1 ck-2 -o avg ;;
		show) set -- belay-show --kernel a_1.safetensors a_2.safetensors --svg avg.svg ;;
		diff) set -- belay-diff a_1.safetensors a_1.safetensors --report avg.jsonl ;;
		esac
		(closed $which "$@") >words 2>&1
		echo "$which $kind: exit $?"
		grep -E '(open|openat|creat)\(.*= [012]$' trace |
			grep -e ', "[^/]' -e "\"$PWD" -e "\"$data" | grep -v '"/dev/null"'
		grep 'F_DUPFD.* = [012]$' trace
	done
	cmp whole.safetensors avg.safetensors
	cmp whole.h5 avg.h5
	for file in whole/*; do
		cmp "$file" "avg/${file#*/}"
	done
	tail -n 1 avg.svg
	tail -n 1 avg.jsonl | cut -c 1-18
	grep -l -e belay-avg: -e '^--- ' avg.safetensors avg.h5 avg.svg avg.jsonl || :
done
