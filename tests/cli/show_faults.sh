#!/bin/sh
# show_faults.sh - pictures and reports where files cannot be written: whole or not there
. "$data/../cli/kit/kit.sh"

need flock
show() {
	printf '$ belay-show %s\n' "$*" >&2
	$bounds belay-show --kernel --time-list 0:10:11 "$@"
	echo "exit $?" >&2
}
bounds=
echo '--- what is no file' >&2
mkfifo fifo
ln -s nowhere dangling
for place in /dev/full /dev/null fifo dangling gone/k.svg k.svg/; do
	show -f --svg "$place"
done
show -f --report /dev/full
show --svg - >/dev/full
show --report - >/dev/full
show >/dev/full
show --json >/dev/full
rm fifo dangling

echo '--- limits' >&2
echo old >k.svg
(
	ulimit -S -f 1
	show -f --svg k.svg
	show --report k.json
) 2>&1 | cat >&2 # else the limit would be that of what is said
cat k.svg
ls -A

echo '--- other runs' >&2
echo busy >.k.svg.belay-tmp
bounds='flock .k.svg.belay-tmp'
show -f --svg k.svg
bounds=
cat .k.svg.belay-tmp k.svg
show -f --svg k.svg
head -c 4 k.svg
echo
rm k.svg

echo '--- folders, links' >&2
mkdir far closed
chmod 555 closed
bounds=plain
show --svg closed/k.svg
bounds=
echo old >far/k.svg
ln far/k.svg far/other
ln -s far/k.svg k.svg
show --svg k.svg
show -f --svg k.svg
readlink k.svg
head -c 4 far/k.svg
echo
cat far/other
ls -A . far closed
