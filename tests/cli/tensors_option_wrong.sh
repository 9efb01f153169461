#!/bin/sh
# tensors_option_wrong.sh - what cannot be said of some tensors
. "$data/../cli/kit/kit.sh"

tensors a_1.safetensors w:F32:2:1,2 v:F32:2:1,2
tensors a_3.safetensors w:F32:2:3,4 v:F32:2:3,4
with --tensor-option=
try belay-avg a_*.safetensors -o avg.safetensors --tensor-option
with --tensor-option w
with --tensor-option half-life=2
with --tensor-option w:halflife=2
with --tensor-option w:output=b.safetensors
with --tensor-option w:decay=1
with --tensor-option w:decay=0.1,0.2
with --tensor-option w:method=sgd
with --tensor-option w:skip=yes
with --tensor-option w:copy-from=4
with --tensor-option 'w:damping=1'
with --tensor-option 'w:method=spring' --tensor-option w:half-life=.05 --tensor-option w:damping=.1
with --tensor-option w:kappa=2.5
with --tensor-option w:update-every=3
with --tensor-option w:half-life=3 --tensor-option w:decay=.5
with --tensor-option w:half-life=3 --tensor-option w:skip=true
# Of a sweep, the output that cannot be had.
try belay-avg --method spring,ema --tensor-option w:damping=2 a_*.safetensors \
	-o '{method}.safetensors'
# What no tensor has is not looked at more closely.
with -q --tensor-option x:update-every=3
ls
