#!/bin/sh
# state_grow.sh - a state takes later checkpoints in, and makes what a run with all of them makes
. "$data/../cli/kit/kit.sh"
. "$data/../cli/kit/types.sh"

tensors a_10.safetensors w:F32:2:1,2 n:I32:1:7
tensors a_20.safetensors w:F32:2:3,4 n:I32:1:7
tensors a_40.safetensors w:F32:2:4,1 n:I32:1:7
tensors a_50.safetensors w:F32:2:2,2 n:I32:1:8
fold() {
	try belay-avg -q --state s --half-life 10 "$@" -o avg.safetensors
}
# Are two names of one file?
same() {
	[ "$(stat -c %i "$1")" = "$(stat -c %i "$2")" ]
}
fold a_10.safetensors
fold a_20.safetensors
cp s before
# Those that are known may be given again; only one is new.
belay-avg --state s --half-life 10 a_*0.safetensors -o avg.safetensors 2>&1 | tail -n 1
belay-avg -q --half-life 10 a_*.safetensors -o whole.safetensors
cmp avg.safetensors whole.safetensors && echo 'the same, with its provenance'
look avg.safetensors | tail -n 1
metadata s '"belay.state"'
# Nothing is new: nothing is touched, and what is gone is made again.
ln s s.now
ln avg.safetensors avg.now
belay-avg --state s --half-life 10 a_*.safetensors -o avg.safetensors 2>&1 | grep -v note:
belay-avg --state s --half-life 10 a_20.safetensors -o avg.safetensors
same s s.now && same avg.safetensors avg.now && echo 'nothing is touched'
rm avg.safetensors
fold a_50.safetensors
cmp avg.safetensors whole.safetensors && echo 'made again'
same s s.now && echo 'the state is not touched'
# In another type, from where it was before.
cp before s
fold --dtype f64 -f a_40.safetensors a_50.safetensors
look avg.safetensors | tail -n 1
# To standard output, without provenance.
cp before s
belay-avg -q --state s --half-life 10 a_40.safetensors a_50.safetensors -o - --format safetensors |
	cmp - whole.safetensors && echo 'on standard output too'
cp before s
fold --no-provenance a_40.safetensors
fold --no-provenance a_50.safetensors
ls -A
