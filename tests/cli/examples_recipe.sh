#!/bin/sh
# examples_recipe.sh - the recipes of the manuals do what these say
. "$data/../cli/kit/kit.sh"

[ -f "$data/../../man/belay-recipe.5" ] || skip "the manual is not here"
for n in 00 03 05 08 10; do
	ln -s "$data/digits/ckpt_0${n}00.h5" .
	ln -s "$data/digits/ckpt_0${n}00.safetensors" .
done
for page in belay-avg.1 belay-recipe.5; do
	awk '
		/^\.Ed/ { literal = 0 }
		literal { block = block $0 "\n" }
		/^\.Bd -literal/ { literal = 1; block = "" }
		/^\.Ed/ && block ~ /^inputs/ { printf "%s", block }
	' "$data/../../man/$page" | sed 's/\\-/-/g' >r.yaml
	try belay-avg -q r.yaml
	ls avg_*
	rm avg_*
done
try belay-avg -q --recipe r.yaml --plan -f >plan
head -n 1 plan
