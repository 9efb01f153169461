#!/bin/sh
# settings_warmup.sh - --warmup: what it says, what it refuses, its weights, the replay
. "$data/../cli/kit/kit.sh"

need jq h5dump
for n in 000 025 050 100 150 200; do
	ln -s "$data/digits/ckpt_00$n.h5" .
done
belay-avg --plan --decay .96875 --warmup tf --check ckpt_*.h5 -o avg.h5 | sed -n '/^avg/,$p'
with() {
	printf '$ %s\n' "$*" >&2
	belay-avg --check --plan=json "$@" ckpt_*.h5 -o avg.h5 |
		jq -c '.outputs[]? | [.settings, .resolved["warmup-updates"].value,
			(.first_share == 0), .warnings]'
}
with --warmup none
with --warmup tf
with --warmup diffusers0
with --warmup diffusers:1,2/3
with --warmup diffusers:1,2/3,100
with --warmup diffusers:1,2/3,199
with --warmup diffusers:1,2/3,100,.999 --half-life 20 --start zero
with --warmup tf --update-every 5 --decay .75
with --warmup tf --half-life 2ckpt
with --warmup tf,diffusers0
with --warmup diffusers
with --warmup diffusers:1
with --warmup diffusers:1,2/x
with --warmup diffusers:1,2/3,.5
with --warmup tf --method spring
with --warmup tf --kappa 1.5
with --warmup=
belay-avg -q --warmup diffusers:1,2/3 ckpt_*.h5 -o avg.h5
h5dump -a /belay -y -w 0 avg.h5 | sed -n 's/^ *"\({.*}\)" *$/\1/p' | sed 's/\\"/"/g' |
	jq -c '[.settings, (.resolved | keys_unsorted)]'
