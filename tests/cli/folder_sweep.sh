#!/bin/sh
# folder_sweep.sh - several folders in one run, and those that are there already
. "$data/../cli/kit/kit.sh"

shards ck-1 a:F32:1:1 b:F32:1:2
shards ck-2 a:F32:1:3 b:F32:1:4
echo config >ck-2/config.json
sweep() {
	try belay-avg --half-life 1,2 ck-* -o 'avg_{half-life}' "$@"
}
sweep -q
ls avg_1 avg_2
cmp avg_1/model-00001-of-00002.safetensors avg_2/model-00001-of-00002.safetensors
stat -c %i avg_1 >before
sweep --skip-existing
stat -c %i avg_1 | cmp - before
rm -r avg_2
sweep -q --skip-existing
stat -c %i avg_1 | cmp - before
ls avg_2
rm avg_1/model-00002-of-00002.safetensors
sweep --skip-existing
sweep -q -f
ls avg_1

# All or none.
mkdir avg_2/more
sweep -q -f
echo other >avg_1/config.json
sweep -q -f
cat avg_1/config.json
ls -A
