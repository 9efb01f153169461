#!/bin/sh
# output_killed.sh - a run that is killed leaves the old file, and the next run cleans up
. "$data/../cli/kit/kit.sh"

for n in 1 2 3 4; do
	zeros a_$n.safetensors 128
done
echo old >avg.safetensors
for _ in 1 2 3 4 5 6 7 8 9 10; do
	caught avg.safetensors belay-avg -q -f --threads 1 a_*.safetensors \
		-o avg.safetensors && break
	echo old >avg.safetensors
done
kill -KILL "$pid"
wait "$pid" 2>/dev/null
echo "exit $?"
ls -A
cat avg.safetensors
try belay-avg -q -f a_*.safetensors -o avg.safetensors
ls -A
