#!/bin/sh
# times_many.sh - the table of times ends after ten
. "$data/../cli/kit/kit.sh"

for n in a b c d e f g h i j k l m; do
	tensors $n.safetensors w:F32:2:1,2
done
try belay-avg ./?.safetensors -o avg.safetensors
