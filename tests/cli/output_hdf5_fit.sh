#!/bin/sh
# output_hdf5_fit.sh - what safetensors can hold and HDF5 cannot is refused before anything is made
. "$data/../cli/kit/kit.sh"
. "$data/../cli/kit/types.sh"

# $1 times the text $2.
many() {
	awk -v n="$1" -v text="$2" 'BEGIN { while (n--) printf "%s", text }'
}

# Averages what file makes of the arguments; standard error has only the beginning of long names.
one() {
	file s.safetensors "$@"
	belay-avg -q -f --times=index --method=uniform s.safetensors -o avg.h5
	echo "exit $?" >&2
}

# keys N: so many metadata keys, each the start of no other.
keys() {
	awk -v n="$1" 'BEGIN {
		printf "{"
		for (i = 0; i < n; i++)
			printf "%s\"k%05d\":\"\"", i ? "," : "", i
		printf "}"
	}'
}

one "$(keys 4096)" w:F32:1:0000803f
one "$(keys 4097)" w:F32:1:0000803f
one "{\"$(many 60000 k)\":\"\"}" w:F32:1:0000803f
one "{\"$(many 60001 k)\":\"\"}" w:F32:1:0000803f
one - "w:F32:1$(many 31 x1):0000803f"
one - "w:F32:1$(many 32 x1):0000803f"
one - "w$(many 4095 .w):F32:1:0000803f"
one - "w$(many 4096 .w):F32:1:0000803f"
# It ends soon, however long the names are.
one - "v$(many 30000 .w):F32:1:0000803f" "w$(many 30000 .w):F32:1:0000803f"
# More groups than can be made.
awk 'BEGIN {
	for (part = ".x"; length(part) < 8000;)
		part = part part
	part = substr(part, 1, 8000)
	for (i = 0; i < 501; i++)
		printf "%s\"n%03d%s\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}", \
			i ? "," : "{", i, part
	printf "}"
}' >header.txt
{ word "$(wc -c <header.txt)" && cat header.txt; } >s.safetensors
belay-avg -q -f --times=index --method=uniform s.safetensors -o avg.h5
echo "exit $?" >&2
ls
