#!/bin/sh
# examples_help.sh - the commands that --help shows
. "$data/../cli/kit/kit.sh"

for n in 00 05 10; do
	ln -s "$data/digits/ckpt_0${n}00.h5" .
done
cat >sweep.yaml <<'EOF'
inputs: ckpt_*.h5
output: "{name}.h5"
runs:
  - {name: short, half-life: 100}
  - {name: mean, method: uniform}
EOF
belay-avg --help | sed -n 's/^  belay-avg/belay-avg/p' >commands
run_commands
others -e ckpt_ -e words -e commands -e yaml
