#!/bin/sh
# folder_killed.sh - signals leave nothing, or what the next run removes
. "$data/../cli/kit/kit.sh"

need flock
for n in 1 2 3 4; do
	mkdir ck-$n
	zeros ck-$n/model.safetensors 128
	echo $n >ck-$n/config.json
done
mkdir avg
echo old >avg/config.json
# Catches a run and ends it with a signal.
end() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		caught avg belay-avg -q -f --threads 1 ck-* -o avg && break
		rm avg/model.safetensors
		echo old >avg/config.json
	done
	kill -"$1" $pid
	kill -CONT $pid
	wait $pid 2>/dev/null
	echo "exit $?"
	ls -A
	ls -A avg
	cat avg/config.json
}
end TERM
end HUP
end KILL
rm avg/config.json
rmdir avg
try belay-avg -q ck-1 ck-2 -o avg
ls -A
ls avg

# A live one, and something else in the way.
mkdir .b.belay-tmp
try flock .b.belay-tmp belay-avg -q ck-1 ck-2 -o b
mkdir .b.belay-tmp/sub
try belay-avg -q ck-1 ck-2 -o b
rm -r .b.belay-tmp
echo x >.b.belay-tmp
try belay-avg -q ck-1 ck-2 -o b
rm .b.belay-tmp
ls -A
