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

# What DeepSpeed leaves: a folder for each step, with the name of the last one beside it.
mkdir -p ds/global_step9 ds/script_9 ds/other_9 ds/named_9 ds/piped_9 ds/odd_9
zip archive/data.pkl >ds/global_step9/mp_rank_00_model_states.pt
zip archive/data.pkl >ds/global_step9/bf16_zero_pp_rank_0_mp_rank_00_optim_states.pt
echo global_step9 >ds/latest
touch ds/script_9/zero_to_fp32.py
printf global_step9 >ds/named_9/latest
cp -r ds/global_step9 ds/named_9/
rm ds/named_9/global_step9/mp_rank_00_model_states.pt
# A file of that name alone says nothing.
echo checkpoint-9 >ds/other_9/latest
echo ../global_step9 >ds/odd_9/latest
mkfifo ds/piped_9/latest
for input in ds ds/global_step9 ds/script_9 ds/named_9 ds/other_9 ds/odd_9 ds/piped_9 \
	ds/global_step9/*; do
	try belay-avg "$input" -o avg
done
# Of a distributed checkpoint of PyTorch.
mkdir dcp_9
zip archive/data.pkl >dcp_9/__0_0.distcp
printf '\200\004\225\275' >dcp_9/.metadata
for input in dcp_9 dcp_9/__0_0.distcp dcp_9/.metadata; do
	try belay-avg "$input" -o avg
done
# Weights of transformers as they were before safetensors; names alone decide nothing.
mkdir hf_9
zip pytorch_model/data.pkl >hf_9/pytorch_model-00001-of-00002.bin
tensors safe.bin w:F32:1:1
echo hello >notes.distcp
for input in hf_9 hf_9/*.bin notes.distcp; do
	try belay-avg "$input" -o avg
done
try belay-avg -q safe.bin -o safe.safetensors
