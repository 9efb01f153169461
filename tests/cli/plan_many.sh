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
# What would not fit is said before it is made.
try belay-avg --plan --half-life 1:100:10000 --memory 10MiB ckpt_*.safetensors \
	-o 'avg_{half-life}.safetensors' 2>&1 |
	sed '1d; s/take [0-9.]*/take */'
try belay-avg --plan --half-life 1:100:10000 --memory 64MiB --tensor-option 'bn*:decay=0.5' \
	--tensor-option 'conv*:decay=0.6' --tensor-option 'fc*:decay=0.7' \
	ckpt_*.safetensors -o 'avg_{half-life}.safetensors' 2>&1 |
	sed '1d; s/take [0-9.]*/take */'
