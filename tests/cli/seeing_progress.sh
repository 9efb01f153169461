#!/bin/sh
# seeing_progress.sh - --progress: shown when it is asked for, on a terminal otherwise
. "$data/../cli/kit/kit.sh"

zeros a_1.safetensors 1
# A reader that is slow to start, so that there is something to show.
slowly() {
	belay-avg a_1.safetensors -o - "$@" 2>words | (sleep 0.7 && wc -c)
	line='^ *[0-9]+%  .+ of 2.1 MB  .+/s  [0-9:]+ left  \[#*\.*\] *$'
	tr '\r' '\n' <words | grep -Eq "$line" && echo 'progress'
	tr '\r' '\n' <words | grep -Ev "$line" | sed '/^ *$/d; s/ written.*//'
}
n=0
for options in --progress=always '--progress always -q' --progress=never '' --progress=plain; do
	n=$((n + 1))
	mkdir $n
	# shellcheck disable=SC2086 # several options
	(cd $n && ln -s ../a_1.safetensors . && slowly $options >said) &
done
wait
cat ./?/said
try belay-avg --progress=plain a_1.safetensors -o avg.safetensors
