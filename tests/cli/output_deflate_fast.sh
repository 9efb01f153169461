#!/bin/sh
# output_deflate_fast.sh - libdeflate writes the same values in other bytes, and is recorded
. "$data/../cli/kit/kit.sh"
need h5diff
grep -q '^#define HAVE_LIBDEFLATE' "$top_builddir/config.h" || skip 'libdeflate is not here'

cp "$data/digits/ckpt_00100.h5" "$data/digits/ckpt_00200.h5" .
set -- ckpt_00100.h5 ckpt_00200.h5
try belay-avg -q --no-provenance "$@" -o zlib.h5
try belay-avg -q --no-provenance --deflate fast "$@" -o fast.h5
h5diff zlib.h5 fast.h5
cmp -s zlib.h5 fast.h5 || echo other bytes
try belay-avg -q --deflate=fast "$@" -o avg.h5
belay-show --recipe avg.h5 >avg.yaml
grep deflate avg.yaml
try belay-avg -q avg.yaml -o again.h5
cmp avg.h5 again.h5 && echo the same file
try belay-avg -q --deflate fast "$data/cases/safetensors/valid/all_22_dtypes.safetensors" -o no
ls
