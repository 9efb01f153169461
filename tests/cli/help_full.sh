#!/bin/sh
# help_full.sh - help that cannot be written
. "$data/../cli/kit/kit.sh"

[ -c /dev/full ] || skip "there is no /dev/full"
try belay-avg --help >/dev/full
try belay-avg --version >/dev/full
try belay-avg --help >&-
belay-avg --help | :
try belay-avg --help <&- >help
head -n 1 help
