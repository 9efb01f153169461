#!/bin/sh
# recipe_print.sh - a command line as a recipe: run, it makes the same; printed, it is the same text
. "$data/../cli/kit/kit.sh"

tensors 'a [1].safetensors' w:F32:2:1,2 b:F32::1
tensors 'a [2].safetensors' w:F32:2:3,4 b:F32::3
tensors 'a*3.safetensors' w:F32:2:4,4 b:F32::3
mkdir p q
# The files of two folders that should be the same.
same() {
	(cd p && sum ./*) >p.sums
	(cd q && sum ./*) | diff p.sums - && wc -l <p.sums
	rm -f p/* q/*
}
round() {
	printf '$ %s\n' "$*"
	belay-avg "$@" --print-recipe >r.yaml || echo "exit $?"
	cat r.yaml
	belay-avg --print-recipe r.yaml | diff r.yaml -
	belay-avg --print-recipe --recipe - <r.yaml | diff r.yaml -
	belay-avg -q "$@" || echo "exit $?"
	sed 's|p/|q/|' r.yaml | belay-avg -q --recipe - || echo "exit $?"
	same
}
round a*.safetensors -o p/avg.safetensors --time-pattern '([0-9])\]?\.'
round --times=index --half-life '1:4:log3,10%,2ckpt' --method ema,spring 'a*3.safetensors' \
	'a [2].safetensors' -o 'p/{method}{{_{half-life}.safetensors' --copy 'b' --average '*' \
	--dtype f16 -q --no-provenance
round --times=index --allow-averages -f --memory 5MiB --threads 1 --name 'a: #b' \
	'a [2].safetensors' -o 'p/{name}' --hdf5-plugins --sync no
printf 'x' >"$(printf 'b\377.safetensors')"
try belay-avg --print-recipe b*.safetensors -o avg.safetensors
try belay-avg --print-recipe
try belay-avg --print-recipe --method emma
ls
