#!/bin/sh
# state_damaged.sh - a state that is none, or no longer whole, is an error and stays as it is
. "$data/../cli/kit/kit.sh"

tensors a_10.safetensors w:F32:2:1,2
tensors a_20.safetensors w:F32:2:3,4
fold() {
	belay-avg -q --state s --method spring --half-life 10 "$@" -o avg.safetensors
}
fold a_10.safetensors
cp s whole
# Cut anywhere.
size=$(stat -c %s whole)
n=0 wrong=0
while [ $n -lt "$size" ]; do
	head -c $n whole >s
	fold a_20.safetensors 2>words
	[ $? = 3 ] && grep -q '^belay-avg: s: ' words || wrong=$((wrong + 1))
	n=$((n + 7))
done
echo "$wrong of the cuts went wrong"
# Another text under its key: TEXT, the tensors as they are.
text() {
	header "{\"__metadata__\":{\"belay.state\":\"$1\"},
\"mean/w\":{\"dtype\":\"F64\",\"shape\":[2,2],\"data_offsets\":[0,32]},
\"last/w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[32,40]}}" >s
	tail -c 40 whole >>s
	printf '%s\n' "$1" >&2
	fold a_20.safetensors
	echo "exit $?" >&2
}
q='\"'
output() {
	set -- "${1:-2}" "${2:-0x1p+0}" "${3:-spring}"
	printf %s "{${q}path${q}:${q}avg.safetensors${q},${q}vectors${q}:$1,"
	printf %s "${q}mass${q}:${q}$2${q},"
	printf %s "${q}settings${q}:{${q}method${q}:${q}$3${q},${q}half-life${q}:${q}10${q},"
	printf %s "${q}hold${q}:${q}linear${q}}}"
}
point() {
	printf %s "{${q}path${q}:${q}a_10.safetensors${q},${q}time${q}:$1,${q}size${q}:${2:-80}}"
}
state() {
	times="${q}times${q}:{${q}from${q}:${q}name${q}}"
	text "{${q}schema${q}:${3:-1},$times,${q}outputs${q}:[$1],${q}checkpoints${q}:[$2]}"
}
text ''
text 'x'
text '{}'
text "{${q}schema${q}:1}"
state "$(output)" "$(point 10)" 2
state '' "$(point 10)"
state "$(output)" ''
state "$(output 0)" "$(point 10)"
state "$(output 4)" "$(point 10)"
state "$(output 1)" "$(point 10)"
state "$(output -1)" "$(point 10)"
state "$(output 2 -0x1p+0)" "$(point 10)"
state "$(output 2 nan)" "$(point 10)"
state "$(output 2 1e999)" "$(point 10)"
state "$(output 2 1x)" "$(point 10)"
state "$(output),7" "$(point 10)"
state "$(output)" "$(point 10),$(point 10)"
state "$(output)" "$(point 99999999999999999)"
state "$(output)" "$(point 1.5)"
state "$(output)" "$(point 10 -1)"
state "$(output)" "{${q}path_hex${q}:${q}6${q},${q}time${q}:10}"
state "$(output)" "{${q}path_hex${q}:${q}6100${q},${q}time${q}:10}"
state "$(output)" "{${q}path${q}:${q}a${q}}"
state "$(output)" "$(point 10)" 1,1
state "$(output)" "$(point 10)"
# Tensors that do not belong to it.
for shapes in '[2,2],\"data_offsets\":[0,32]' '[4],\"data_offsets\":[0,32]'; do
	header "$(tail -c +9 whole | head -c "$(od -An -tu8 -N8 whole | tr -d ' ')" |
		sed 's/\[2,2\],"data_offsets":\[0,32\]/'"$shapes"'/; s/last.w/last\/v/')" >s
	tail -c 40 whole >>s
	try fold a_20.safetensors
done
echo text >s
try fold a_20.safetensors
cp a_10.safetensors s
try fold a_20.safetensors
rm s
mkdir s
try fold a_20.safetensors
rmdir s
ls -A
