#!/bin/sh
# show_digest_wrong.sh - where there are no digests
. "$data/../cli/kit/kit.sh"

tensors a_1.safetensors w:F32:1:1
try belay-show --digest
try belay-show --digest --tree a_1.safetensors
try belay-show --digest --kernel a_1.safetensors
try belay-show --digest --tsv a_1.safetensors
try belay-show --digest --half-life 3 a_1.safetensors
try belay-show --digest gone.h5
try belay-show --digest a_1.safetensors "$data/cases/hdf5/valid/filters_core.h5" 2>&1 |
	sed 's|[^ ]*/filters|filters|' >&2
try belay-show --digest a_1.safetensors >/dev/full
# Bytes that are not there any more: not a line of a list.
zeros big_1.safetensors 3
truncate -s 100000 big_1.safetensors
try belay-show --digest a_1.safetensors big_1.safetensors
