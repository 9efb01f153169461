#!/bin/sh
# help_version.sh - --version
. "$data/../cli/kit/kit.sh"

try belay-avg --version
try belay-avg --vers --bogus
