#!/bin/sh
# show_drift_numbers.sh - distances as TSV and JSON, of numbers that can be checked by hand
. "$data/../cli/kit/kit.sh"

# a goes 1, 2, 4: moves of 1 and 2, straight on. b goes to and fro. The mean of the last two is
# (3, 0.5). The model moves by sqrt(2) and sqrt(5), with a product of 2 - 1.
odd=$(printf 'b\\tc')
tensors m_1.safetensors a:F32:1:1 "$odd:F32:1:0" i:I32:1:7
tensors m_2.safetensors a:F32:1:2 "$odd:F32:1:1" i:I32:1:8
tensors m_3.safetensors a:F32:1:4 "$odd:F32:1:0" i:I32:1:8
set -- --drift --method window --window 2ckpt m_1.safetensors m_2.safetensors m_3.safetensors
belay-show --tsv "$@"
belay-show --json "$@" | jq -c '.times, .checkpoints, .left_out, .model, .tensors[]'
belay-show --json "$@" | jq -c 'keys_unsorted, .average.method, .average.weights'
belay-show --tsv --skip a "$@" | cut -f 1,2,5-
# What is not finite is left out, and counted.
tensors n_1.safetensors w:F32:3:1,2,inf
tensors n_2.safetensors w:F32:3:nan,3,inf
tensors n_3.safetensors w:F32:3:4,3,inf
belay-show --drift --tsv n_*.safetensors | cut -f 1,5-
belay-show --drift n_*.safetensors | grep -v '[|+]'
# One checkpoint, two, and such as do not move.
belay-show --drift n_1.safetensors
belay-show --drift m_1.safetensors m_2.safetensors
cp m_1.safetensors s_1.safetensors
cp m_1.safetensors s_2.safetensors
cp m_1.safetensors s_3.safetensors
belay-show --drift s_*.safetensors
belay-show --drift --svg s.svg s_*.safetensors
belay-show --drift --svg t.svg n_1.safetensors
grep -c 'nan\|inf' s.svg t.svg
# More tensors than are listed, and a table of the widest names.
many=''
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23; do
	many="$many layers_with_a_long_name.that_goes_on.n$i:F32:1:"
done
# shellcheck disable=SC2046,SC2086 # words
tensors l_1.safetensors $(echo $many | sed 's/: /:1 /g; s/:$/:1/')
# shellcheck disable=SC2046,SC2086 # words
tensors l_2.safetensors $(echo $many | sed 's/: /:2 /g; s/:$/:3/')
belay-show --drift l_*.safetensors | tail -n 22 | sed -n '1,3p; 20,$p'
belay-show --drift --svg - l_*.safetensors | grep -o '[0-9]* more, which move less'
