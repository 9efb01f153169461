#!/bin/sh
# sweep_names.sh - names that do not tell the outputs apart, templates with mistakes
. "$data/../cli/kit/kit.sh"

with() {
	try belay-avg gone_1.h5 gone_2.h5 "$@"
}
with --half-life 1,2 -o avg.h5
with --half-life 1,2 --gain 3,4 -o '{gain}.h5'
with --half-life 5,6,5 -o '{half-life}.h5'
with --half-life 1,2 -o '{halflife}.h5'
with --half-life 1,2 -o '{indx}.h5'
with --half-life 1,2 -o '{name}.h5'
with --half-life 1,2 -o '{threads}.h5'
with --half-life 1,2 -o '{mean-age}.h5'
with --half-life 1,2 -o 'avg_{half-life.h5'
with --half-life 1,2 -o 'avg_{.h5'
with -o 'avg_{half-life}.h5'
with -o 'avg_{}.h5'
with --decay 0:0.5:101 --gain 0:1:100 -o '{index}.h5'
with --half-life 1,2 -o -
