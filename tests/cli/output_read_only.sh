#!/bin/sh
# output_read_only.sh - folders in which nothing can be made: exit 4 before anything is read
. "$data/../cli/kit/kit.sh"

need setpriv
tensors a_1.safetensors w:F32:2:1,2
shards ck-1 w:F32:2:1,2 v:F32:1:3
ln -s "$data/digits/ckpt_00100.h5" .
plain true 2>/dev/null || skip "root may write everything"
# Writes every kind of output into a folder.
into() {
	try plain belay-avg -qf a_1.safetensors -o "$1/avg.safetensors"
	try plain belay-avg -qf ckpt_00100.h5 -o "$1/avg.h5"
	try plain belay-avg -qf ck-1 -o "$1/avg"
	try plain belay-avg -qf --half-life 1,2 a_1.safetensors -o "$1/{half-life}.safetensors"
	try plain belay-avg -qf --half-life 1 --method spring --state "$1/state" a_1.safetensors \
		-o avg.safetensors
	try plain belay-avg -qf a_1.safetensors -o avg.safetensors --report "$1/r.jsonl"
	try plain belay-show --kernel --time-list 0:10:11 --svg "$1/k.svg"
	try plain belay-diff -q a_1.safetensors a_1.safetensors --junit "$1/j.xml"
	rm -f avg.safetensors
}
echo '--- a folder that may not be written' >&2
mkdir -m 555 closed
into closed
ls -A closed
echo '--- one that may not be entered' >&2
mkdir -m 666 shut
into shut
ls -A shut
echo '--- one that may not be listed' >&2
mkdir -m 333 blind
belay-avg -q a_1.safetensors -o blind/safe.safetensors
echo "exit $?" >&2
plain belay-avg -q a_1.safetensors -o blind/avg.safetensors
echo "exit $?" >&2
plain belay-avg -q ck-1 -o blind/avg
echo "exit $?" >&2
ls -A blind
echo '--- a disk that may only be read' >&2
mkdir disk
cat >inside.sh <<'END'
. "$data/../cli/kit/kit.sh"
mount -t tmpfs none disk 2>/dev/null || exit 77
echo old >disk/old.safetensors
mount -o remount,ro disk || exit 77
try belay-avg -q a_1.safetensors -o disk/avg.safetensors
try belay-avg -qf a_1.safetensors -o disk/old.safetensors
try belay-avg -q ckpt_00100.h5 -o disk/avg.h5
try belay-avg -q ck-1 -o disk/avg
try belay-show --kernel --time-list 0:10:11 --svg disk/k.svg
try belay-diff -q a_1.safetensors a_1.safetensors --report disk/r.jsonl
ls -A disk
cat disk/old.safetensors
END
unshare -rm sh inside.sh
[ $? -ne 77 ] || skip "a disk of its own cannot be mounted here"
