#!/bin/sh
# plan_asked.sh - lengths in every language: what was asked for, and what came of it
. "$data/../cli/kit/kit.sh"

for n in 000 100 200 300 400 500 600 700 800 900 950 975; do
	ln -s "$data/digits/ckpt_00$n.h5" .
done
ask() {
	printf '$ %s\n' "$*"
	belay-avg --plan ckpt_*.h5 -o avg.h5 "$@" | sed -n '/^avg/,/^  time/p' | sed '$d'
	belay-avg --plan=json ckpt_*.h5 -o avg.h5 "$@" |
		jq -c '.outputs[0] | [.asked, .rel_std, .resolved[].value]'
}
ask --decay 0.99
ask --mean-age 99
ask --half-life 10%
ask --half-life 2ckpt
ask --rel-std 0.1
ask --method spring --decay 0.99
ask --update-every 25 --decay 0.75
ask --kappa 0.01
ask --method power
ask --method power --rel-std 0.25
ask --method bema
ask --method minus-sqrt
ask --method belay --half-life 150 --particle model
