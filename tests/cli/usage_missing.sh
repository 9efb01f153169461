#!/bin/sh
# usage_missing.sh - no checkpoints, no output
. "$data/../cli/kit/kit.sh"

try belay-avg
try belay-avg -o avg.h5
try belay-avg --
try belay-avg ckpt_1.h5 ckpt_2.h5
try belay-avg ckpt_1.h5 -- -o avg.h5
try belay-avg -qn
