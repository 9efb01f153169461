#!/bin/sh
# output_streams.sh - standard streams that are closed
. "$data/../cli/kit/kit.sh"

tensors a_1.safetensors w:F32:2:1,2
tensors a_2.safetensors w:F32:2:3,4
belay-avg -q a_*.safetensors -o whole
run() {
	belay-avg a_*.safetensors -o "$@"
}
run 1 -q <&-
echo "no input: $?"
run 2 -q >&-
echo "no output: $?"
run 3 2>&-
echo "no errors: $?"
run 4 <&- >&- 2>&-
echo "none of them: $?"
for n in 1 2 3 4; do
	cmp whole $n
done
try run 6 --plan >&-
run 6 --plan 2>&- >/dev/null
echo "a plan, no errors: $?"
belay-avg gone.h5 -o 7 2>&-
echo "a message, no errors: $?"
ls -A
