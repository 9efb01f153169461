#!/bin/sh
# usage_lists.sh - lists and ranges where there can be none, or that are none
. "$data/../cli/kit/kit.sh"

try belay-avg --threads 1,2
try belay-avg --memory 1GB:2GB:3
try belay-avg --time-unit 1,2
try belay-avg --hold linear,right
try belay-avg --half-life 1,,2
try belay-avg --half-life 5,
try belay-avg --method ema,,spring
try belay-avg --half-life 1:2
try belay-avg --half-life 1:2:3:4
try belay-avg --half-life 1:2:1
try belay-avg --half-life 1:2:x
try belay-avg --half-life 1:2:log
try belay-avg --half-life 1:10%:3
try belay-avg --half-life 3:3:4
try belay-avg --half-life 0:5:log3
try belay-avg --half-life 1:2:100000
try belay-avg --update-every 1:4:3
try belay-avg --decay 0.9:1:5
try belay-avg --method ema:spring:3
