#!/bin/sh
# report_events.sh - --report and --json: what happened, an event a line, the result last
. "$data/../cli/kit/kit.sh"

need jq
# All of the events of a report but what no two runs have in common.
show() {
	jq -c 'if .seconds then .seconds = "s" | .peak_memory = "m" else . end | del(.version) |
		if .run then .run |= {read_bytes, written_bytes} else . end |
		if .bytes then .bytes = "b" else . end' "$1"
}

for n in 1 2 3; do
	tensors a_$n.safetensors w:F32:2:$n,2 bn.running_mean:F32:1:$n
done
tensors b_4.safetensors w:F32:2:1,nan bn.running_mean:F32:1:1
belay-avg a_*.safetensors --half-life 1,2 -o 'avg_{half-life}.safetensors' --skip x \
	--report r.jsonl -q
show r.jsonl
echo "--- once more, and one of them is gone"
rm avg_2.safetensors
belay-avg a_*.safetensors --half-life 1,2 -o 'avg_{half-life}.safetensors' --skip x \
	--skip-existing --report r.jsonl -q
jq -r 'select(.event == "output") | "\(.path) \(.status) \(.half_life) \(.bytes)"' r.jsonl |
while read -r path status half_life bytes; do
	[ "$bytes" -eq "$(wc -c <"$path")" ] && echo "$path $status $half_life"
done
jq -c 'select(.event == "result") | .counts' r.jsonl
echo "--- a plan"
belay-avg a_*.safetensors --half-life 1 -o p.safetensors --plan --report r.jsonl >/dev/null
jq -c '[.event, .status, .bytes]' r.jsonl
echo "--- one of three cannot be made"
belay-avg a_*.safetensors b_4.safetensors --half-life 1,2 -o 'n_{index}.safetensors' --json \
	-q 2>/dev/null >r.jsonl
show r.jsonl | grep -v '"event":"plan"'
echo "--- what was there already is still there"
for given in '' -f; do
	belay-avg $given a_*.safetensors b_4.safetensors --half-life 1,5 \
		-o 'avg_{half-life}.safetensors' --json -q 2>/dev/null |
		jq -c 'select(.event == "output" or .event == "result") |
			[.path, .status, .bytes, .counts.kept, .counts.failed]'
done
wc -c <avg_1.safetensors
echo "--- what is wrong stands before the report"
belay-avg --half-live 3 a_*.safetensors -o x.safetensors --json 2>/dev/null |
	jq -c '[.event, .arguments, .status, .exit_code, .message, .hint]'
ls
