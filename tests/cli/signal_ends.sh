#!/bin/sh
# signal_ends.sh - TERM, INT, HUP and XCPU end a run by that signal, and nothing is left of it
. "$data/../cli/kit/kit.sh"

for n in 1 2 3 4; do
	zeros a_$n.safetensors 128
done
echo old >avg.safetensors
for signal in TERM INT HUP XCPU; do
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		caught avg.safetensors env --default-signal=$signal \
			belay-avg -f --threads 1 a_*.safetensors -o avg.safetensors && break
		wait "$pid"
		echo old >avg.safetensors
	done
	kill -$signal "$pid"
	kill -CONT "$pid"
	wait "$pid" 2>/dev/null
	echo "$signal: $?"
	others '^a_'
	cat avg.safetensors
done
