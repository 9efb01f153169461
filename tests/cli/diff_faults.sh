#!/bin/sh
# diff_faults.sh - pages and reports where files cannot be written: whole or not there
. "$data/../cli/kit/kit.sh"

need flock
tensors a.safetensors w:F32:2:1,2
tensors b.safetensors w:F32:2:1,1
compare() {
	printf '$ belay-diff %s\n' "$*" >&2
	$bounds belay-diff -q a.safetensors b.safetensors "$@"
	echo "exit $?" >&2
}
bounds=
echo '--- what is no file' >&2
mkfifo fifo
ln -s nowhere dangling
for place in /dev/full /dev/null fifo dangling gone/page page/; do
	compare --junit "$place"
done
compare --markdown /dev/full
compare --report /dev/full
compare --junit - >/dev/full
compare --junit - | head -n 1
rm fifo dangling

echo '--- limits' >&2
compare --junit j.xml --markdown m.md --report r.jsonl
cksum j.xml m.md r.jsonl >before
(
	ulimit -S -f 0
	compare --junit j.xml
	compare --markdown m.md
	compare --report r.jsonl
	compare --junit fresh.xml
) 2>&1 | cat >&2 # else the limit would be that of what is said
cksum j.xml m.md r.jsonl | cmp - before

echo '--- other runs' >&2
for page in j.xml:junit m.md:markdown r.jsonl:report; do
	echo busy >".${page%:*}.belay-tmp"
	bounds="flock .${page%:*}.belay-tmp"
	compare "--${page#*:}" "${page%:*}"
	bounds=
	cksum j.xml m.md r.jsonl | cmp - before
	compare "--${page#*:}" "${page%:*}"
done

echo '--- folders, links' >&2
mkdir far closed
chmod 555 closed
bounds=plain
compare --junit closed/j.xml
bounds=
cp j.xml far/j.xml
ln far/j.xml far/other
ln -sf far/j.xml j.xml
compare --junit j.xml --abs 9
readlink j.xml
cmp far/j.xml far/other
ls -A . far closed
