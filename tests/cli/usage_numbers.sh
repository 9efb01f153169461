#!/bin/sh
# usage_numbers.sh - words where a number is wanted, numbers of the wrong kind
. "$data/../cli/kit/kit.sh"

try belay-avg --half-life abc
try belay-avg --half-life 10x
try belay-avg --half-life 1e400
try belay-avg --window 5ckpts
try belay-avg --decay nan
try belay-avg --decay 10%
try belay-avg --rel-std 3ckpt
try belay-avg --time-unit 10%
try belay-avg --gain 0x10
try belay-avg --damping infinity
try belay-avg --mass-ratio inf
try belay-avg --threads 1.5
try belay-avg --update-every 2.5
try belay-avg --memory lots
try belay-avg --memory 5XB
try belay-avg --memory 64mb
