#!/bin/sh
# show_failure.sh - what stands in place of JSON, and what jq makes of it
. "$data/../cli/kit/kit.sh"

need jq
tensors a_1.safetensors w:F32:2:1,2
tensors a_2.safetensors w:F32:3:1,2,3
# The filter of the manual: the document, or what went wrong, with the exit code behind the pipe.
look() {
	belay-show --json "$@" 2>/dev/null |
		jq -c 'if .event then halt_error(.exit_code) else .checkpoints[].size end' 2>&1
	echo "exit $?"
}
look a_1.safetensors
look gone.h5
look a_1.safetensors --half-life 3
look --drift a_1.safetensors a_2.safetensors
# Where no JSON was asked for, or it goes to a file, there is nothing.
belay-show --kernel --report r.json gone.h5
belay-show --kernel --tsv gone.h5
belay-avg --plan gone.h5 -o avg.h5
belay-avg --plan=json gone.h5 -o avg.h5 2>/dev/null
others -e a_
