#!/bin/sh
# choice_metrics.sh - the best of the inputs by a file of metrics
. "$data/../cli/kit/kit.sh"

need jq
mkdir -p runs/x runs/y
for n in 1 2 3 4; do
	tensors runs/x/a_$n.safetensors w:F32:2:1,2
done
cp runs/x/a_4.safetensors runs/y/a_5.safetensors
list() {
	printf "$@" >metrics.tsv
}
# The times of those that are taken.
best() {
	printf '$ %s\n' "$*" >&2
	belay-avg --plan=json --metrics metrics.tsv --best "$@" runs/*/a_*.safetensors \
		-o avg.safetensors | jq -c 'select(.checkpoints) | [.checkpoints[].time]'
}

# A time, a whole path, the end of one; other checkpoints are passed over.
list '# made by hand\r\n\r\n1\t0.5\r\nruns/x/a_2.safetensors\t.25\r\na_3.safetensors\t1e-1\n'
printf '4.0\t0x1p3\ny/a_5.safetensors\t-1\n6\t-9\ngone\tx\n' >>metrics.tsv
best 1:min
best 3:min
best 1:max
best 2:max --last 4
best 9:max
best 1:min --last-time 2
belay-avg -q --metrics metrics.tsv --best 2:min runs/*/a_*.safetensors -o avg.safetensors
belay-avg -q runs/x/a_3.safetensors runs/y/a_5.safetensors -o named.safetensors
cmp avg.safetensors named.safetensors && rm avg.safetensors
# The later of those that are equal; NaN is never the best, infinity may be.
list '1\t2\n2\t2\n3\t1\n4\t2\n5\tnan\n'
best 1:max
best 2:max
best 3:min
best 9:min
list '1\tinf\n2\t-inf\n3\t-nan\n4\tNaN\n5\t0\n'
best 1:min
best 1:max
best 2:min
# Those that went before need none.
list '4\t1\n5\t2\n'
best 1:min --first-time 4
best 1:min --time-unit 0.5 --first-time 4
best 1:min

# Columns.
list '# step\tloss\tacc\n1\t.5\t10\n2\t.4\t30\n2\t\t\n3\t.3\n3\t\t20\n4\t.6\t40\t7\n5\t.7\t50\n'
best 1:min:loss
best 2:max:acc
best 1:min
best 1:min:los
best 1:min:step
list 'step\tloss\n1\t3\n2\t2\n3\t1\n4\t4\n5\t4\n'
best 1:min
best 1:min:loss
list '1,3\n2,4\n'
best 1:min

# What is wrong with a file.
list '1\t1\n2\t2\n'
best 1:min
list '1\t1\n2\t2\n3\t3\n4\t4\n'
best 1:min
list '1\t1\n2\t2\n3\t3\n4\t4\n5\t0.5 %%\n'
best 1:min
list '1\t1\n2\t2\n3\t3\n4\t4\n5\t\n'
best 1:min
list '1\t1\n2\t2\n3\t3\n4\t4\n5\t5\n2\t2\n'
best 1:min
list '1\t1\n2\t2\n3\t3\n4\t4\n5\t5\n2.0\t2\n'
best 1:min
list '1\t1\n2\t2\n3\t3\n4\t4\n5\t5\na_2.safetensors\t2\n'
best 1:min
list '1\t1\n\t2\n'
best 1:min
list '1\t1\n2\t2\000\n'
best 1:min
list '1\tnan\n2\tnan\n3\tnan\n4\tnan\n5\tnan\n'
best 1:min
best 1:min --metrics gone.tsv
best 1:min --metrics .
best 1:min --metrics - <metrics.tsv

# Which is better is never guessed.
list '1\t1\n2\t2\n3\t3\n4\t4\n5\t5\n'
best 3
best 3:
best 3:minimum
best 3:least
best 3:min:
best 0:min
best 2.5:max
best x:max
best :max
try belay-avg runs/*/a_*.safetensors -o avg.safetensors --best 2:min
try belay-avg runs/*/a_*.safetensors -o avg.safetensors --metrics metrics.tsv
try belay-avg runs/x/a_*.safetensors -o avg.safetensors --metrics metrics.tsv --best 2:min \
	--state s.state --half-life 1

# Names of several, a path that is the end of another, folders.
cp runs/y/a_5.safetensors runs/y/a_4.safetensors
for n in 1 2 3 4 5; do
	printf 'a_%d.safetensors\t%d\n' $n $n
done >metrics.tsv
best 2:min --times=index
mkdir -p y deep/y
cp runs/x/a_1.safetensors y/1
cp runs/x/a_2.safetensors deep/y/1
list 'y/1\t5\ndeep/y/1\t6\n'
belay-avg --plan=json --times=index --metrics metrics.tsv --best 1:max y/1 deep/y/1 -o new.st |
	jq -c '[.checkpoints[].path]'
for n in 1 2; do
	mkdir checkpoint-$n
	cp runs/x/a_$n.safetensors checkpoint-$n/model.safetensors
done
list 'checkpoint-1\t1\n./checkpoint-2/\t0\n'
belay-avg --plan=json --metrics metrics.tsv --best 1:min checkpoint-1/ ./checkpoint-2 -o avg/ |
	jq -c '[.checkpoints[].time]'

# In a recipe, and in belay-show.
list '1\t1\n2\t2\n3\t3\n4\t4\n'
cat >r.yaml <<'END'
inputs: runs/x/a_*
metrics: metrics.tsv
best: 2:max
output: new.st
END
mkdir elsewhere
(cd elsewhere && belay-avg --plan=json ../r.yaml | jq -c '[.checkpoints[].time]')
belay-avg --print-recipe r.yaml | tail -n 3
belay-show --json --metrics metrics.tsv --best 1:min runs/x/a_* | jq -c '[.checkpoints[].time]'
belay-show --kernel --json --metrics metrics.tsv --best 3:min runs/x/a_* |
	jq -c '[.checkpoints[].time]'
try belay-show --kernel --time-list 1:9:3 --metrics metrics.tsv --best 3:min
