#!/bin/sh
# output_clock.sh - the bytes of an output do not depend on the time, nor on that of its inputs
. "$data/../cli/kit/kit.sh"

for n in 1 2; do
	cp "$data/digits/ckpt_00${n}00.safetensors" "$data/digits/ckpt_00${n}00.h5" .
	cp "$data/keras/full_$n.keras" . 2>/dev/null
	shards ck-$n w:F32:2:$n,2 v:F32:1:$n
done
# All kinds of outputs, at a time.
at() {
	mkdir "$1" && cd "$1" || exit 1
	when=$1
	shift
	"$@" belay-avg -q ../ckpt_*.safetensors -o avg.safetensors
	"$@" belay-avg -q ../ckpt_*.h5 -o avg.h5
	"$@" belay-avg -q --compression gzip:1 ../ckpt_*.h5 -o gzip.h5
	"$@" belay-avg -q --format hdf5 ../ckpt_*.safetensors -o new.h5
	"$@" belay-avg -q --times=index ../full_*.keras -o avg.keras
	"$@" belay-avg -q --times=index ../ck-1 ../ck-2 -o avg
	"$@" belay-avg -q --method spring --half-life 30 --state state ../ckpt_*.safetensors \
		-o grown.safetensors
	"$@" belay-show --kernel ../ckpt_*.safetensors --svg k.svg
	"$@" belay-diff -q ../ckpt_00100.safetensors ../ckpt_00200.safetensors --markdown m.md
	cd ..
	[ "$when" = now ] || diff -r now "$when"
}
at now env
at epoch env SOURCE_DATE_EPOCH=0
at odd env SOURCE_DATE_EPOCH=never
touch -d 2100-01-01 ckpt_00100.* ck-1/*
touch -d 1970-01-02 ckpt_00200.* ck-2/*
at touched env
find now -type f | wc -l
# It is preloaded, which a sanitizer does not like.
faketime '2020-01-01' belay-avg --version >/dev/null 2>&1 || exit 0
at past faketime --exclude-monotonic '1971-01-01 00:00:00'
at future faketime --exclude-monotonic '2037-12-31 23:59:59'
# A clock that runs 1000 times as fast, and one that goes back.
at fast faketime --exclude-monotonic -f '+0 x1000'
at back faketime --exclude-monotonic -f '+0 x-10'
