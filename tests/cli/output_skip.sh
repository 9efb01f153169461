#!/bin/sh
# output_skip.sh - --skip-existing: the same average is left alone, another is an error
. "$data/../cli/kit/kit.sh"

tensors a_1.safetensors w:F32:2:1,2
tensors a_2.safetensors w:F32:2:3,4
avg() {
	try belay-avg a_*.safetensors --skip-existing "$@"
}
avg -q -o avg.safetensors
ln avg.safetensors first
avg -o avg.safetensors
avg -q -o avg.safetensors
avg -o avg.safetensors --half-life 7
avg -o avg.safetensors --nonfinite=keep
avg -o avg.safetensors --threads 1 --memory 2MiB
[ "$(stat -c %i first)" = "$(stat -c %i avg.safetensors)" ] && echo 'left alone'
avg -q -f -o avg.safetensors --half-life 7
[ "$(stat -c %i first)" = "$(stat -c %i avg.safetensors)" ] || echo 'made anew'
# Other inputs, other times, a choice among them: only the same weights of the same files are left
# alone.
tensors a_3.safetensors w:F32:2:1,1
avg -o avg.safetensors -q
rm a_3.safetensors
avg -q -f -o avg.safetensors
avg -q -o avg.safetensors --times=index
avg -q -o avg.safetensors --last 1
avg -q -o avg.safetensors --last 2
tensors a_1.safetensors @a=longer_header w:F32:2:1,2
avg -q -o avg.safetensors
tensors a_1.safetensors w:F32:2:1,2
avg -q -o avg.safetensors
# Other files in its place.
echo old >old.safetensors
avg -o old.safetensors
avg -q -f -o old.safetensors
belay-avg -q --no-provenance a_*.safetensors -o plain.safetensors
avg -o plain.safetensors
# One that cannot be read is not said to be another average.
chmod 0 plain.safetensors
try plain belay-avg -q a_*.safetensors --skip-existing -o plain.safetensors
avg -o new.safetensors --no-provenance
ls -A
