#!/bin/sh
# tensors_rules.sh - --average, --copy and --skip: the first pattern that matches holds
. "$data/../cli/kit/kit.sh"
. "$data/../cli/kit/types.sh"

file a_1.safetensors - enc.w:F32::0000803f enc/b:F32::0000803f dec.w:F32::0000803f \
	steps:I64::0100000000000000
file a_2.safetensors - enc.w:F32::00004040 enc/b:F32::00004040 dec.w:F32::00004040 \
	steps:I64::0200000000000000
made() {
	try belay-avg -q --method uniform --no-provenance "$@" a_*.safetensors -f -o b.safetensors
	look b.safetensors
}
made --copy 'enc*'
made --copy 'enc?w' --skip '*s'
made --average enc.w --copy '*'
made --copy '*' --average enc.w
made --skip '[!e]*' --copy 'enc/*'
made --average steps
try belay-avg --skip '*' a_*.safetensors -o none.safetensors
# Patterns that match nothing are warned of, once each; those behind another are not.
try belay-avg --copy Enc.w --skip 'x
y' --copy enc.w --average enc.w --no-provenance a_*.safetensors -f -o b.safetensors 2>said
grep warning: said | grep -v weight >&2
try belay-avg --plan --skip none a_*.safetensors -o c.safetensors | sed -n '/^tensors/p'
belay-avg --plan --skip 'dec*' --copy '*b' a_*.safetensors -o c.safetensors |
	sed -n '/^tensors/,/^data/p'
try belay-avg --copy '' a_*.safetensors -o c.safetensors
try belay-avg a_*.safetensors -o c.safetensors --copy
# The order is part of what is recorded.
belay-avg -q --copy 'enc*' --skip enc.w a_*.safetensors -f -o b.safetensors
try belay-avg -q --skip-existing --copy 'enc*' --skip enc.w a_*.safetensors -o b.safetensors
try belay-avg -q --skip-existing --skip enc.w --copy 'enc*' a_*.safetensors -o b.safetensors
try belay-avg -q --skip-existing --copy 'enc*' a_*.safetensors -o b.safetensors
look b.safetensors | sed -n 's/.*\(tensors.":.*\),."times.*/\1/p'
