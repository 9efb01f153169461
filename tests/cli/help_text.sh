#!/bin/sh
# help_text.sh - --help
. "$data/../cli/kit/kit.sh"

try belay-avg --help
try belay-avg -qh gone.h5 | head -n 1
