#!/bin/sh
# signal_ignored.sh - what nohup and & ignore stays ignored
. "$data/../cli/kit/kit.sh"

for n in 1 2 3 4; do
	zeros a_$n.safetensors 128
done
trap '' HUP
for signal in HUP INT; do
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		rm -f avg.safetensors
		caught avg.safetensors belay-avg -q --threads 1 a_*.safetensors \
			-o avg.safetensors && break
		wait "$pid"
	done
	kill -$signal "$pid"
	kill -CONT "$pid"
	wait "$pid"
	echo "$signal: $?"
	others '^a_'
done
