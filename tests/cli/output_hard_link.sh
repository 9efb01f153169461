#!/bin/sh
# output_hard_link.sh - an output with several names gets a file of its own; the other names keep
# the old one
. "$data/../cli/kit/kit.sh"

tensors a_1.safetensors w:F32:2:1,2
ln -s "$data/digits/ckpt_00100.h5" .
shards ck-1 w:F32:2:1,2 v:F32:1:3
for output in avg.safetensors avg.h5; do
	echo old >other
	ln other $output
	case $output in
	*.h5) belay-avg -qf ckpt_00100.h5 -o $output ;;
	*) belay-avg -qf a_1.safetensors -o $output ;;
	esac
	echo "exit $?"
	cat other
	stat -c '%h %n' other $output
	rm other
done

# The members of a folder, too, and a state.
mkdir avg
echo old >other
ln other avg/model-00001-of-00002.safetensors
belay-avg -qf ck-1 -o avg
echo "exit $?"
cat other
ls -A avg
belay-avg -qf --method spring --half-life 1 --state state a_1.safetensors -o avg.safetensors
ln state kept
before=$(cksum <kept)
tensors a_2.safetensors w:F32:2:3,4
belay-avg -qf --method spring --half-life 1 --state state a_2.safetensors -o avg.safetensors
echo "exit $?"
[ "$before" = "$(cksum <kept)" ] || echo 'what had the name is changed'
cmp -s state kept && echo 'the state is not replaced'
ls -A
