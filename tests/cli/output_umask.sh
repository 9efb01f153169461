#!/bin/sh
# output_umask.sh - the mode of an output: the umask's, or that of the file it replaces
. "$data/../cli/kit/kit.sh"

tensors a_1.safetensors w:F32:2:1,2
ln -s "$data/digits/ckpt_00100.h5" .
for mask in 022 077 002 027; do
	umask $mask
	belay-avg -q a_1.safetensors -o $mask.safetensors
	belay-avg -q ckpt_00100.h5 -o $mask.h5
	stat -c '%a %n' $mask.*
done
for mode in 600 640 444 775; do
	chmod $mode 022.safetensors
	belay-avg -q -f a_1.safetensors -o 022.safetensors
	stat -c '%a' 022.safetensors
done
