#!/bin/sh
# plan_word.sh - the form of a plan behind a blank
. "$data/../cli/kit/kit.sh"

try belay-avg "$data"/digits/ckpt_00000.h5 --plan json -o avg.h5
