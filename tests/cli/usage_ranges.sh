#!/bin/sh
# usage_ranges.sh - numbers out of range, for every option that takes one
. "$data/../cli/kit/kit.sh"

try belay-avg --half-life -5
try belay-avg --half-life 1e16
try belay-avg --mean-age -1
try belay-avg --decay 1
try belay-avg --decay -0.1
try belay-avg --decay 0.9,1.5
try belay-avg --rel-std 1001
try belay-avg --damping 0
try belay-avg --mass-ratio 1e7
try belay-avg --restore 1.01
try belay-avg --gain -1
try belay-avg --kappa 0
try belay-avg --kappa 4
try belay-avg --gamma 2
try belay-avg --window 0
try belay-avg --update-every 0
try belay-avg --time-unit 0
try belay-avg --memory 1
try belay-avg --memory 1024.5TiB
try belay-avg --threads 0
try belay-avg --threads 5000
