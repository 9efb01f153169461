#!/bin/sh
# plan_json.sh - the plan as JSON
. "$data/../cli/kit/kit.sh"

need jq
for n in 000 025 050 100 150 200; do
	ln -s "$data/digits/ckpt_00$n.h5" .
done
belay-avg --plan=json --method ema,spring,belay,uniform ckpt_*.h5 -o 'avg_{method}.h5' >plan.json
holds() {
	echo "$1: $(jq -e "$2" plan.json)"
}
holds schema '.schema == 1'
holds order '[.checkpoints[].time] == [0, 25, 50, 100, 150, 200]'
holds times '.times | .from == "key" and .key == "step" and .first == 0 and .last == 200'
holds outputs '[.outputs[].path] ==
	["avg_ema.h5", "avg_spring.h5", "avg_belay.h5", "avg_uniform.h5"]'
holds weights '(.weights | length) == 4 and ([.weights[] | length] | unique) == [6]'
holds sums '[.weights[] | add - 1 | fabs] | max < 1e-15'
holds sums 'all(.outputs[]; (.sum - 1 | fabs) < 1e-15)'
holds uniform '(.weights[3] | unique) == [1 / 6]'
holds bytes '.run | .read_bytes == 6 * 39304 and .written_bytes == 4 * 39304'
holds sizes '[.checkpoints[].size] | all(. > 55000 and . < 57000)'
holds tensors '.tensors == {count: 12, averaged: 11, copied: 1, aliases: 0,
	skipped: 0, partial: 0}'
holds first '[.outputs[].first_share] == [.weights[][0]]'
holds warnings '[.outputs[].warnings | length] == [0, 0, 0, 0]'
belay-avg --plan=json --half-life 5 ckpt_*.h5 -o avg.h5 | jq '.outputs[].warnings'
others ckpt_
