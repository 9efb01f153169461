#!/bin/sh
# report_table.sh - --report FILE.tsv: a line for every output, for a shell that reads it
. "$data/../cli/kit/kit.sh"

for n in 1 2 3; do
	tensors a_$n.safetensors w:F32:2:$n,2
done
read_table() {
	while IFS='	' read -r output status bytes method name rest; do
		printf '<%s> <%s> <%s> <%s> <%s>\n' "$output" "$status" "$bytes" "$method" "$name"
	done <"$1"
}
belay-avg --no-provenance a_*.safetensors --method ema,spring --half-life 1,2 \
	-o 'avg_{method}_{half-life}.safetensors' --report t.tsv -q
cat t.tsv
echo "--- names"
name=$(printf 'a\tb\nc\\d\001')
belay-avg --no-provenance a_*.safetensors --name "$name" -o "$name.safetensors" --report t.tsv -q
read_table t.tsv
[ -f "$(env printf '%b' "$(sed -n '2s/	.*//p' t.tsv)")" ] && echo 'printf %b gives the name'
echo "--- without a plan"
belay-avg a_*.safetensors gone_4.safetensors --name n --half-life 1,2 -o '{half-life}.safetensors' \
	--report t.tsv 2>/dev/null || echo "exit $?"
cat t.tsv
echo "--- without anything"
belay-avg --report t.tsv 2>/dev/null || echo "exit $?"
cat t.tsv
