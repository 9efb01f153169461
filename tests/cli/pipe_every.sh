#!/bin/sh
# pipe_every.sh - everything that goes to standard output: a full disk behind it, nobody who reads
# it, a descriptor that is closed; all is lost, and the exit code says so
. "$data/../cli/kit/kit.sh"

[ -c /dev/full ] || skip "there is no /dev/full"
ln -s "$data"/digits/ckpt_*00.h5 .
ln -s "$data"/digits/ckpt_00[12]00.safetensors .
belay-avg -q ckpt_*.h5 -o avg.h5
mkfifo fifo
cat >forms <<'END'
belay-avg --help
belay-avg --version
belay-avg ckpt_*.h5 -o new.h5 --plan
belay-avg ckpt_*.h5 -o new.h5 --plan=json
belay-avg ckpt_*.h5 -o new.h5 --dry-run
belay-avg ckpt_*.h5 -o new.h5 --print-recipe
belay-avg -q ckpt_*.safetensors -o -
belay-avg -qf ckpt_*.h5 -o new.h5 --json
belay-avg -qf ckpt_*.h5 -o new.h5 --report=-
belay-avg -qf ckpt_*.h5 -o new.h5 --report=/dev/stdout
belay-show --help
belay-show --version
belay-show avg.h5
belay-show ckpt_*.h5
belay-show --json ckpt_*.h5
belay-show --tree avg.h5
belay-show --recipe avg.h5
belay-show --recipe --json avg.h5
belay-show --kernel ckpt_*.h5
belay-show --kernel --json ckpt_*.h5
belay-show --kernel --tsv ckpt_*.h5
belay-show --kernel --svg - ckpt_*.h5
belay-show --kernel --report - ckpt_*.h5
belay-show --kernel --time-list 1,2
belay-show --drift ckpt_*.h5
belay-show --drift --json ckpt_*.h5
belay-show --drift --tsv ckpt_*.h5
belay-show --drift --svg - ckpt_*.h5
belay-show --drift --report - ckpt_*.h5
END
# Exit codes that are not 4, and how many are; what is said.
count() {
	sort codes | uniq -c
	grep -v ': note: ' words | sort | uniq -c
}
: >codes
while read -r form; do
	eval "$form" >/dev/full
	echo $? >>codes
done <forms 2>words
count
: >codes
while read -r form; do
	eval "$form" >&-
	echo $? >>codes
done <forms 2>words
count
# A pipe whose reader has gone: it was open while the writer was opened.
: >codes
while read -r form; do
	exec 8<>fifo 9>fifo
	exec 8<&-
	eval "$form" >&9
	echo $? >>codes
	exec 9>&-
done <forms 2>words
count
wc -l <forms

# What else is lost is not what was asked for: words, and a report beside an output that stands.
belay-avg -f ckpt_*.h5 -o new.h5 2>/dev/full
echo "no words: $?"
belay-avg ckpt_*.h5 -o new.h5 2>/dev/full
echo "no words of a failure: $?"
rm new.h5
belay-avg -q ckpt_*.h5 -o new.h5 --report /dev/full 2>/dev/null
echo "no report: $?"
cmp avg.h5 new.h5
