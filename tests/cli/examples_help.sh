#!/bin/sh
# examples_help.sh - the commands that --help shows
. "$data/../cli/kit/kit.sh"

for n in 00 05 10; do
	ln -s "$data/digits/ckpt_0${n}00.h5" .
done
belay-avg --help | sed -n 's/^  belay-avg/belay-avg/p' >commands
run_commands
others -e ckpt_ -e words -e commands
