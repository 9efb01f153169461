#!/bin/sh
# signal_sweep.sh - of a sweep nothing is left either
. "$data/../cli/kit/kit.sh"

for n in 1 2 3 4; do
	zeros a_$n.safetensors 48
done
for _ in 1 2 3 4 5 6 7 8 9 10; do
	caught 3.safetensors belay-avg -q --threads 2 --half-life 1,2,3 a_*.safetensors \
		-o '{half-life}.safetensors' && break
	wait "$pid"
	rm [123].safetensors
done
find . -name '*.belay-tmp' | wc -l
kill -TERM "$pid"
kill -CONT "$pid"
wait "$pid" 2>/dev/null
echo "exit $?"
ls -A
