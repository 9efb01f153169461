#!/bin/sh
# plan_check.sh - --check compares the weights with the literal replay
. "$data/../cli/kit/kit.sh"

for n in 000 025 050 100 150 200; do
	ln -s "$data/digits/ckpt_00$n.h5" .
done
try belay-avg --check -n ckpt_*.h5 -o avg.h5 >/dev/null
try belay-avg --check -q ckpt_*.h5 -o avg.h5
belay-avg -q ckpt_*.h5 -o plain.h5
cmp avg.h5 plain.h5
try belay-avg --check --method ema,spring,belay,uniform ckpt_*.h5 -o 'avg_{method}.h5'
try belay-avg --check -n --method window --window 100 ckpt_*.h5 -o window.h5 >/dev/null
