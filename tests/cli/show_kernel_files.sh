#!/bin/sh
# show_kernel_files.sh - pictures and reports: whole or not at all, and nothing is overwritten
. "$data/../cli/kit/kit.sh"

times='--kernel --time-list 0:10:11'
try belay-show $times --svg a.svg
try belay-show $times --svg a.svg
try belay-show $times --svg a.svg -f --report a.tsv
try belay-show $times --svg - >b.svg
cmp a.svg b.svg
belay-show $times --tsv | cmp - a.tsv
try belay-show $times --report a.json --tsv >b.tsv
belay-show $times --json | cmp - a.json
cmp a.tsv b.tsv
# Reports are replaced, no other file is.
try belay-show $times --method spring --report a.json
belay-show $times --method spring --json | cmp - a.json
try belay-show $times --method spring --report a.tsv
belay-show $times --method spring --tsv | cmp - a.tsv
belay-show --digest --json "$data/digits/ckpt_00000.h5" >golden.json
echo '{"schema": 1}' >own.json
for other in a.svg golden.json own.json; do
	cp $other copy
	try belay-show $times -f --report $other
	cmp $other copy
done
try belay-show $times --svg - --tsv
try belay-show $times --tsv --json
try belay-show $times --svg c.svg --report c.svg
try belay-show $times --svg gone/c.svg
mkdir folder
try belay-show $times --svg folder
tensors m_1.safetensors w:F32:1:1
tensors m_2.safetensors w:F32:1:1
try belay-show --kernel -f --svg m_1.safetensors m_*.safetensors
try belay-show --kernel m_*.safetensors --svg d.svg --report -
ls
head -n 1 a.svg
