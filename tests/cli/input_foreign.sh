#!/bin/sh
# input_foreign.sh - what people take for a checkpoint
. "$data/../cli/kit/kit.sh"

cases=$data/cases
for input in safetensors/bad/git_lfs_pointer.safetensors hdf5/bad/git_lfs_pointer.h5 \
	safetensors/bad/html_error_page.safetensors safetensors/bad/torch_zip.safetensors; do
	try belay-avg "$cases/$input" -o avg
done
printf '<?xml version="1.0"?>\n<Error/>' >page.h5
# A zip file by the name of its first member.
zip() {
	printf 'PK\003\004\024\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0'
	# shellcheck disable=SC2059 # escapes
	printf "\\$(printf %03o ${#1})\\0\\0\\0$1"
}
zip archive/data.pkl >torch.pt
zip metadata.json >m.keras
zip a_0.npy >a.npz
zip photo.jpg >photos.zip
printf '\200\002}q\0.' >a.pkl
printf '\223NUMPY\001\0' >a.npy
printf 'GGUF\003\0\0\0' >a.gguf
printf '\037\213\010\0' >a.h5.gz
printf '{"weight_map": {"a": "pytorch_model-00001-of-00002.bin"}}' >pytorch_model.bin.index.json
echo 'hello, world' >notes.txt
echo 'hello, world' >notes.h5
for input in page.h5 torch.pt m.keras a.npz photos.zip a.pkl a.npy a.gguf a.h5.gz \
	pytorch_model.bin.index.json notes.txt notes.h5; do
	try belay-avg $input -o avg
done
