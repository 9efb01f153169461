#!/bin/sh
# report_signal.sh - a run that a signal ends still tells its result
. "$data/../cli/kit/kit.sh"

for n in 1 2; do
	tensors a_$n.safetensors w:F32:2:$n,2
done
for report in r.jsonl /dev/stdout; do
	mkfifo weights
	env --default-signal=INT belay-avg -q a_*.safetensors --method weights --weights weights \
		-o avg.safetensors --report "$report" >out &
	exec 3>weights # it reads them, so it listens to signals
	kill -INT $!
	exec 3>&-
	wait $! 2>/dev/null
	echo "exit $?"
	[ -s out ] || cat r.jsonl >out
	grep '"event":"result"' out | grep -o '"exit_code":.*"tensor":null'
	rm weights
done

# Nobody has opened the pipe yet.
mkfifo pipe
env --default-signal=TERM belay-avg -q a_*.safetensors -o avg.safetensors --report pipe &
while ! [ "$(sed -n 's/^SigCgt:.*\(.\)...$/\1/p' /proc/$!/status)" = 4 ]; do
	:
done
kill -TERM $!
wait $! 2>/dev/null
echo "exit $?"
ls -A
