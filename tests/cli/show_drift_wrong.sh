#!/bin/sh
# show_drift_wrong.sh - what cannot be shown, files that are damaged, and where it is written
. "$data/../cli/kit/kit.sh"

tensors a_1.safetensors w:F32:2:1,2 n:I32:1:7
tensors a_2.safetensors w:F32:2:2,2 n:I32:1:8
try belay-show --drift
try belay-show --drift --kernel a_*.safetensors
try belay-show --drift --half-life 1,2 a_*.safetensors
try belay-show --drift --time-list 1,2
try belay-show --drift --tree a_*.safetensors
try belay-show --kernel --skip w a_*.safetensors
try belay-show --kernel --threads 2 a_*.safetensors
try belay-show --memory 1GB a_1.safetensors
try belay-show --drift --skip nothing a_*.safetensors
try belay-show --drift --skip w a_*.safetensors
try belay-show --drift --memory 1 a_*.safetensors
try belay-show --drift --tsv --json a_*.safetensors
try belay-show --drift --svg a_1.safetensors a_*.safetensors
BELAY_CPU=z80 try belay-show --drift a_*.safetensors
# Checkpoints that do not agree; what one lacks is left out.
tensors b_1.safetensors w:F32:2:1,2 v:F32:1:1
tensors b_2.safetensors w:F32:1:2 v:F32:1:1
try belay-show --drift b_*.safetensors
try belay-show --drift --tsv --skip w b_*.safetensors
tensors c_1.safetensors w:F32:2:1,2
tensors c_2.safetensors w:F32:2:2,2 v:F32:1:1
try belay-show --drift c_*.safetensors | head -n 2
tensors i_1.safetensors n:I32:1:7
try belay-show --drift i_1.safetensors
# Damaged ones, and more than fits.
head -c 100 a_2.safetensors >d_2.safetensors
cp a_1.safetensors d_1.safetensors
try belay-show --drift d_*.safetensors
head -c 30000 "$data/digits/ckpt_01000.h5" >ckpt_02000.h5
cp "$data/digits/ckpt_01000.h5" .
try belay-show --drift ckpt_*.h5
zeros z_1.safetensors 8
zeros z_2.safetensors 8
try belay-show --drift --memory 2MiB z_*.safetensors | sed -n 2p
# Files are whole or not there.
try belay-show --drift --svg a.svg --report a.tsv a_*.safetensors
try belay-show --drift --svg a.svg a_*.safetensors
belay-show --drift --tsv a_*.safetensors | cmp - a.tsv
try belay-show --drift -f --report a.json --json a_*.safetensors >b.json
belay-show --drift --json a_*.safetensors | cmp - b.json
try belay-show --drift --report a.tsv a_*.safetensors
try belay-show --drift --report a.json a_*.safetensors
others -e safetensors -e ckpt_
try belay-show --drift a_*.safetensors >/dev/full
belay-show --drift a_*.safetensors | true
