#!/bin/sh
# output_in_the_way.sh - a temporary name that something else has taken
. "$data/../cli/kit/kit.sh"

tensors a_1.safetensors w:F32:2:1,2
in_the_way() {
	try belay-avg -q a_1.safetensors -o avg.safetensors
	stat -c %F .avg.safetensors.belay-tmp
	rm -rf .avg.safetensors.belay-tmp
}
mkdir .avg.safetensors.belay-tmp
in_the_way
ln -s a_1.safetensors .avg.safetensors.belay-tmp
in_the_way
mkfifo .avg.safetensors.belay-tmp
in_the_way
ln a_1.safetensors .avg.safetensors.belay-tmp
in_the_way
ls -A
values a_1.safetensors 2 4
