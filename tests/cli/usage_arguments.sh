#!/bin/sh
# usage_arguments.sh - an argument that is missing, empty or not wanted
. "$data/../cli/kit/kit.sh"

try belay-avg ckpt_1.h5 -o
try belay-avg ckpt_1.h5 --output
try belay-avg ckpt_1.h5 --half-life
try belay-avg --output=
try belay-avg --half-life ''
try belay-avg --method=
try belay-avg --force=yes
try belay-avg --quiet=1
