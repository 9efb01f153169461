#!/bin/sh
# show_names.sh - whatever names and metadata hold, a terminal gets no control characters
. "$data/../cli/kit/kit.sh"

ln -s "$data/cases/hdf5/valid/names_odd.h5" .
ln -s "$data/cases/safetensors/valid/names_unicode.safetensors" .
ln -s "$data/cases/safetensors/valid/nul_in_metadata_value.safetensors" .
evil=$(printf 'e\033[31mvil.safetensors')
tensors "$evil" '@long='"$(printf '%0300d' 7)" w:F32:1:1
for f in names_odd.h5 names_unicode.safetensors nul_in_metadata_value.safetensors "$evil"; do
	belay-show "$f" | sed -E 's/x{100,}/xxx/; s/ {100,}/   /'
	belay-show --tree "$f" | sed -E 's/x{100,}/xxx/'
	belay-show --json "$f" | jq -c '.checkpoints[0] | [.path, (.tensors[] | .name)]' |
		sed -E 's/x{100,}/xxx/'
done
