#!/bin/sh
# show_kernel_sweep.sh - several averages lie over each other
. "$data/../cli/kit/kit.sh"

belay-show --kernel --time-list 0:1000:41 --method spring --half-life 60 --damping 0.2,0.5,1,5
echo
belay-show --kernel --time-list 0:1000:41 --method ema,belay,uniform
echo
# More than can be told apart.
belay-show --kernel --time-list 0:1000:41 --half-life 10:80:8 | tail -n 24
# The first checkpoint has so much that the others could not be seen beside it.
belay-show --kernel --time-list 0:1000:101 --half-life 300,600 | head -n 22
