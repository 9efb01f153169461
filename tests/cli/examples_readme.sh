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
# The block of the section on recipes is the recipe that the commands name.
awk '/^## / { inside = $2 == "Recipes" } inside && sub(/^    /, "")' "$page" >sweep.yaml
awk '/^## / { exit } /^    belay-avg/ { sub(/ +#.*/, ""); print }' "$page" >commands
run_commands
others -e ckpt_ -e checkpoint- -e step- -e words -e commands -e yaml
