#!/bin/sh
# usage_abbreviations.sh - options may be shortened, as long as it is clear what is meant
. "$data/../cli/kit/kit.sh"

try belay-avg --time 3
try belay-avg --t=3
try belay-avg --half
try belay-avg --vers
