#!/bin/sh
# diff_pages.sh - belay-diff --junit, --markdown: what they hold, and what they replace
. "$data/../cli/kit/kit.sh"

need jq
diff() {
	printf '$ belay-diff %s\n' "$*"
	belay-diff "$@" 2>&1
	echo "exit $?"
}
tensors a.safetensors w:F32:2:1,2 'a|b*<c>&`_':F32:1:3 gone:F32:1:0 wild:F32:1:1
tensors b.safetensors w:F32:2:1,2 'a|b*<c>&`_':F32:1:1 wild:F32:1:nan
echo "--- of a pair"
diff -q a.safetensors b.safetensors --junit j.xml --markdown m.md --top 2
cat j.xml m.md
echo "--- older ones are replaced"
diff -q a.safetensors a.safetensors --junit j.xml --markdown m.md
cat j.xml m.md
echo "--- metadata are a case"
tensors c.safetensors @run=2 w:F32:1:1
tensors d.safetensors @run=3 w:F32:1:1
diff -q --metadata c.safetensors d.safetensors --junit j.xml --markdown m.md
grep -A 2 metadata j.xml
cat m.md
echo "--- of sets"
mkdir old new
for n in 5 10; do
	cp a.safetensors old/c_$n.safetensors
	cp a.safetensors new/c_$n.safetensors
done
cp b.safetensors new/c_10.safetensors
cp b.safetensors new/c_2.safetensors
diff -q --sets old new --junit j.xml --markdown m.md
cat j.xml m.md
echo "--- of a list of digests"
belay-show --digest old/c_5.safetensors old/c_10.safetensors >'li st'
diff -q --against 'li st' old/c_5.safetensors new/c_10.safetensors --junit j.xml --markdown m.md \
	--top 2
cat j.xml m.md
diff -q --against 'li st' old/c_10.safetensors new/c_2.safetensors --junit j.xml --markdown m.md
cat j.xml m.md
diff -q --against 'li st' new/c_5.safetensors old/c_10.safetensors --junit j.xml --markdown m.md
cat j.xml m.md
echo "--- standard output is for one thing"
diff a.safetensors b.safetensors --junit - >page
sed -i '1d;$d' page # the command and its end
diff -q a.safetensors b.safetensors --junit j.xml
cmp page j.xml
diff --sets old new --markdown -
diff --against 'li st' old/c_5.safetensors old/c_10.safetensors --markdown -
diff a.safetensors b.safetensors --junit - --markdown -
belay-diff a.safetensors b.safetensors --junit - --json >r.jsonl 2>words
cat words
jq -c 'select(.event == "result") | [.status, .exit_code]' r.jsonl
echo "--- nothing else is replaced, and nothing is left of what failed"
echo kept >notes.xml
cp notes.xml notes.md
before=$(cksum j.xml)
diff a.safetensors b.safetensors --junit notes.xml
diff a.safetensors b.safetensors --markdown notes.md
diff a.safetensors b.safetensors --markdown j.xml
diff a.safetensors b.safetensors --junit a.safetensors
diff a.safetensors b.safetensors --junit x --markdown x
diff a.safetensors b.safetensors --report x --markdown x
diff a.safetensors b.safetensors --junit none/x.xml
mkfifo pipe
diff a.safetensors b.safetensors --junit pipe
diff a.safetensors lost.safetensors --junit j.xml --markdown fresh.md
[ "$before" = "$(cksum j.xml)" ] || echo "j.xml is another"
cat notes.xml notes.md
others -e safetensors
