#!/bin/sh
# output_room.sh - disks of all sizes: an output that does not fit is refused before anything is
# read, with what it takes and what there is
. "$data/../cli/kit/kit.sh"

need strace
strace -o /dev/null true 2>/dev/null || skip "nothing can be traced here"
export ASAN_OPTIONS="${ASAN_OPTIONS-}:detect_leaks=0" # which traces, too
zeros a_1.safetensors 1
mkdir ck-1 disk
shards ck-1 v:F32:2:1,2 w:F32:2:3,4
zeros ck-1/model-00002-of-00002.safetensors 1
unshare -rm true 2>/dev/null || skip "a disk of its own cannot be mounted here"
cat >inside.sh <<'INSIDE'
# room TITLE COMMAND...: on disks of 16 KiB and more; how it ends, counted.
room() {
	title=$1
	shift
	for k in 16 32 64 128 256 512 768 1000 1020 1024 1028 1060 2048 3000 3072 3120 4096 9000; do
		mount -t tmpfs -o size=${k}k none disk 2>/dev/null || exit 77
		"$@" >words 2>&1
		code=$?
		if [ $code = 0 ]; then
			echo "done"
		elif grep -q ' [0-9]* bytes are needed, [0-9]* are free: No space' words; then
			echo "$code, needed and free bytes"
		elif [ "${title#HDF5}" != "$title" ] &&
			grep -q ': No space left on device' words; then
			# What the library adds is not known before.
			echo "$code, needed and free bytes"
		else
			echo "$code, $(cat words)"
		fi
		[ $code = 0 ] || ls -A disk
		umount disk
	done | uniq | sed "s/^/$title: /"
}
room safetensors belay-avg -q a_1.safetensors -o disk/avg.safetensors
room sweep belay-avg -q --half-life 1,2,3 a_1.safetensors -o 'disk/{half-life}.safetensors'
room shards belay-avg -q ck-1 -o disk/avg
room HDF5 belay-avg -q a_1.safetensors -o disk/avg.h5
room 'HDF5, compressed' belay-avg -q --compression gzip:1 "$data/digits/ckpt_00100.h5" \
	-o disk/avg.h5
room state belay-avg -q --method spring --half-life 1 --state disk/state a_1.safetensors \
	-o disk/avg.safetensors
room picture belay-show --kernel --time-list 0:10000:2001 \
	--svg disk/k.svg --report disk/k.json

# How much of the input is read where it does not fit, and where it does?
for size in 512k 2m; do
	mount -t tmpfs -o size=$size none disk
	strace -f -e trace=read,pread64,preadv,preadv2 -P "$PWD/a_1.safetensors" -o trace \
		belay-avg -q a_1.safetensors -o disk/avg.safetensors 2>words
	echo "exit $?"
	awk '/ = [0-9]+$/ { sum += $NF }
		END { print "of the input was read: " (sum < 16384 ? "the header" : "all") }' trace
done
INSIDE
unshare -rm sh inside.sh
[ $? -ne 77 ] || skip "a disk of its own cannot be mounted here"
