#!/bin/sh
# usage_early.sh - what is wrong with the command is said before any file is looked at
. "$data/../cli/kit/kit.sh"

try belay-avg gone_1.h5 gone_2.h5 -o avg.h5 --halflife 3
try belay-avg gone_1.h5 gone_2.h5 -o avg.h5 --half-life 3,4
try belay-avg gone_1.h5 gone_2.h5 -o gone/avg.h5
try belay-avg gone_1.h5 gone_2.h5 -o .
try belay-avg gone_1.h5 gone_2.h5 -o avg.h5
