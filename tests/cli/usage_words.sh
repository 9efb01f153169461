#!/bin/sh
# usage_words.sh - words that an option does not know
. "$data/../cli/kit/kit.sh"

try belay-avg --method emma
try belay-avg --method ema,sprng
try belay-avg --method EMA
try belay-avg --particle both
try belay-avg --hold up
try belay-avg --start second
try belay-avg --times steps
try belay-avg --nonfinite ignore
try belay-avg --format onnx
try belay-avg --sync maybe
try belay-avg --plan=xml
try belay-avg --progress sometimes
