#!/bin/sh
# pipe_full.sh - a full disk behind standard output
. "$data/../cli/kit/kit.sh"

[ -c /dev/full ] || skip "there is no /dev/full"
zeros a_1.safetensors 1
try belay-avg -q a_1.safetensors -o - >/dev/full
try belay-avg a_1.safetensors -o avg.safetensors --plan >/dev/full
try belay-avg a_1.safetensors -o avg.safetensors --plan=json >/dev/full
try belay-avg a_1.safetensors -o avg.safetensors -n >&-
try belay-avg -q a_1.safetensors -o - >&-
ls -A
