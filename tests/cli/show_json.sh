#!/bin/sh
# show_json.sh - the list as JSON, and that its keys are those that are documented
. "$data/../cli/kit/kit.sh"

ln -s "$data/digits/ckpt_00100.h5" .
belay-show --json ckpt_00100.h5 | jq -c '.checkpoints[0].tensors[] | select(.layout == "chunked")'
belay-show --json ckpt_00100.h5 | jq -c 'keys_unsorted, (.checkpoints[0] | keys_unsorted)'
shards model a:F32:2:1,2 b:I32::7
belay-show --json model | jq -c '.checkpoints[0].tensors[]'
header=$data/../../cmd/listing.h
[ -f "$header" ] || exit 0
# Keys that the header does not know.
for f in ckpt_00100.h5 model; do
	belay-show --json $f | jq -r '.. | objects | keys[]'
done | sort -u | while read -r key; do
	grep -qE "^ \*.*[^a-z]$key([^a-z]|\$)" "$header" || echo "$key"
done | grep -v -e '^framework$' -e '^step$' || :
