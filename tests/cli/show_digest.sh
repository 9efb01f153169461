#!/bin/sh
# show_digest.sh - a list of digests: the same for every format, and what it says with several
. "$data/../cli/kit/kit.sh"

need jq
tensors a_1.safetensors conv.bias:F32:2:1,2 conv.weight:F32:2x2:1,2,3,4 n:I32::7
tensors a_2.safetensors n:I32::8 conv.weight:F32:2x2:1,2,3,4 conv.bias:F32:2:1,-1
belay-avg -q a_1.safetensors -o b_1.h5
shards s-1 conv.bias:F32:2:1,2 conv.weight:F32:2x2:1,2,3,4 n:I32::7
# Sections stand in the order of time; formats make no difference.
belay-show --digest a_2.safetensors a_1.safetensors
for f in b_1.h5 s-1; do
	belay-show --digest "$f" | tail -n +3
done
echo "--- where there are no times, as they are given"
cp a_2.safetensors other.safetensors
belay-show --digest other.safetensors a_1.safetensors | grep -e ^checkpoint -e /
echo "--- as JSON"
belay-show --digest --json a_2.safetensors a_1.safetensors | jq -c 'keys_unsorted, .scheme,
	(.checkpoints[] | [.path, .time, .digest], .tensors[], .left_out)'
echo "--- what holds no numbers, and names that lines could not hold"
belay-show --digest "$data/cases/hdf5/valid/dtypes_other.h5" | sed 's|[^ ]*/dtypes|dtypes|'
tensors odd_1.safetensors "$(printf 'tab\\tnext\\nline'):F32:1:1" 'back\\slash:F32:1:2' \
	'x/y:F32:1:3'
belay-show --digest odd_1.safetensors
belay-show --digest --json odd_1.safetensors | jq -c '.checkpoints[].tensors[].name'
cp odd_1.safetensors "$(printf 'p/../new\nline_1.safetensors' | tr / _)"
belay-show --digest p_* | grep ^checkpoint
echo "--- a kept list is one that diff understands"
belay-show --digest a_1.safetensors a_2.safetensors >golden
cp a_1.safetensors a_2.safetensors
belay-show --digest a_1.safetensors a_2.safetensors | diff golden - | cut -c 1,35-
echo "--- the same for any number of threads, memory and instruction set"
set -- "$data"/digits/ckpt_*
belay-show --digest --threads 1 "$@" >one
belay-show --digest --threads 5 --memory 9MiB "$@" | cmp - one
BELAY_CPU=base belay-show --digest "$@" | cmp - one
grep -c '  /$' one
