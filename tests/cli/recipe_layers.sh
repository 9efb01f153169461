#!/bin/sh
# recipe_layers.sh - what a recipe says, what its runs say, and what the command line says
. "$data/../cli/kit/kit.sh"

tensors a_1.safetensors w:F32:2:1,2 b:F32::1
tensors a_2.safetensors w:F32:2:3,4 b:F32::3
mkdir folder
cat >folder/r.yaml <<'EOF'
inputs: ../a_*.safetensors
output: '{name}.safetensors'
half-life: 5
quiet: true
copy: b
runs:
  - {name: one, decay: 0.5}
  - {name: two, method: spring, hold: left}
EOF
seen() {
	printf '$ %s\n' "$*"
	belay-avg "$@" --print-recipe 2>&1 || echo "exit $?"
}
seen folder/r.yaml
seen --kappa 0.25 folder/r.yaml
seen folder/r.yaml --half-life 1:2:3 -o 'x_{half-life}_{name}'
seen folder/r.yaml --method uniform --average 'b*' --skip w a_2.safetensors
seen --recipe folder/r.yaml a_2.safetensors a_1.safetensors
seen --recipe=folder/r.yaml folder/r.yml
seen a_1.safetensors -o a.safetensors
try belay-avg folder/r.yaml
try belay-avg folder/r.yaml -f -o 'here_{name}.safetensors'
try belay-avg folder/r.yaml --name both -f
try belay-avg --half-life 3 folder/r.yaml --method uniform -o 'x_{name}'
try belay-avg --recipe - <folder/r.yaml
try belay-avg --recipe - a_1.safetensors a_2.safetensors <folder/r.yaml
(cd folder && try belay-avg --recipe - -f <r.yaml)
try belay-avg folder/R.YAML
try belay-avg a_1.safetensors --recipe a_1.safetensors
try belay-avg --recipe '' a_1.safetensors
try belay-avg --recipe . a_1.safetensors
ls folder
ls
