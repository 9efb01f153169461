#!/bin/sh
# plan_many.sh - the plan of many checkpoints and outputs is not long
. "$data/../cli/kit/kit.sh"

ln -s "$data"/digits/ckpt_*.safetensors .
belay-avg --threads 1 --plan --half-life 50:500:10 ckpt_*.safetensors \
	-o 'avg_{half-life}.safetensors' |
	sed -E 's/^(memory +).*/\1*/; s/, .* free$/, * free/' >plan
sed -n '1,38p' plan
wc -l <plan
awk 'length > 80' plan
