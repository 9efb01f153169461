#!/bin/sh
# signal_hdf5.sh - an HDF5 output that is given up
. "$data/../cli/kit/kit.sh"

for n in 000 025 050 075 100 125 150 175 200 225 250 275 300; do
	ln -s "$data/digits/ckpt_00$n.h5" .
done
for _ in 1 2 3 4 5 6 7 8 9 10; do
	caught 9.h5 belay-avg -q --threads 1 --half-life 0:300:100 ckpt_*.h5 \
		-o '{index}.h5' && break
	wait "$pid"
	rm -f ./?.h5 ./??.h5
done
kill -TERM "$pid"
kill -CONT "$pid"
wait "$pid" 2>/dev/null
echo "exit $?"
others ckpt_
