#!/bin/sh
# plan_text.sh - the plan as text
. "$data/../cli/kit/kit.sh"

for n in 000 025 050 100 150 200; do
	ln -s "$data/digits/ckpt_00$n.h5" .
done
plan() {
	belay-avg --threads 1 ckpt_*.h5 "$@" | sed -E 's/^(memory +).*/\1*/; s/, .* free$/, * free/'
	others ckpt_
}
plan --plan -o avg.h5
plan -n -o avg.h5 --method belay --half-life 20%
plan --plan=text -o avg.h5 --method spring --damping 0.5 --half-life 15
plan --plan -o avg.h5 --method window --window 3ckpt
plan --dry-run --method ema,uniform -o '{method}.h5'
