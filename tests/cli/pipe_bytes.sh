#!/bin/sh
# pipe_bytes.sh - -o - writes what would be in the file
. "$data/../cli/kit/kit.sh"

for n in 0 1 2; do
	ln -s "$data/digits/ckpt_00${n}00.safetensors" .
done
belay-avg -q ckpt_*.safetensors -o avg.safetensors
try belay-avg ckpt_*.safetensors -o - | cmp - avg.safetensors
belay-avg -q ckpt_*.safetensors -o - >copy
cmp copy avg.safetensors
belay-avg -q --threads 4 --memory 1MiB ckpt_*.safetensors --output - | cmp - avg.safetensors
mkfifo fifo
cat fifo >copy &
belay-avg -q ckpt_*.safetensors -o - >fifo
wait
cmp copy avg.safetensors
ls -A
