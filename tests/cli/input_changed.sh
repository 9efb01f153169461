#!/bin/sh
# input_changed.sh - an input that is replaced, or cut, while it is read
. "$data/../cli/kit/kit.sh"

# The run is stopped in its tracks once its output has begun; should it be over before, once more.
changed() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		rm -f a_*.safetensors avg.safetensors .avg.safetensors.belay-tmp
		for n in 1 2 3 4; do
			zeros a_$n.safetensors 64
		done
		caught avg.safetensors belay-avg -q --threads 1 a_*.safetensors \
			-o avg.safetensors || continue
		"$@"
		kill -CONT "$pid"
		wait "$pid"
		echo "exit $?" >&2
		ls -A
		return
	done
	skip "the run was always over before it could be stopped"
}
replace() {
	zeros new 64
	mv new a_4.safetensors
}
cut_short() {
	truncate -s 1000 a_4.safetensors
}
grow() {
	printf x >>a_4.safetensors
}
gone() {
	rm a_4.safetensors
}
for how in replace cut_short grow gone; do
	echo "$how:" >&2
	changed $how
done
