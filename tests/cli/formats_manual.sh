#!/bin/sh
# formats_manual.sh - what the manual says of types and of the record holds
. "$data/../cli/kit/kit.sh"

need jq
page=$data/../../man/belay-formats.5
[ -f "$page" ] || skip "the manual is not here"

# The table of types, a line each: type, in safetensors, in HDF5, averaged.
sed -n '/^\.\\" begin types/,/^\.\\" end types/s/^\.It \([A-Z].*\)/\1/p' "$page" |
	sed -e '/^Em /d' -e 's/ Ta /:/g' >table
table=$data/../../lib/dtype.c
[ -f "$table" ] && sed -n 's/.*\] = {"\([A-Z0-9_]*\)", .*/\1/p' "$table" | sort >types &&
	cut -d: -f1 table | sort | diff - types

# Is a tensor of type $1 averaged with --f8 $2? 1 or 0.
averaged() {
	belay-avg --plan=json --f8 "$2" a_1.safetensors -o avg.safetensors | jq .tensors.averaged
}

# What is true of type $1, in the words of the table. Eight values of 64 bits are enough for any.
truth() {
	case $1 in
	*64*) size=64 ;;
	F32 | ?32) size=32 ;;
	*16) size=16 ;;
	F6*) size=6 ;;
	F4) size=4 ;;
	*) size=8 ;;
	esac
	header=$(printf '{"w":{"dtype":"%s","shape":[8],"data_offsets":[0,%d]}}' "$1" $size)
	{
		printf "\\$(printf %03o ${#header})"'\000\000\000\000\000\000\000%s' "$header"
		head -c $size /dev/zero
	} >a_1.safetensors
	belay-show a_1.safetensors >shown 2>&1 || { echo "$1:no" && return; }
	hdf5=no
	belay-avg -qf --f8 copy a_1.safetensors -o avg.h5 2>said && hdf5=yes
	case $(averaged "$1" copy)$(averaged "$1" average) in
	11) words=yes ;;
	01) words='with --f8' ;;
	*) words=no ;;
	esac
	echo "$1:yes:$hdf5:$words"
}

# What no safetensors file has is left to the tests of HDF5.
while IFS=: read -r type there rest; do
	truth "$type" >>found
	[ "$there" = yes ] && echo "$type:$there:$rest" || echo "$type:$there"
done <table >said_so
diff said_so found && wc -l <found

# Members of the record that the manual does not know.
sed -n '/^\.Sh THE RECORD/,/^\.Sh SEE/p' "$page" | grep '^\.\(It \)*Cm' | tr ' ,' '\n\n' >known
tensors b_1.safetensors w:F32:1:1 v:F32:1:1
tensors b_2.safetensors w:F32:1:1 v:F32:1:1
belay-avg -q --half-life 1 --tensor-option w:method=uniform --skip x \
	b_?.safetensors -o rec.safetensors 2>said
belay-show --recipe --json rec.safetensors >record
jq -r 'del(.settings, .resolved, .tensor_options[].settings, .tensor_options[].resolved, .tensors) |
	.. | objects | keys[]' record | sort -u | while read -r key; do
	grep -qx "$key" known || echo "$key"
done
jq -c 'keys_unsorted' record
