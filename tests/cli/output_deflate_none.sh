#!/bin/sh
# output_deflate_none.sh - libdeflate is refused where belay was built without it
. "$data/../cli/kit/kit.sh"
grep -q '^#define HAVE_LIBDEFLATE' "$top_builddir/config.h" && skip 'libdeflate is here'

try belay-avg -q --deflate fast "$data/digits/ckpt_00100.h5" -o no.h5
ls
