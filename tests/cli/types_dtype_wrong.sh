#!/bin/sh
# types_dtype_wrong.sh - types that cannot be had, values that do not fit
. "$data/../cli/kit/kit.sh"
. "$data/../cli/kit/types.sh"

file a_1.safetensors - w:F32:2:0000803fffef7f47 i:U8:1:05
try belay-avg -q --dtype f8 a_1.safetensors -o b.safetensors
try belay-avg -q --dtype f32,f16 a_1.safetensors -o b.safetensors
try belay-avg -q --dtype F16 a_1.safetensors -o b.safetensors
# 65519.996 is the largest value, 65520 is too large.
try belay-avg -q --dtype f16 --no-provenance a_1.safetensors -o fits.safetensors
look fits.safetensors
file a_1.safetensors - w:F32:2:0000803f00f07f47 i:U8:1:05
try belay-avg -q --dtype f16 a_1.safetensors -o b.safetensors
try belay-avg --dtype f16 --nonfinite keep --no-provenance a_1.safetensors -o b.safetensors 2>said
sed -n 's/^[0-9]* result.*/&/p' said
look b.safetensors
ls -A
# An HDF5 file that has the type already is cloned.
h5=$data/keras/ckpt_1.weights.h5
try belay-avg -q --dtype f32 --no-provenance "$h5" -o c.h5
belay-avg -q --no-provenance "$h5" -o d.h5
cmp c.h5 d.h5
