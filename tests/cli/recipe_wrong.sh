#!/bin/sh
# recipe_wrong.sh - where a recipe is wrong, and how
. "$data/../cli/kit/kit.sh"

tensors a_1.safetensors w:F32:2:1,2
tensors a_2.safetensors w:F32:2:3,4
with() {
	cat >r.yaml
	echo "---" >&2
	cat r.yaml >&2
	belay-avg r.yaml
	echo "exit $?" >&2
}
with <<'EOF'
inputs: a_*.safetensors
output: avg.safetensors
half-lief: 5
EOF
with <<'EOF'
inputs: a_*.safetensors
output: avg.safetensors
half-life: 5
threads: two
half-life: 6
EOF
with <<'EOF'
inputs: a_*.safetensors
output: "{name}.safetensors"
half-life: [1,
  5e99]
EOF
with <<'EOF'
inputs: a_*.safetensors
output: "{name}.safetensors"
runs:
  - {name: one}
  - {name: one, half-life: 6}
EOF
with <<'EOF'
inputs: a_*.safetensors
runs:
  - {name: one, output: a.safetensors}
  - {name: two}
EOF
# What the plan refuses is where it was said, too.
with <<'EOF'
inputs: a_*.safetensors
output: "{name}.safetensors"
runs:
  - {name: one, half-life: 6}
  - {name: two, kappa: 3.5}
EOF
with <<'EOF'
inputs: a_*.safetensors
output: "{name}.safetensors"
gain: 2
runs:
  - {name: one}
  - {name: two, method: uniform}
EOF
with <<'EOF'
inputs: a_*.safetensors
output: avg.safetensors
half-life: 5
decay: 0.5
EOF
with <<'EOF'
inputs: a_*.safetensors
output: avg.safetensors
copy-from: 3
EOF
with <<'EOF'
inputs: a_*.safetensors
output: avg.safetensors
compression: gzip
EOF
with <<'EOF'
inputs: [a_*.safetensors, "b_[12].safetensors"]
output: avg.safetensors
EOF
with <<'EOF'
inputs: [a_*.safetensors, none/*.safetensors]
output: avg.safetensors
EOF
with <<'EOF'
inputs: [a_*.safetensors, a_1.safetensors]
output: avg.safetensors
EOF
with <<'EOF'
inputs: a_3.safetensors
output: avg.safetensors
EOF
with <<'EOF'
output: avg.safetensors
EOF
with <<'EOF'
inputs: a_*.safetensors
tensors:
  - {match: w, threads: 3}
EOF
printf 'inputs: a_*.safetensors\n\toutput: avg\n' | with
printf 'inputs: "a_*.safetensors' | with
mkdir folder.yaml
try belay-avg folder.yaml
try belay-avg none.yml
ls
