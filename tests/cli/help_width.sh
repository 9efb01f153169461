#!/bin/sh
# help_width.sh - --help fits the columns that there are
. "$data/../cli/kit/kit.sh"

widest() {
	awk 'length > most { most = length } END { print most }'
}
for columns in 1 60 72 80 100 300 x ''; do
	echo "$columns: $(COLUMNS=$columns belay-avg --help | widest)"
done
