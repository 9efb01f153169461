#!/bin/sh
# show_kernel.sh - the weights in words and as a picture of characters
. "$data/../cli/kit/kit.sh"

ln -s "$data"/digits/ckpt_* .
belay-show --kernel ckpt_*.h5
echo
belay-show --kernel --method spring --damping 0.2 --half-life 40 ckpt_*.safetensors
echo
COLUMNS=60 belay-show --kernel --method belay --restore 0 --damping 0.3 ckpt_00[0-4]*.h5
echo
belay-show --kernel --method window --window 3ckpt ckpt_00[0-2]?0.h5
