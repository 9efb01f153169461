#!/bin/sh
# help_text.sh - --help
. "$data/../cli/kit/kit.sh"

try belay-avg --help
try belay-avg -qh gone.h5 >short
head -n 1 short
