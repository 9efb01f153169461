#!/bin/sh
# output_owner.sh - temporary names that belong to others are left alone: other owners, links, what
# links lead to
. "$data/../cli/kit/kit.sh"

need setpriv
shards ck-1 w:F32:2:1,2 v:F32:1:3
tensors a_1.safetensors w:F32:2:1,2
in_the_way() {
	before=$(stat -c '%F %h %i %u' .avg.belay-tmp)
	try belay-avg -q ck-1 -o avg
	[ "$before" = "$(stat -c '%F %h %i %u' .avg.belay-tmp)" ] || echo "it is another: $before"
	rm -rf .avg.belay-tmp
}
echo '--- where a folder is to be made' >&2
mkdir mine
echo keep >mine/keep
ln -s mine .avg.belay-tmp
in_the_way
ln -s nowhere .avg.belay-tmp
in_the_way
echo file >.avg.belay-tmp
in_the_way
mkfifo .avg.belay-tmp
in_the_way

# One that a dead run has left: what links in it lead to stays.
mkdir .avg.belay-tmp
ln mine/keep .avg.belay-tmp/hard
ln -s ../mine/keep .avg.belay-tmp/soft
ln -s ../mine .avg.belay-tmp/folder
try belay-avg -q ck-1 -o avg
cat mine/keep
ls -A . avg mine

echo '--- other owners' >&2
[ "$(id -u)" = 0 ] || skip "only root can make files of others"
echo half >.b.safetensors.belay-tmp
chown 65534 .b.safetensors.belay-tmp
try belay-avg -q a_1.safetensors -o b.safetensors
cat .b.safetensors.belay-tmp
mkdir .b.belay-tmp
chown 65534 .b.belay-tmp
try belay-avg -q ck-1 -o b
ls -A .b.belay-tmp
chmod 600 .b.safetensors.belay-tmp
plain true 2>/dev/null || exit 0
try plain belay-avg -q a_1.safetensors -o b.safetensors
cat .b.safetensors.belay-tmp
rm -r .b.*
ls -A
