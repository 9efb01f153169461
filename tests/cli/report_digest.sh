#!/bin/sh
# report_digest.sh - digests in a report: of all inputs and of what was made
. "$data/../cli/kit/kit.sh"

need jq
for n in 1 2 3; do
	tensors a_$n.safetensors w:F32:2:$n,2 i:I32:1:7
done
# What is recorded is what belay-show says: of the first, which has no weight, too.
belay-avg -q a_*.safetensors --method window --window 1ckpt,2ckpt -o 'o_{index}.safetensors' \
	--digest --report r.jsonl
jq -c 'select(.event == "digest") | [.of, .path, .time, .tensors[0].name, .left_out]' r.jsonl
jq -r 'select(.event == "digest") | "\(.digest) \(.path)"' r.jsonl |
while read -r digest path; do
	belay-show --digest "$path" | grep -q "^$digest  /\$" || echo "not so: $path"
done
jq -c 'select(.event == "output") | [.path, .status, .digest]' r.jsonl
jq -c 'select(.event == "plan") | [.checkpoints[].read], .run.read_bytes' r.jsonl
jq -c 'select(.event == "result") | .read_bytes' r.jsonl
echo "--- one that is there already is not made, and not digested"
rm o_1.safetensors
belay-avg -q a_*.safetensors --method window --window 1ckpt,2ckpt -o 'o_{index}.safetensors' \
	--digest --report r.jsonl --skip-existing
jq -c 'select(.event == "digest" or .event == "output") | [.of, .path, .status, .digest]' r.jsonl
echo "--- a table"
belay-avg -qf a_*.safetensors -o o.safetensors --digest --report r.tsv
cut -f 1,2,17- r.tsv
belay-show --digest o.safetensors | tail -n 1
echo "--- a plan, and a run that fails"
belay-avg -qf a_*.safetensors -o o.safetensors --digest --report r.jsonl -n >/dev/null
jq -c '[.event, .status, .digest]' r.jsonl
tensors a_4.safetensors w:F32:2:nan,2 i:I32:1:7
belay-avg -qf a_*.safetensors -o o.safetensors --digest --json | jq -c '[.event, .status, .digest]'
echo "--- nowhere to put them"
belay-avg a_*.safetensors -o o.safetensors --digest
echo "exit $?"
printf 'inputs: a_[123].safetensors\noutput: y.safetensors\nreport: y.jsonl\ndigest: true\n' >y.yaml
belay-avg -q --recipe y.yaml
grep -c '"event":"digest"' y.jsonl
echo "--- the second of two appears meanwhile: it was made, and does not stand"
mkfifo weights
printf '%s\n' 'inputs: a_[123].safetensors' 'output: "m_{name}.safetensors"' 'digest: true' \
	'runs:' '  - {name: one, method: uniform}' \
	'  - {name: two, method: weights, weights: weights}' >m.yaml
belay-avg -q --recipe m.yaml --report m.jsonl 2>/dev/null &
exec 3>weights
touch m_two.safetensors
printf '1\t.5\n2\t.5\n3\t0\n' >&3
exec 3>&-
wait $!
echo "exit $?"
jq -c 'select(.event == "digest" or .event == "output") | [.event, .path, .status, .digest]' m.jsonl
