#!/bin/sh
# report_places.sh - where a report goes: files, pipes, descriptors; and what it never replaces
. "$data/../cli/kit/kit.sh"

for n in 1 2; do
	tensors a_$n.safetensors w:F32:2:$n,2
done
average() {
	printf '$ %s\n' "$*" >&2
	belay-avg -qf a_*.safetensors -o avg.safetensors "$@"
	echo "exit $?" >&2
}
# The kinds of the events of a report.
kinds() {
	sed 's/.*"event":"\([a-z]*\)".*"program".*/\1/' "${1:--}" | tr '\n' ' '
	echo
}

echo "--- files"
average --report r.jsonl
kinds r.jsonl
average --report=r.jsonl # a report is replaced
kinds r.jsonl
: >empty.log
average --report empty.log
kinds empty.log
average --report t.tsv
average --report t.tsv
ln -s r.jsonl link
average --report link
[ -L link ] && kinds link
echo mine >mine.txt
average --report mine.txt
cat mine.txt
average --report a_1.safetensors
: >a_0.safetensors
belay-avg -q a_*.safetensors -o b.safetensors --report a_0.safetensors
rm a_0.safetensors
average --report ./avg.safetensors
rm avg.safetensors
average --report "$PWD/avg.safetensors"
average --state s --half-life 1 --report ./s
mkdir folder
average --report folder
average --report folder/
average --report gone/r.jsonl
average --report=
ln -s nowhere dangling
average --report dangling
average --report log 2>log
cat log
ls -A

echo "--- streams"
average --report /dev/fd/3 3>&1 >/dev/null | kinds
average --report /proc/self/fd/3 3>&1 >/dev/null | kinds
average --report /dev/stdout | kinds
average --json | kinds
{ average --report /dev/stderr; } 2>&1 >/dev/null | grep -v '^\$\|^exit' | kinds
average --report /dev/fd/9
average --report /dev/fd/3 3<r.jsonl
belay-avg a_*.safetensors -fqo avg.safetensors --json >&- || echo "exit $?" >&2
average --report /dev/null
mkfifo fifo
kinds fifo &
average --report fifo
wait
mkfifo fifo.tsv
cut -f 1-2 fifo.tsv &
average --report fifo.tsv
wait

echo "--- what else wants standard output"
average --json -o - | kinds
average --report - --plan=json | kinds
average --report /dev/stdout -n | kinds
average --json --print-recipe | kinds
average --report r.jsonl --json
kinds r.jsonl
belay-avg -q a_*.safetensors -o - --report r.jsonl | wc -c | tr -d ' '
kinds r.jsonl
