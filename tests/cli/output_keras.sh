#!/bin/sh
# output_keras.sh - .keras files: the zip file of the last one, around other weights
. "$data/../cli/kit/kit.sh"

for n in 1 2 12; do
	ln -s "$data/keras/full_$n.keras" .
done
try belay-avg -q full_*.keras -o avg.keras
try belay-avg -q full_*.keras -o avg.keras --skip-existing
try belay-avg -q --half-life 2,4 full_*.keras --format keras -o 'avg_{half-life}.keras'
# Everything before the weights, and before their CRC and sizes.
cmp -n 6387 avg_2.keras full_12.keras
cmp -n 6387 avg_2.keras avg_4.keras
cmp -s avg_2.keras avg_4.keras && echo the same
try belay-avg -q full_*.keras -o weights.h5
try belay-avg -q full_*.keras -o weights --format hdf5
cmp weights weights.h5
try belay-avg full_*.keras -o -
set -- --times=index full_1.keras "$data/keras/ckpt_12.weights.h5"
try belay-avg -q "$@" -o mixed.weights.h5
try belay-avg -q "$@" -o avg.keras -f
try belay-avg -q "$@" full_12.keras -o mixed.keras
try belay-avg avg.keras full_12.keras -o again.keras
head -c 50000 full_2.keras >full_3.keras
try belay-avg full_*.keras -o cut.keras
belay-avg --plan full_1.keras full_12.keras full_2.keras -o plan.keras |
	sed -n '1,4p;8,14p'
ls -A
