#!/bin/sh
# pipe_closed.sh - a reader that has gone away is told nothing
. "$data/../cli/kit/kit.sh"

zeros a_1.safetensors 1
{
	belay-avg a_1.safetensors -o -
	echo "exit $?" >&2
} | head -c 10 | wc -c
{
	belay-avg -q --threads 1 a_1.safetensors -o -
	echo "exit $?" >&2
} | :
