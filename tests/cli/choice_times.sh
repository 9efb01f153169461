#!/bin/sh
# choice_times.sh - which of the inputs are taken: by time, interval and number
. "$data/../cli/kit/kit.sh"

need jq
for n in 1 2 3 5 8 9 10 12 15 20; do
	tensors a_$n.safetensors w:F32:2:1,2 @tenths=$((n * 10))
done
# The times that are left, and how many went by what.
choose() {
	printf '%s: ' "$*"
	belay-avg --plan=json a_*.safetensors -o avg.safetensors "$@" |
		jq -c '([.checkpoints[].time | tostring] | join(" ")), .chosen'
}

choose
choose --first-time 5
choose --first-time 4.5 --last-time 1.2e1
choose --last-time 5 --first-time -3
choose --min-interval 3
choose --min-interval 2.5 --last-time 19
choose --every 3
choose --every 1
choose --every 100
choose --last 3
choose --last 1
choose --last 100
# In their order, whatever that of the options.
choose --last 2 --every 2 --min-interval 2 --last-time 15 --first-time 2
# Times as they are carried, whatever the unit.
choose --time-key tenths --first-time 50 --min-interval 20
choose --time-key tenths --first-time 50 --min-interval 20 --time-unit 10
choose --time-key tenths --time-unit 10 --first-time 49.99999999 --last-time 80.0000001
choose --times=index --first-time 7
# 0.07 / 0.01 is more than 7, and 0.29 / 0.01 less than 29.
for n in 01 07 14 22 29 31; do
	tensors part_$n.safetensors w:F32:2:1,2 @epoch=0.$n
done
for bounds in '--first-time 0.07' '--last-time 0.29' '--last-time 0.29 --min-interval 0.07'; do
	# shellcheck disable=SC2086 # several words
	belay-avg --plan=json part_* --time-unit 0.01 $bounds -o avg.safetensors |
		jq -c '[.checkpoints[].time]'
done

# The plan says it in words; the average is that of those that are named.
belay-avg --plan --last 2 a_*.safetensors -o avg.safetensors | sed -n 1,3p
belay-avg --plan --every 2 --last 4 a_*.safetensors -o avg.safetensors | sed -n 1,3p
belay-avg -q a_1[05].safetensors a_20.safetensors -o named.safetensors
belay-avg -q a_*.safetensors --min-interval 5 --last 3 -o chosen.safetensors
cmp named.safetensors chosen.safetensors
belay-avg -q a_*.safetensors --min-interval 5 --last 3 -o chosen.safetensors --skip-existing &&
	echo 'the same is left alone'
try belay-avg -q a_*.safetensors --last 3 -o chosen.safetensors --skip-existing
metadata chosen.safetensors belay | jq -c '[.inputs[].path], .settings'

# What is not read: those that are left out.
tensors b_1.safetensors w:F32:2:1,2
tensors b_2.safetensors w:F32:3:1,2,3
try belay-avg -q b_1.safetensors b_2.safetensors --last 1 -o b.safetensors

# Nothing is left.
with --first-time 21
with --last-time 0.5
with --first-time 6 --last-time 7
with --first-time 8 --last-time 7
with --time-key tenths --time-unit 10 --first-time 55 --last-time 75
# What is no such number, and what does not go with a state.
with --first-time soon
with --min-interval 0
with --every 0
with --every 2.5
with --last -1
with --state s.state --half-life 2 --last 3
with --state s.state --half-life 2 --every 2
with --state s.state --half-life 2 --min-interval 2
with -q --state s.state --half-life 2 --first-time 3 --last-time 9
with --state s.state --half-life 2 --first-time 3 --plan | sed -n 1,3p
others -e '^[ab]_' -e '^part_'

# Snapshots of one time stay or go together.
for std in 0.05 0.1; do
	for end in 5 10 15 20; do
		belay-avg -q --method power --rel-std $std a_*.safetensors --last-time $end \
			-o kept_${end}_$std.safetensors
	done
done
belay-avg -q --method power --rel-std 0.07 a_*.safetensors -o kept_20_0.07.safetensors
belay-avg --method posthoc --rel-std 0.08 kept_* --last 2 -o post.safetensors --plan=json |
	tee chosen.json | jq -c '[.checkpoints[] | [.path, .time]], .chosen, .times.from'
belay-avg --method posthoc --rel-std 0.08 kept_15_* kept_20_* -o post.safetensors --plan=json |
	jq .weights_hex >named.json
jq .weights_hex chosen.json | cmp - named.json
try belay-avg --method posthoc --rel-std 0.08 kept_* --metrics x --best 2:min -o post.safetensors
