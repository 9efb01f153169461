#!/bin/sh
# show_recipe.sh - the recipe of an average makes it again
. "$data/../cli/kit/kit.sh"

for n in 000 025 050; do
	ln -s "$data/digits/ckpt_00$n.h5" .
done
belay-avg -q --method belay --half-life 40 ckpt_*.h5 -o avg.h5
belay-show --recipe avg.h5 | tee again.yaml
belay-avg -q again.yaml -o again.h5
cmp avg.h5 again.h5
belay-show --recipe --json avg.h5 | jq -c '.method, .settings'
try belay-show --recipe ckpt_00000.h5
try belay-show --recipe avg.h5 again.h5
tensors made.safetensors '@belay={' w:F32:1:1
try belay-show --recipe made.safetensors
# An average is none of the checkpoints of another one, but it can be looked at.
belay-show avg.h5 | sed -n 2p
try belay-show --kernel ckpt_*.h5 avg.h5
