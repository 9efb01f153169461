#!/bin/sh
# kit.sh - what the scripts of the command-line tests share; they read it with a dot.

# Runs a command; standard error has it, what it says there and how it ends, as a transcript.
try() {
	printf '$ %s\n' "$*" >&2
	"$@"
	echo "exit $?" >&2
}

# Runs belay-avg with these options on a_*.safetensors, and throws the average away.
with() {
	printf '$ %s\n' "$*" >&2
	belay-avg "$@" a_*.safetensors -o avg.safetensors
	echo "exit $?" >&2
	rm -f avg.safetensors
}

# Runs the lines of the file `commands`; tells how each one ends and what it says, but for warnings.
run_commands() {
	while read -r command; do
		printf '$ %s\n' "$command"
		rm -f avg.h5
		sh -c "$command" >words 2>&1 </dev/null || echo "exit $?"
		grep '^belay-avg: ' words | grep -v ': warning: '
	done <commands
}

# Skips the whole script.
skip() {
	echo "$*"
	exit 77
}

# Skips it where one of these programs is missing.
need() {
	for program; do
		command -v "$program" >/dev/null || skip "$program is not here"
	done
}

# Runs a command as anybody: root, who may read and write everything, without that privilege.
plain() {
	if [ "$(id -u)" = 0 ]; then
		setpriv --bounding-set=-dac_override,-dac_read_search "$@"
	else
		"$@"
	fi
}

# Lists what is here, but for what fits the patterns, as of grep.
others() {
	# shellcheck disable=SC2010 # names without line breaks
	ls -A | grep -v "$@" || :
}

# ---- small safetensors files ----

# The bytes of a value, little endian, as escapes for printf.
value() {
	case $1:$2 in
	F32:0 | I32:0) printf %s '\000\000\000\000' ;;
	F32:1) printf %s '\000\000\200\077' ;;
	F32:2) printf %s '\000\000\000\100' ;;
	F32:3) printf %s '\000\000\100\100' ;;
	F32:4) printf %s '\000\000\200\100' ;;
	F32:-1) printf %s '\000\000\200\277' ;;
	F32:nan) printf %s '\000\000\300\177' ;;
	F32:inf) printf %s '\000\000\200\177' ;;
	F32:-inf) printf %s '\000\000\200\377' ;;
	F16:0) printf %s '\000\000' ;;
	F16:1) printf %s '\000\074' ;;
	F16:max) printf %s '\377\173' ;;
	F16:-max) printf %s '\377\373' ;;
	I32:7) printf %s '\007\000\000\000' ;;
	I32:8) printf %s '\010\000\000\000' ;;
	*) echo "kit: no value $1:$2" >&2 && exit 99 ;;
	esac
}

# A number below 65536 as eight bytes, escaped for printf.
eight() {
	printf '\\%03o\\%03o\\000\\000\\000\\000\\000\\000' $(($1 % 256)) $(($1 / 256))
}

# Writes a header, padded with blanks, behind its length.
header() {
	text=$1
	while [ $((${#text} % 8)) -ne 0 ]; do
		text="$text "
	done
	# shellcheck disable=SC2059 # escapes
	printf "$(eight ${#text})"
	printf '%s' "$text"
}

# tensors FILE [@KEY=VALUE | NAME:TYPE:DIMS:VALUE,VALUE...]...
# Writes a safetensors file: metadata with @, else tensors. DIMS is 4 or 2x2; none is a scalar.
tensors() {
	file=$1
	shift
	meta='' list='' bytes='' at=0
	for part; do
		case $part in
		@*)
			part=${part#@}
			meta="$meta${meta:+,}\"${part%%=*}\":\"${part#*=}\""
			continue
			;;
		esac
		name=${part%%:*} part=${part#*:}
		type=${part%%:*} part=${part#*:}
		dims=${part%%:*} start=$at
		for v in $(printf %s "${part#*:}" | tr ',' ' '); do
			bytes="$bytes$(value "$type" "$v")"
		done
		at=$((${#bytes} / 4))
		dims=$(echo "$dims" | tr x ',')
		list="$list${list:+,}\"$name\":{\"dtype\":\"$type\",\"shape\":[$dims],"
		list="$list\"data_offsets\":[$start,$at]}"
	done
	[ -z "$meta" ] || list="\"__metadata__\":{$meta}${list:+,}$list"
	{
		header "{$list}"
		# shellcheck disable=SC2059 # escapes
		printf "$bytes"
	} >"$file"
}

# zeros FILE MIB: a safetensors file of so many MiB of zeros that takes no room on the disk.
zeros() {
	size=$(($2 * 1048576))
	header "{\"w\":{\"dtype\":\"F32\",\"shape\":[$((size / 4))],\"data_offsets\":[0,$size]}}" \
		>"$1"
	truncate -s +$size "$1"
}

# The metadata that a safetensors file holds under a key.
metadata() {
	tail -c +9 "$1" | head -c "$(od -An -tu8 -N8 "$1" | tr -d ' ')" |
		jq -r ".__metadata__.$2"
}

# The last so many values of a file, as floats of so many bytes.
values() {
	tail -c $(($2 * $3)) "$1" | od -An -v -w256 -tf"$3" | tr -s ' ' | sed 's/^ //'
}

# ---- runs that take a while ----

# Starts a command, waits until the temporary file of output $1 is there, and stops the command in
# its tracks (signal STOP). Its process is then in $pid. Fails if the run was over before.
caught() {
	temp=.$1.belay-tmp
	shift
	"$@" &
	pid=$!
	while ! [ -e "$temp" ]; do
		kill -0 "$pid" 2>/dev/null || break
	done
	kill -STOP "$pid" 2>/dev/null
	[ -e "$temp" ]
}

# shards FOLDER NAME:TYPE:DIMS:VALUE,VALUE...: a checkpoint with a shard for every tensor.
shards() {
	folder=$1 number=0 map=''
	shift
	mkdir -p "$folder"
	for tensor; do
		number=$((number + 1))
		shard=$(printf 'model-%05d-of-%05d.safetensors' $number $#)
		tensors "$folder/$shard" @format=pt "$tensor"
		map="$map${map:+, }\"${tensor%%:*}\": \"$shard\""
	done
	printf '{"metadata": {"total_size": 8}, "weight_map": {%s}}' "$map" \
		>"$folder/model.safetensors.index.json"
}
