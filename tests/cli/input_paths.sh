#!/bin/sh
# input_paths.sh - inputs and outputs with a dash in front, with odd bytes, as long as can be
. "$data/../cli/kit/kit.sh"

# One kind of name for everything: files, a clone, a folder, a picture, a report.
all_with() {
	printf '%s: ' "$1"
	rm -rf box
	mkdir box
	(
		cd box || exit 1
		tensors "./$2.safetensors" w:F32:2:1,2
		cp "$data/digits/ckpt_00100.h5" "./$2.h5"
		mkdir "./$2"
		cp "./$2.safetensors" "./$2/model.safetensors"
		belay-avg -q -o "x$2.safetensors" -- "$2.safetensors" || echo "safetensors: $?"
		belay-avg -q --output="$2-x.h5" -- "$2.h5" || echo "HDF5: $?"
		belay-avg -q --times=index --output "x$2" -- "$2" || echo "folder: $?"
		belay-show --kernel --svg "x$2.svg" -- "$2.safetensors" || echo "picture: $?"
		belay-diff -q --report="$2.jsonl" -- "$2.safetensors" "x$2.safetensors" ||
			echo "report: $?"
		find . -mindepth 1 -maxdepth 1 -printf x | wc -c
		find . -name '*.belay-tmp'
	)
}
all_with 'a dash' -f
all_with 'two dashes' --help
all_with 'a line break' "$(printf 'a\nb')"
all_with 'no UTF-8' "$(printf '\377\200')"
all_with 'a backslash, a quote' "\\\"'"
all_with 'a pattern' '*[x]?'
all_with blanks ' a  b '
all_with '240 bytes' "$(printf '%0240d' 0 | tr 0 n)"
all_with '240 bytes of two each' "$(printf '\303\244%.0s' $(seq 120))"

# A path of 4095 bytes, and one of 4096: one more than there can be.
deep=$(printf '%0254d/' 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 | tr 0 d)
here=$PWD
for folder in $(echo "$deep" | tr / ' '); do
	mkdir "$folder" && cd "$folder" || exit 1
done
tensors a_1.safetensors w:F32:2:1,2
cd "$here" || exit 1
tensors b_1.safetensors w:F32:2:1,2
long() {
	printf ".%s/%s%s" "$(printf '%0*d' $(($1 - ${#deep} - ${#2} - 2)) 0 | tr 0 /)" "$deep" "$2"
}
for size in 4095 4096; do
	path=$(long $size a_1.safetensors)
	echo "${#path} bytes"
	belay-avg -qf "$path" -o avg.safetensors 2>words
	echo "input: exit $?"
	grep -o '[^:]*$' words
	belay-avg -qf b_1.safetensors -o "$(long $size avg.safetensors)" 2>words
	echo "output: exit $?"
	grep -o '[^:]*$' words
	belay-show --kernel b_1.safetensors -f --svg "$(long $size k.svg)" 2>words
	echo "picture: exit $?"
	grep -o '[^:]*$' words
done
find . -name '*.belay-tmp'
find . -name avg.safetensors -o -name k.svg | wc -l
