#!/bin/sh
# choice_show.sh - belay-show of some of the inputs
. "$data/../cli/kit/kit.sh"

need jq
ln -s "$data"/digits/ckpt_*.h5 .
show_times() {
	jq -c '[.checkpoints[].time]'
}
belay-show --json --last 2 ckpt_*.h5 | show_times
belay-show --json --every 20 ckpt_*.h5 | show_times
belay-show --kernel --json --first-time 900 --min-interval 40 ckpt_*.h5 | show_times
belay-show --drift --json --every 10 ckpt_*.h5 | show_times
belay-avg -q ckpt_*.h5 --every 20 -o avg_1.h5
belay-avg -q ckpt_*.h5 --last-time 900 -o avg_2.h5
belay-show --recipe avg_*.h5 --last 1
try belay-show --recipe avg_*.h5
try belay-show --kernel --time-list 1,2,3 --last 2
# Where there are no times, there is nothing to choose by; one alone needs none.
cp ckpt_00000.h5 x.h5
cp ckpt_00000.h5 y.h5
belay-show --json x.h5 y.h5 | show_times
try belay-show --json x.h5 y.h5 --last 1
# The folders of these tell the times, and their names alone do not.
mkdir 100 200
tensors 100/model.safetensors w:F32:2:1,2
tensors 200/model.safetensors w:F32:2:1,2
belay-show --json [12]00/model.safetensors --last 1 | show_times
belay-show --json 200/model.safetensors | show_times
