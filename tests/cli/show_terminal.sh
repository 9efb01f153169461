#!/bin/sh
# show_terminal.sh - on a terminal: its width, Unicode where the locale has it, colours
. "$data/../cli/kit/kit.sh"

need script stty
script -qec true /dev/null </dev/null >/dev/null 2>&1 || skip "script makes no terminal here"
terminal() {
	script -qec "stty cols $1; $2 belay-show --kernel --time-list 0:100:11 --half-life 10 $3" \
		/dev/null </dev/null | tr -d '\r'
}
echo "# bars"
terminal 50 'TERM=xterm NO_COLOR=1 LC_ALL=C.UTF-8' | head -n 18
echo "# marks"
terminal 50 'TERM=xterm NO_COLOR=1 LC_ALL=en_US.utf8' '--method ema,spring' | head -n 24
echo "# no UTF-8"
terminal 50 'TERM=xterm NO_COLOR=1 LC_ALL=C' | head -n 18 | tail -n 8
echo "# colours, and how many lines have them on a dumb terminal"
terminal 50 'TERM=xterm LC_ALL=C' '--method ema,spring' | tr '\033' '^' | grep -o '\^\[[0-9]*m' |
	sort -u
terminal 50 'TERM=dumb LC_ALL=C' | tr '\033' '^' | grep -c '\^'
echo "# names are cut to the width"
tensors "a.safetensors" "$(printf '%080d' 7)":F32:1:1
script -qec "stty cols 60; TERM=dumb belay-show a.safetensors" /dev/null </dev/null |
	tr -d '\r' | sed -n 4,5p
