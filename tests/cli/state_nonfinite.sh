#!/bin/sh
# state_nonfinite.sh - what has the same bits in all checkpoints keeps them through a state, NaN too
. "$data/../cli/kit/kit.sh"
. "$data/../cli/kit/types.sh"

# -inf, a negative NaN with a payload, a signalling one, a number; of each type.
model() {
	file "m_$1.safetensors" - \
		"f:F32:4:000080ff451bffff0100807f$2" \
		"h:F16:4:00fc01feff7d003c" \
		"b:BF16:4:80ffc1ff817f803f" \
		"d:F64:3:000000000000f0ff010203040506f8ff010000000000f07f" \
		"c:C64:2:000080ff4500ffff000080bf0000803f" \
		"e:F8_E5M2:4:7cfd7fff" \
		"g:F8_E4M3:3:ff7f38"
}
fold() {
	try belay-avg -q --state s --method belay --damping 1 --half-life 10 --f8=average \
		--no-provenance "$@" -o avg.safetensors
}
model 10 0000803f
fold m_10.safetensors
model 20 00000040
fold m_20.safetensors
model 30 0000803f
fold m_30.safetensors
look m_30.safetensors
look avg.safetensors
belay-avg -q --method belay --damping 1 --half-life 10 --f8=average --no-provenance \
	m_*.safetensors -o whole.safetensors
cmp avg.safetensors whole.safetensors && echo 'as without a state'
rm avg.safetensors
fold m_30.safetensors
cmp avg.safetensors whole.safetensors && echo 'made again'
# What differs is refused, and the state is left alone.
cp s before
file m_40.safetensors - "f:F32:4:000080ff451bffff0200807f0000803f" \
	"h:F16:4:00fc01feff7d003c" "b:BF16:4:80ffc1ff817f803f" \
	"d:F64:3:000000000000f0ff010203040506f8ff010000000000f07f" \
	"c:C64:2:000080ff4500ffff000080bf0000803f" "e:F8_E5M2:4:7cfd7fff" "g:F8_E4M3:3:ff7f38"
fold m_40.safetensors
cmp s before
belay-avg -f --state s --method belay --damping 1 --half-life 10 --f8=average \
	--nonfinite=keep --no-provenance m_40.safetensors -o avg.safetensors 2>&1 |
	grep 'not finite'
