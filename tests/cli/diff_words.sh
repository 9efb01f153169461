#!/bin/sh
# diff_words.sh - what sets two checkpoints apart, in words, and the exit code
. "$data/../cli/kit/kit.sh"

tensors a.safetensors @step=1 @lr=2 w:F32:2x2:1,2,3,4 bias:F32:2:0,1 gone:F32:1:1 t:F32:2:1,1 \
	s:F32:2:1,1 n:F32:3:nan,1,inf i:I32:2:7,8
tensors b.safetensors @step=2 @of=x w:F32:2x2:1,2,3,2 bias:F32:2:0,1 new:F32:1:1 t:F16:2:1,1 \
	s:F32:2x1:1,1 n:F32:3:1,nan,-inf i:I32:2:7,7
belay-diff a.safetensors b.safetensors
echo "exit $?"
echo "--- all of it"
belay-diff -v a.safetensors b.safetensors | sed '1,/^w:/d'
echo "--- the first two"
belay-diff --top 2 a.safetensors b.safetensors
echo "--- some"
belay-diff --include '[wi]' --exclude 'w' --include bias a.safetensors b.safetensors
belay-diff --include bias a.safetensors b.safetensors
echo "exit $?"
belay-diff --metadata --include bias a.safetensors b.safetensors
echo "exit $?"
belay-diff --include w --abs 2 a.safetensors b.safetensors
echo "exit $?"
belay-diff --include '[wi]' --abs 1 a.safetensors b.safetensors
echo "exit $?"
echo "--- nothing but the exit code"
belay-diff -q a.safetensors b.safetensors
echo "exit $?"
belay-diff -q a.safetensors a.safetensors
echo "exit $?"
echo "--- without tensors, without values"
tensors none.safetensors
tensors empty.safetensors e:F32:0:
belay-diff none.safetensors none.safetensors
belay-diff -v empty.safetensors empty.safetensors
belay-diff none.safetensors empty.safetensors
echo "exit $?"
