#!/bin/sh
# show_several.sh - several checkpoints: one list where they have the same tensors
. "$data/../cli/kit/kit.sh"

tensors a_10.safetensors @format=pt w:F32:2:1,2
tensors a_9.safetensors @format=pt w:F32:2:3,4
tensors a_11.safetensors @format=pt w:F32:1:1
tensors model.safetensors @step=5 w:F32:2:3,4
echo "# by time"
belay-show a_10.safetensors a_9.safetensors
echo "# other shapes"
belay-show a_10.safetensors a_11.safetensors
echo "# no times in all of them, the same twice, a tree"
belay-show --tree a_10.safetensors model.safetensors a_10.safetensors
echo "# times as they are asked for"
belay-show --times index a_10.safetensors a_9.safetensors | tail -n 3
try belay-show --time-key epoch a_10.safetensors a_9.safetensors
belay-show --json a_9.safetensors a_10.safetensors | jq -c '.checkpoints[] | [.path, .time, .size]'
belay-show --json model.safetensors | jq -c '.checkpoints[] | [.path, .time, .metadata]'
