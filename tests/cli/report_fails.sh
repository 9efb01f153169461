#!/bin/sh
# report_fails.sh - a report that cannot be written: status 4, and the outputs stand
. "$data/../cli/kit/kit.sh"

for n in 1 2; do
	tensors a_$n.safetensors w:F32:2:$n,2
done
try belay-avg -q a_*.safetensors -o full.safetensors --report /dev/full
try belay-avg -q a_*.safetensors --half-life 1,2 -o 'two_{half-life}.safetensors' --report /dev/full
try belay-avg -q a_*.safetensors gone_3.safetensors -o x.safetensors --report /dev/full
try belay-avg -q a_*.safetensors -o x.safetensors --report /dev/full --plan >/dev/null
try belay-avg -q a_*.safetensors -o plan.safetensors --report r.jsonl --plan >/dev/full
grep -c '"exit_code":4,"status":"output"' r.jsonl

# Nobody reads it: the reader has gone before the first event.
mkfifo pipe
{
	exec 4<pipe
	exec 4<&-
	echo gone
} &
exec 3>pipe
wait
try belay-avg -q a_*.safetensors -o closed.safetensors --report /dev/fd/3
exec 3>&-

# Its folder goes, or something appears there, while the weights are read.
meanwhile() {
	mkfifo weights
	printf '$ %s\n' "$*" >&2
	belay-avg -q a_*.safetensors --method weights --weights weights -o "$2.safetensors" \
		--report "$1" &
	exec 3>weights
	eval "$3"
	printf '1\t.5\n2\t.5\n' >&3
	exec 3>&-
	wait $! || echo "exit $?" >&2
	rm weights
}
mkdir folder
meanwhile folder/r.jsonl lost 'rmdir folder'
meanwhile new.jsonl appeared 'echo mine >new.jsonl'
cat new.jsonl
chmod u-w r.jsonl # what counts is the folder
try belay-avg -q a_*.safetensors -o over.safetensors --report r.jsonl
ls -A
