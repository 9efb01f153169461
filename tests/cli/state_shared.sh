#!/bin/sh
# state_shared.sh - a state that another run writes, or has written meanwhile, is left alone
. "$data/../cli/kit/kit.sh"

need flock
for n in 10 20 30; do
	zeros a_$n.safetensors 64
done
fold() {
	belay-avg -q --threads 1 --state s --half-life 10 "$@" -o avg.safetensors
}
fold a_10.safetensors
cp s before
touch .s.belay-tmp
try flock .s.belay-tmp belay-avg -q --state s --half-life 10 a_20.safetensors -o avg.safetensors
cmp s before && rm .s.belay-tmp
# Meanwhile another run has folded in the same.
for _ in 1 2 3 4 5 6 7 8 9 10; do
	caught s fold a_20.safetensors a_30.safetensors && break
	wait "$pid"
	cp before s
done
cp before other
mv other s
kill -CONT "$pid"
wait "$pid"
echo "exit $?" >&2
cmp s before
# It came into being meanwhile.
rm s avg.safetensors
for _ in 1 2 3 4 5 6 7 8 9 10; do
	caught s fold a_10.safetensors a_20.safetensors && break
	wait "$pid"
	rm -f s avg.safetensors
done
[ -e avg.safetensors ] && echo 'an output is there too early'
cp before s
kill -CONT "$pid"
wait "$pid"
echo "exit $?" >&2
cmp s before
ls -A
