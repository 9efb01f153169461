#!/bin/sh
# examples_readme.sh - the commands with which the README begins
. "$data/../cli/kit/kit.sh"

page=$data/../../README.md
[ -f "$page" ] || skip "the README is not here"
for n in 00 05 10; do
	ln -s "$data/digits/ckpt_0${n}00.h5" .
	ln -s "$data/digits/ckpt_0${n}00.safetensors" "step-${n}00.safetensors"
	mkdir "checkpoint-${n}00"
	ln -s "$data/digits/ckpt_0${n}00.safetensors" "checkpoint-${n}00/model.safetensors"
done
for std in 0.05 0.10; do
	belay-avg -q --method power --rel-std $std step-*.safetensors -o "kept_$std.safetensors"
done
# The block of the section on recipes is the recipe that the commands name.
awk '/^## / { inside = $2 == "Recipes" } inside && sub(/^    /, "")' "$page" >sweep.yaml
awk '/^## / { out = $2 != "Another" }
	!out && /^    belay-avg/ { sub(/ +#.*/, ""); print }' "$page" >commands
run_commands
others -e kept_ -e ckpt_ -e checkpoint- -e step- -e words -e commands -e yaml
