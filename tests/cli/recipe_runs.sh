#!/bin/sh
# recipe_runs.sh - 20 runs of 3 methods in one recipe: each makes what it makes alone
. "$data/../cli/kit/kit.sh"

mkdir runs made
for n in 00 02 04 06 08 10; do
	cp "$data/digits/ckpt_0${n}00.safetensors" runs
done
cat >sweep.yaml <<'EOF'
# Twenty averages of three methods.
inputs: runs/ckpt_*.safetensors
output: made/{name}_{index}.safetensors
half-life: [100, 10%]
tensors:
  - {match: "*.bias", copy: true}
  - {match: "*num_batches*", skip: true}
runs:
  - {name: ema, half-life: "100:400:log7"}
  - &belay {name: belay, method: belay, mass-ratio: [0.5, 1, 2]}
  - {<<: *belay, name: held, hold: right, mass-ratio: 1}
  - {name: decay, decay: [0.9, 0.99, 0.999]}
  - {name: mean, method: uniform}
  - {name: free, method: belay, half-life: 300}
EOF
try belay-avg --check sweep.yaml 2>words
grep -o '^20 outputs: 6 checkpoints' words
grep -c 'agree with the replay' words
sed -n 's/^\(made[^:]*: .*\)/\1/p' words
try belay-avg --plan=json sweep.yaml -f | grep '"read_bytes"'
ls -l runs | awk '/ckpt/ { n += $5 } END { print n }'

alone() {
	made=$1
	shift
	belay-avg -q --copy '*.bias' --skip '*num_batches*' runs/*.safetensors -o alone "$@"
	tail -c +9 alone | tail -c +"$(($(od -An -tu8 -N8 alone) + 1))" >a
	tail -c +9 "made/$made" | tail -c +"$(($(od -An -tu8 -N8 "made/$made") + 1))" >b
	cmp a b && rm alone
}
alone ema_0.safetensors --half-life 100
alone ema_6.safetensors --half-life 400
alone belay_7.safetensors --method belay --half-life 100 --mass-ratio 0.5
alone belay_12.safetensors --method belay --half-life 10% --mass-ratio 2
alone held_13.safetensors --method belay --half-life 100 --hold right
alone decay_17.safetensors --decay 0.999
alone mean_18.safetensors --method uniform
alone free_19.safetensors --method belay --half-life 300
