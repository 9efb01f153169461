#!/bin/sh
# times_recorded.sh - recorded times: which key, before names
. "$data/../cli/kit/kit.sh"

need jq
show() {
	belay-avg --plan=json "$@" -o avg.safetensors |
		jq -c '[.times.from, .times.key, (.checkpoints[] | [.time, .path])]'
}
tensors a_1.safetensors @step=30 @epoch=3 @mine=5 w:F32:2:1,2
tensors a_2.safetensors @step=20 @epoch=4 @mine=7 w:F32:2:1,2
tensors b_3.safetensors @epoch=6 w:F32:2:1,2
tensors c_4.safetensors @global_step=-10 w:F32:2:1,2
tensors c_5.safetensors @global_step=1e3 w:F32:2:1,2
show a_*.safetensors
show a_*.safetensors --time-key epoch
show a_*.safetensors --time-key mine
show a_*.safetensors b_3.safetensors
show c_*.safetensors
show a_*.safetensors --time-pattern '_([0-9])'
show b_3.safetensors a_2.safetensors a_1.safetensors --times=index
belay-avg --plan=json "$data"/digits/ckpt_00[01]00.h5 -o avg.h5 |
	jq -c "[.times.from, .times.key, .format]"
show "$data"/digits/ckpt_00[01]00.safetensors
