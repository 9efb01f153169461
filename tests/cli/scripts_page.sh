#!/bin/sh
# scripts_page.sh - the scripts of the manual, over 30 runs of which five are broken
. "$data/../cli/kit/kit.sh"
unset MAKEFLAGS MAKELEVEL MFLAGS # of the make that runs this test

need jq make bash
page=$data/../../man/belay-scripts.7
[ -f "$page" ] || skip "the manual is not here"

# The literal blocks, a file for each.
awk '
	/^\.Ed/ { literal = 0 }
	literal { print > file }
	/^\.Bd -literal/ { literal = 1; file = sprintf("block_%02d", ++n) }
' "$page"
sed -i 's/\\-/-/g; s/\\e/\\/g; s/\\&//g' block_*
# The block with this text; there is one.
block() {
	grep -lF -e "$1" block_* >found
	[ "$(wc -l <found)" = 1 ] || echo "blocks with $1: $(cat found)"
	mv "$(cat found)" "$2"
}

# ---- the runs ----

tensors a w:F32:2:1,2
tensors b w:F32:2:3,4
tensors c w:F32:3:1,2,3
tensors d w:F32:2:1,nan
new_runs() {
	rm -rf runs
	for n in $(seq -w 1 30); do
		mkdir -p "runs/$n"
		cp a "runs/$n/ckpt_1.safetensors"
		cp b "runs/$n/ckpt_2.safetensors"
		cp b "runs/$n/ckpt_3.safetensors"
	done
	head -c 70 b >runs/04/ckpt_2.safetensors      # cut
	cp c runs/11/ckpt_3.safetensors               # another shape
	cp d runs/12/ckpt_2.safetensors               # NaN
	rm runs/20/*                                  # empty
	cp a runs/29/ckpt_02.safetensors              # two of one time
}
averages() {
	echo "$(find runs -name avg.safetensors | wc -l) averages"
}
# What is broken no longer is.
repair() {
	cp b runs/04/ckpt_2.safetensors
	cp b runs/11/ckpt_3.safetensors
	cp b runs/12/ckpt_2.safetensors
	cp a runs/20/ckpt_1.safetensors
	rm runs/29/ckpt_02.safetensors
}

# ---- loops ----

block 'echo "$failed failed"' go_on
block 'input_filename' why
block '-o "$run"avg.safetensors || exit' stop
block '>> damaged' choose
block '|| echo "$run"' again
new_runs
sh go_on 2>/dev/null
averages
sh why
# Every report is JSON lines of which the last, and no other, is the result.
for report in runs/*/avg.jsonl; do
	jq -es '.[-1].event == "result" and ([.[] | select(.event == "result")] | length) == 1' \
		"$report" >/dev/null || echo "$report has no result"
done
jq -r 'select(.event == "result") | .status' runs/*/avg.jsonl | sort | uniq -c
new_runs
sh stop
echo "exit $?"
averages
new_runs
sh choose
echo "exit $?"
cat damaged
averages
sh again 2>/dev/null
averages
repair
sh again
averages
# Other settings are another plan, and nothing is replaced.
sed 's/--skip/--half-life 7 --skip/' again >other
sh other >/dev/null 2>other.err
grep -c 'does not hold this average' other.err

# ---- which checkpoints, sweeps, pipes ----

cp a runs/01/ckpt_4.safetensors
block '-print0 |' found_files
block 'log_history' trainer
block 'log.csv' csv
block 'sweep.tsv' sweep
block 'pipefail' piped
inputs() {
	metadata "$1" belay | jq -c '[.inputs[].time]'
}
sh found_files && inputs few.safetensors
echo '{"log_history": [{"step": 1, "loss": 9}, {"step": 1, "eval_loss": 3},
	{"step": 2, "eval_loss": 0.5}, {"step": 3, "eval_loss": 1}, {"step": 4, "eval_loss": 2},
	{"step": 5, "eval_loss": 0.1}]}' >trainer_state.json
sh trainer && inputs best.safetensors
printf 'step,loss,accuracy\n1,9,0.5\n2,8,0.7\n3,7,0.6\n4,6,0.8\n' >log.csv
sh csv && inputs best2.safetensors
sh sweep
bash piped
echo "exit $?"
cut -c 65- sum
sed 's/01/nn/' piped >broken
bash broken 2>/dev/null
echo "exit $?"

# ---- several at a time, make, Slurm ----

block 'xargs' parallel
block 'SECONDEXPANSION' Makefile
block '#SBATCH' job.sh
rm -f runs/01/ckpt_4.safetensors
new_runs
sh parallel 2>/dev/null
echo "exit $?"
averages
sh why | wc -l
new_runs
make -s -k -j2 >/dev/null 2>&1
echo "exit $?"
averages
repair
make -s -k
averages
touch -d '1 hour ago' runs/07/avg.safetensors
make -n | wc -l
new_runs
for task in $(seq 0 29); do
	SLURM_ARRAY_TASK_ID=$task SLURM_CPUS_PER_TASK=1 bash job.sh 2>/dev/null ||
		echo "task $task: $?"
done
averages
repair
for task in $(seq 0 29); do
	SLURM_ARRAY_TASK_ID=$task SLURM_CPUS_PER_TASK=1 bash job.sh || echo "task $task: $?"
done
averages
jq -r 'select(.event == "output") | .status' runs/*/avg.jsonl | sort | uniq -c
for rest in block_*; do
	[ ! -e "$rest" ] || echo "not run: $rest"
done
