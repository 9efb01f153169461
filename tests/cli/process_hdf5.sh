#!/bin/sh
# process_hdf5.sh - processes are forked while there is one thread: for all inputs and outputs
. "$data/../cli/kit/kit.sh"

need strace
strace -o /dev/null true 2>/dev/null || exit 77
export ASAN_OPTIONS="${ASAN_OPTIONS-}:detect_leaks=0" # which traces, too
strace -f -o trace -e trace=clone,clone3,fork,vfork belay-avg -q --threads 3 --progress=plain \
	--half-life 100:800:8 "$data"/digits/ckpt_00[0-3]*.h5 -o '{index}.h5' 2>/dev/null
echo "exit $?"
# The main process makes the first call of all.
awk 'NR == 1 { self = $1 }
	/CLONE_THREAD/ { threads++; next }
	/^[0-9]+ +(clone|clone3|fork|vfork)\(/ && !/resumed/ {
		processes++
		if ($1 != self)
			print "a process of a process:", $0
		if (threads)
			print "a process beside a thread:", $0
	}
	END { print processes, "processes,", (threads >= 2 ? "then threads" : "no threads") }' trace
rm -f trace ./?.h5
