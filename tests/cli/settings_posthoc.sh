#!/bin/sh
# settings_posthoc.sh - averages kept during a training become another one: power averages and EMAs,
# with profiles that are recorded or from a file, and what is no set of snapshots
. "$data/../cli/kit/kit.sh"

for n in 1 2 3 4 5 6 7 8 9; do
	tensors "a_$n.safetensors" "w:F32:2:$((n % 5)),$((n % 2))"
done
# snap TIME NAME OPTION...: the average of the checkpoints so far.
snap() {
	at=$1 name=$2
	shift 2
	files=''
	for i in 1 2 3 4 5 6 7 8 9; do
		[ "$i" -gt "$at" ] || files="$files a_$i.safetensors"
	done
	# shellcheck disable=SC2086 # a list
	belay-avg -q "$@" $files -o "${name}_$at.safetensors"
}
for n in 6 9; do
	snap $n pow_10 --method power --rel-std .10
	snap $n pow_05 --method power --rel-std .05
	snap $n ema_75 --decay .75
	snap $n ema_50 --decay .5
	snap $n mean --method uniform
	snap $n warm --decay .5 --warmup tf
	snap $n slow --decay .5 --update-every 1 --warmup none
	snap $n count --half-life 2ckpt
	snap $n some --decay .5 --tensor-option 'w:method=uniform'
done
snap 9 wanted --method power --rel-std .08
post() {
	printf '$ %s\n' "$*" >&2
	belay-avg --check --method posthoc "$@" -o out.safetensors || return
	values out.safetensors 2 4
	rm out.safetensors
}

# Whatever order they are in; several have one time.
belay-avg -n --method posthoc --rel-std .08 pow_*.safetensors -o out.safetensors |
	sed -n '/^out/,$p'
belay-avg -n --method posthoc --rel-std .08 pow_05_6.safetensors pow_10_9.safetensors \
	pow_05_9.safetensors pow_10_6.safetensors -o out.safetensors | sed -n '/^  *time/,$p'
post -q --rel-std .08 pow_*.safetensors
values wanted_9.safetensors 2 4
post -q --rel-std .08 --normalize pow_*.safetensors
post -q --rel-std .10 pow_*.safetensors
# EMAs, one of them with a warm-up of none.
post -q --decay .6 ema_*.safetensors
post -q --half-life 1.5 ema_75_*.safetensors slow_*.safetensors
# Several at once.
printf '$ sweep\n' >&2
belay-avg -q --method posthoc --rel-std .06,.08 pow_*.safetensors -o 'out_{rel-std}.safetensors'
values out_.06.safetensors 2 4
values out_.08.safetensors 2 4

# From a file, which counts rather than what is recorded.
printf 'pow_05_6.safetensors\trel-std=.05\npow_05_9.safetensors\trel-std=.05\n' >profiles.tsv
printf 'pow_10_6.safetensors\trel-std=.10\npow_10_9.safetensors\trel-std=.10\n' >>profiles.tsv
post -q --rel-std .08 --profiles profiles.tsv pow_*.safetensors
printf '6\tdecay=.5\n9\tdecay=.75\n' | post -q --decay .6 --profiles - mean_*.safetensors
printf '6\tdecay=.5\n9\trel-std=.1\n' | post --decay .6 --profiles - mean_*.safetensors
printf '6\tdecay=.5\n9\trel-std=.3\n' | post --decay .6 --profiles - mean_*.safetensors
printf '6\tdecay=.5\n9\tdecay=1\n' | post --decay .6 --profiles - mean_*.safetensors
printf '6\tdecay=.5\n9\thalf-life=2\n' | post --decay .6 --profiles - mean_*.safetensors
printf '6\trel-std=.1\n' | post --rel-std .08 --profiles - pow_*.safetensors

# No snapshots, or not of one kind.
post --rel-std .08 a_*.safetensors
post --rel-std .08 mean_*.safetensors
post --decay .6 warm_*.safetensors
post --decay .6 count_*.safetensors
post --decay .6 some_*.safetensors
post --decay .6 pow_05_9.safetensors ema_50_9.safetensors
# Times that the snapshots do not have.
post --times=index --rel-std .08 pow_05_*.safetensors
# No target, or one of another kind.
post pow_*.safetensors
post --decay .6 pow_*.safetensors
post --rel-std .3 pow_*.safetensors
post --rel-std .08 ema_*.safetensors
post --half-life 10% ema_*.safetensors
# Twice the same; far from what there is.
cp pow_05_9.safetensors copy_05_9.safetensors
post --rel-std .08 pow_05_*.safetensors copy_*.safetensors
mv copy_05_9.safetensors pow_07_9.safetensors
printf 'pow_05_9.safetensors\trel-std=.1\npow_10_9.safetensors\trel-std=.101\n' >profiles.tsv
printf 'pow_07_9.safetensors\trel-std=.102\n' >>profiles.tsv
post --rel-std .28 --profiles profiles.tsv --time-pattern '_([0-9]+)[.]' pow_*_9.safetensors
rm pow_07_9.safetensors
for target in .25 .01; do
	belay-avg -n --method posthoc --rel-std $target pow_*.safetensors -o out.safetensors |
		grep warning -A 1
done
belay-avg -n --method posthoc --decay .6 ema_*.safetensors -o out.safetensors | grep warning -A 1
# Weights that are 0 but for rounding are not negative; snapshots may be far apart.
for target in --rel-std=.10 --rel-std=.05; do
	belay-avg -n --method posthoc $target pow_*.safetensors -o out.safetensors |
		grep -c warning
done
belay-avg -n --method posthoc --half-life 2.4 ema_75_*.safetensors -o out.safetensors |
	grep warning
# Other methods beside it; times that are shared without it.
try belay-avg --method posthoc,uniform --rel-std .08 pow_*_9.safetensors --times=index \
	--allow-averages -o 'out_{method}.safetensors'
post --rel-std .08 --tensor-option 'w:method=uniform' pow_*.safetensors
try belay-avg --method uniform --allow-averages pow_*_9.safetensors pow_*_6.safetensors \
	--time-pattern '_([0-9]+)[.]' -o out.safetensors
# Steps that took another time are other steps.
snap 9 unit_05 --method power --rel-std .05 --time-unit 1
snap 6 unit_10 --method power --rel-std .10 --time-unit 0.5
snap 9 unit_10 --method power --rel-std .10 --time-unit 0.5
post -q --rel-std .08 unit_05_9.safetensors pow_10_9.safetensors
post -q --rel-std .08 unit_10_*.safetensors
try belay-avg --method posthoc --rel-std .08 unit_05_9.safetensors unit_10_6.safetensors \
	-o out.safetensors
try belay-avg --method posthoc --rel-std .08 unit_05_9.safetensors unit_10_6.safetensors \
	--time-pattern '_([0-9]+)[.]' -o out.safetensors
