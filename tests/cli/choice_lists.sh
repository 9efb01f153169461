#!/bin/sh
# choice_lists.sh - inputs that files name: --files-from and --files0-from
. "$data/../cli/kit/kit.sh"

need jq
for n in 1 2 3 4; do
	tensors a_$n.safetensors w:F32:2:1,2
done
order() {
	printf '$ %s\n' "$*" >&2
	belay-avg --plan=json "$@" -o avg.safetensors |
		jq -c 'select(.checkpoints) | [.checkpoints[].path]'
}

printf '%s\n' a_2.safetensors '' a_1.safetensors >lines
printf 'a_4.safetensors\0a_3.safetensors' >zeros
order --files-from lines
order --files-from=lines --files0-from zeros --times=index
order --files0-from - a_2.safetensors --times=index <zeros
cat lines | order --files-from=-
order --files0-from zeros --last 1
belay-show --json --files-from lines --last 1 | jq -c '[.checkpoints[].path]'

# Nothing in a path has a meaning.
odd='#a "*"
 1.yaml'
cp a_1.safetensors "$odd"
find . -name '*.yaml' -print0 >odds
order --files0-from odds a_2.safetensors --times=index
printf '%s\n' '#1.yaml' a_2.safetensors >odds
cp a_1.safetensors '#1.yaml'
order --files-from odds --times=index

# What is no list.
order --files-from zeros
printf 'a_1.safetensors\0\0' >bad
order --files0-from bad
order --files-from gone
order --files-from .
order --files-from /dev/null a_1.safetensors
order --files0-from - </dev/null
printf 'a_1.safetensors\ngone.safetensors\n' >bad
order --files-from bad
printf 'a_1.safetensors\r\n' >bad
order --files-from bad
order --files-from lines a_1.safetensors
order --files-from - --files0-from -
order --files-from - --method weights --weights -
belay-avg --files-from gone -o avg.safetensors --json 2>/dev/null |
	jq -c 'select(.event == "result") | [.status, .file, .message]'
try belay-show --kernel --files-from gone
try belay-show --files-from - --metrics - --best 1:min </dev/null
try belay-show --kernel --time-list 1,2,3 --files-from lines

# In a recipe: the list and its paths are seen from the folder of the recipe.
mkdir runs
mv a_* lines zeros runs
cat >runs/r.yaml <<'END'
inputs: a_3*
files-from: lines
every: 2
output: avg.safetensors
END
order runs/r.yaml
order runs/r.yaml --every 1 --last 1
belay-avg --print-recipe runs/r.yaml
order runs/r.yaml runs/a_4.safetensors --every=1
printf 'runs/a_4.safetensors\nruns/a_3.safetensors\n' >mine
order runs/r.yaml --files-from mine
belay-avg --print-recipe runs/r.yaml --files-from mine | tee again.yaml
belay-avg --print-recipe again.yaml | cmp - again.yaml
cat >runs/wrong.yaml <<'END'
inputs: a_*
first-time: 7
best: 3
runs:
  - {name: x, last: 3}
END
order runs/wrong.yaml
sed -i '/^runs/,$d; /^best/d' runs/wrong.yaml
order runs/wrong.yaml
printf 'files-from: "-"\n' >stdin.yaml
order stdin.yaml <mine
order --recipe - <stdin.yaml
ls -A
