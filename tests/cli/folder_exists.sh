#!/bin/sh
# folder_exists.sh - what is there already stays, or is replaced as a whole
. "$data/../cli/kit/kit.sh"

shards ck-1 a:F32:1:1 b:F32:1:2
shards ck-2 a:F32:1:3 b:F32:1:4
echo new >ck-2/config.json
avg() {
	try belay-avg -q --method uniform ck-1 ck-2 "$@"
}
mkdir avg
for output in avg avg/ ck-2 .; do
	avg -o $output
done
avg -f -o avg # an empty one
cat avg/config.json
echo old >avg/config.json
chmod 750 avg
avg -f -o avg/
cat avg/config.json
stat -c %A avg
echo mine >avg/notes.txt
avg -f -o avg
ls avg
mv avg/notes.txt avg/.notes
avg -f -o avg
rm avg/.notes
mkdir avg/sub
avg -f -o avg
rmdir avg/sub

# Not an input, nor what holds it.
avg -f -o ck-1
avg -f -o ck-2/
ln -s ck-2 link
avg -f -o link
mkdir real
cp ck-2/model-0* real
rm ck-2/model-0*
ln -s ../real/model-00001-of-00002.safetensors ../real/model-00002-of-00002.safetensors ck-2
avg -f -o real
ls real

# A file in the way; a link; a name that is a file's; a name for an index.
echo file >file
avg -f -o file
avg -f -o file/
ln -s avg to_avg
avg -f -o to_avg
stat -c %F to_avg
mkdir avg.safetensors
avg -f -o avg.safetensors
avg -f -o avg.h5
avg -f -o avg.safetensors/model.safetensors.index.json
avg -o gone/avg
mkdir -m 555 closed
try plain belay-avg -q ck-1 ck-2 -o closed/avg
ls -A
