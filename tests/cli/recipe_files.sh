#!/bin/sh
# recipe_files.sh - files of weights and profiles in recipes: where they are, and that there is one
. "$data/../cli/kit/kit.sh"

need jq

tensors a_1.safetensors w:F32:2:1,2
tensors a_2.safetensors w:F32:2:3,4
mkdir folder
printf '1\t0.25\n2\t0.75\n' >folder/w.tsv
printf '1\t0.5\n2\t0.5\n' >other.tsv
cat >folder/r.yaml <<'EOF'
inputs: ../a_*.safetensors
output: "{name}.safetensors"
runs:
  - {name: ema, half-life: 1}
  - &w {name: w, method: weights, weights: w.tsv}
  - {<<: *w, name: also, weights: ../folder/w.tsv}
EOF
try belay-avg folder/r.yaml
sed 's|../folder/w.tsv|w.tsv|' folder/r.yaml >folder/s.yaml
try belay-avg -q folder/s.yaml
for name in w also; do
	values folder/$name.safetensors 2 4
	metadata folder/$name.safetensors belay | jq -c .settings
done
try belay-avg -q folder/s.yaml --weights other.tsv -f
try belay-avg -q folder/s.yaml --weights other.tsv --method weights -f
values folder/ema.safetensors 2 4
cat >folder/t.yaml <<'EOF'
inputs: ../a_*.safetensors
output: "{name}.safetensors"
method: weights
weights: w.tsv
normalize: true
tensors:
  - {match: w, method: uniform}
runs:
  - {name: one, normalize: false}
  - {name: two, method: window, window: 1ckpt}
EOF
try belay-avg --print-recipe folder/t.yaml
# Profiles of snapshots, too: those of one file, for all runs that have it.
printf '1\tdecay=0.5\n2\tdecay=0.75\n' >folder/p.tsv
printf '1\tdecay=0.5\n2\tdecay=0.5\n' >folder/q.tsv
cat >folder/u.yaml <<'EOF'
inputs: ../a_*.safetensors
output: "{name}.safetensors"
method: posthoc
runs:
  - {name: near, decay: 0.75, profiles: p.tsv}
  - {name: far, decay: 0.6, profiles: ../folder/p.tsv}
EOF
try belay-avg -q folder/u.yaml
sed 's|../folder/p.tsv|q.tsv|' folder/u.yaml >folder/v.yaml
try belay-avg -q folder/v.yaml
sed 's|../folder/p.tsv|p.tsv|' folder/u.yaml >folder/w.yaml
try belay-avg -q folder/w.yaml
for name in near far; do
	values folder/$name.safetensors 2 4
	metadata folder/$name.safetensors belay | jq -c .settings
done
# A run without one does not get that of another.
sed 's|, profiles: ../folder/p.tsv||' folder/u.yaml >folder/x.yaml
try belay-avg -q folder/x.yaml -f
# And the state.
cat >folder/g.yaml <<'EOF'
inputs: ../a_*.safetensors
output: g.safetensors
half-life: 1
state: g.state
EOF
try belay-avg -q folder/g.yaml
tensors a_3.safetensors w:F32:2:1,2
try belay-avg -q folder/g.yaml
[ -e g.state ] || ls folder/*.state
