#!/bin/sh
# usage_unknown.sh - options that there are not
. "$data/../cli/kit/kit.sh"

try belay-avg --halflife 3
try belay-avg --halflife=3
try belay-avg --momentum
try belay-avg -x
try belay-avg -qx
try belay-avg --plna ckpt_1.h5 -o avg.h5
try belay-avg --bogus --help
