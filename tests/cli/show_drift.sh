#!/bin/sh
# show_drift.sh - how far a real run moved, in words, tables and a picture of characters
. "$data/../cli/kit/kit.sh"

ln -s "$data"/digits/ckpt_* .
belay-show --drift ckpt_*.h5
for file in h5 safetensors; do
	belay-show --drift --skip '*running*' --method uniform ckpt_*.$file | tr / . >$file
done
cmp h5 safetensors
echo
COLUMNS=120 belay-show --drift --skip '*running*' --method uniform ckpt_*.h5
echo
COLUMNS=40 belay-show --drift ckpt_00[0-3]*.h5 | tail -n 38
