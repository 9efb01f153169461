#!/bin/sh
# diff_tolerance.sh - which values are the same under which tolerance, as exit codes
. "$data/../cli/kit/kit.sh"

# Compares two values, a and b, in a tensor each.
pair() {
	tensors a.safetensors "x.w:$1:1:$2" same:F32:1:1
	tensors b.safetensors "x.w:$1:1:$3" same:F32:1:1
	shift 3
	belay-diff -q "$@" a.safetensors b.safetensors
	echo "$? $*"
}
echo "--- 1, and 2"
pair F32 1 2
pair F32 1 2 --abs 1
pair F32 1 2 --abs 0.99
pair F32 1 2 --rel 0.5
pair F32 1 2 --rel 0.49
pair F32 1 2 --rel 0.25 --abs 0.5
pair F32 1 2 --ulp 8388608
pair F32 1 2 --ulp 8388607
pair F32 1 2 --ulp 8388607 --abs 1
echo "--- 2, and 1"
pair F32 2 1 --rel 0.5
pair F32 2 1 --rel 1
echo "--- rules"
pair F32 1 2 --tensor-option 'x*:abs=1'
pair F32 1 2 --tensor-option 'x*:abs=0.5' --tensor-option 'x*:rel=0.25'
pair F32 1 2 --tensor-option 'x*:abs=0.5' --tensor-option '*:abs=1'
pair F32 1 2 --tensor-option '*same:abs=0.5' --tensor-option '*:abs=1'
pair F32 1 2 --abs 1 --tensor-option 'x*:exact=true'
pair F32 1 2 --abs 1 --tensor-option 'x*:abs=0.1'
pair F32 1 2 --abs 1 --tensor-option 'x*:rel=0'
pair F32 1 2 --tensor-option 'x*:ulp=8388608'
echo "--- what is not finite"
pair F32 nan nan
pair F32 nan 1 --abs 10 --rel 10 --ulp 9007199254740991
pair F32 inf inf --abs 1
pair F32 inf -inf --abs 1e300 --rel 1e300
pair F32 inf 1 --abs 1e300 --rel 1e300
echo "--- whole numbers"
pair I32 7 8
pair I32 7 8 --ulp 1
pair I32 7 8 --abs 0.5
pair I32 7 8 --rel 0.125
echo "--- two types"
tensors a.safetensors w:F32:2:1,-1
tensors b.safetensors w:F16:2:1,1
tensors c.safetensors w:F16:1:1
for options in '' '--abs 2' '--any-type' '--any-type --abs 2' '--any-type --ulp 9'; do
	# shellcheck disable=SC2086 # words
	belay-diff -q $options a.safetensors b.safetensors
	echo "$? $options"
done
tensors a.safetensors w:F32:1:1
belay-diff --any-type a.safetensors c.safetensors
belay-diff a.safetensors c.safetensors
