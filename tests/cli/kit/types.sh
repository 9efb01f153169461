#!/bin/sh
# types.sh - safetensors files to the byte: made from hex, and shown; read with a dot,
# behind kit.sh.

# The bytes of some hex digits.
bytes() {
	hex=$1
	while [ "$hex" ]; do
		rest=${hex#??}
		# shellcheck disable=SC2059 # the format is the byte
		printf "\\$(printf %03o "0x${hex%"$rest"}")"
		hex=$rest
	done
}

# $1 as 8 bytes, little endian.
word() {
	n=$1
	for _ in 1 2 3 4 5 6 7 8; do
		# shellcheck disable=SC2059 # the format is the byte
		printf "\\$(printf %03o $((n % 256)))"
		n=$((n / 256))
	done
}

# file NAME [META] TENSOR...: a safetensors file. A tensor is name:TYPE:shape:hex, such as
# w:F16:2x1:003c0040; META is a JSON object for __metadata__, or - for none.
file() {
	name=$1 json='' all='' at=0
	[ "$2" = - ] || json="\"__metadata__\":$2,"
	shift 2
	for tensor; do
		hex=${tensor##*:} tensor=${tensor%:*}
		shape=${tensor##*:} tensor=${tensor%:*}
		end=$((at + ${#hex} / 2))
		shape=$(echo "$shape" | tr x ,)
		json="$json\"${tensor%:*}\":{\"dtype\":\"${tensor##*:}\",\"shape\":[$shape],"
		json="$json\"data_offsets\":[$at,$end]},"
		all=$all$hex at=$end
	done
	json="{${json%,}}"
	{
		word ${#json}
		printf %s "$json"
		bytes "$all"
	} >"$name"
}

# The header of a safetensors file, without its padding, and the data in hex.
look() {
	n=$(od -An -tu4 -N4 "$1" | tr -d ' ')
	tail -c +9 "$1" | head -c "$n" | sed 's/ *$//'
	echo
	tail -c +$((n + 9)) "$1" | od -An -tx1 -v | tr -d ' \n'
	echo
}
