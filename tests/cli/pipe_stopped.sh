#!/bin/sh
# pipe_stopped.sh - a signal ends a run whose reader does not read
. "$data/../cli/kit/kit.sh"

zeros a_1.safetensors 1
mkfifo fifo
for threads in 1 2; do
	# shellcheck disable=SC2217 # it holds the pipe open
	sleep 5 <fifo &
	reader=$!
	belay-avg -q --threads $threads a_1.safetensors -o - >fifo &
	pid=$!
	sleep 0.2
	kill -TERM "$pid"
	(sleep 2 && kill -KILL "$pid") 2>/dev/null &
	killer=$!
	wait "$pid" 2>/dev/null
	echo "exit $?"
	kill $reader $killer 2>/dev/null
done
