#!/bin/sh
# output_appeared.sh - a file that appears under the name of the output meanwhile
. "$data/../cli/kit/kit.sh"

for n in 1 2 3 4; do
	zeros a_$n.safetensors 128
done
for _ in 1 2 3 4 5 6 7 8 9 10; do
	caught avg.safetensors belay-avg -q --threads 1 a_*.safetensors -o avg.safetensors && break
	rm avg.safetensors
done
echo theirs >avg.safetensors
kill -CONT "$pid"
wait "$pid"
echo "exit $?"
cat avg.safetensors
ls -A
