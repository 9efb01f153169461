#!/bin/sh
# seeing_terminal.sh - on a terminal: progress by default, no colours
. "$data/../cli/kit/kit.sh"

need script
script -qec true /dev/null </dev/null >/dev/null 2>&1 || skip "script makes no terminal here"
zeros a_1.safetensors 1
cat >run.sh <<'END'
{ belay-avg "$@" a_1.safetensors -o - | (sleep 0.7 && cat) >/dev/null; }
END
# Was a line drawn anew again and again? How many bytes were no text?
terminal() {
	script -qec "TERM=$2 sh run.sh $3" /dev/null </dev/null >"words_$1"
	drawn=$(tr -cd '\r' <"words_$1" | wc -c)
	[ "$drawn" -gt 3 ] && drawn=drawn || drawn='not drawn'
	echo "$2 $3: $drawn, $(tr -d '\r\n' <"words_$1" | LC_ALL=C tr -d ' -~' | wc -c)" >"said_$1"
}
terminal 1 xterm &
NO_COLOR=1
export NO_COLOR
terminal 2 xterm &
terminal 3 xterm --progress=never &
terminal 4 xterm -q &
terminal 5 dumb &
terminal 6 dumb --progress=always &
wait
cat said_*
script -qec "belay-avg a_1.safetensors -o -" /dev/null </dev/null >words
echo "exit $?"
tr -d '\r' <words
script -qec "belay-avg -n a_1.safetensors -o -" /dev/null </dev/null | sed -n '/^-:/p' | tr -d '\r'
