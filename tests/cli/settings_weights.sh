#!/bin/sh
# settings_weights.sh - weights from a file: by name and by time, and what is wrong with a file
. "$data/../cli/kit/kit.sh"

mkdir -p runs/x runs/y
tensors runs/x/a_1.safetensors w:F32:2:1,2
tensors runs/x/a_2.safetensors w:F32:2:3,4
tensors runs/y/a_3.safetensors w:F32:2:4,4
list() {
	printf "$@" >weights.tsv
}
weigh() {
	printf '$ %s\n' "$*" >&2
	belay-avg -q --check --method weights --weights "$@" runs/*/a_*.safetensors \
		-o avg.safetensors || return
	values avg.safetensors 2 4
	rm avg.safetensors
}

# As they are: a time, the end of a path, a whole path; decimal or hexadecimal.
list '# by hand\r\n\r\n3\t0.25\r\na_1.safetensors\t0x1p-1\r\n2\t.25'
weigh weights.tsv
list '1\t0\ny/a_3.safetensors\t1\nruns/x/a_2.safetensors\t0\n'
weigh weights.tsv
list '1\t 2\n2\t-1\n3\t3\n'
weigh weights.tsv
weigh weights.tsv --normalize
weigh - --normalize <weights.tsv
# The times that count are those of the names, before the unit.
list '1\t.5\n2\t.5\n3\t0\n'
weigh weights.tsv --time-unit 0.5

# Wrong lines.
weigh absent.tsv
weigh .
list '1 0.5\n'
weigh weights.tsv
list '1\t.5\n\t0.5\n'
weigh weights.tsv
list '1\t.5\n2\t\n'
weigh weights.tsv
list '1\t.5\n2\t.5\000\n'
weigh weights.tsv
list '1\t.5\n2\thalf\n3\t0\n'
weigh weights.tsv
list '1\t.5\n2\tnan\n3\t0\n'
weigh weights.tsv
list '1\t.5\n2\t1e101\n3\t0\n'
weigh weights.tsv
list '1\t.5\n\n4\t.5\n'
weigh weights.tsv
list '1\t.5\nafe\033tensors\t.5\n'
weigh weights.tsv
list '1\t.5\n2\t.25\na_1.safetensors\t.25\n'
weigh weights.tsv
list '1\t1\n2\t0\n'
weigh weights.tsv
list '2\t1\n'
weigh weights.tsv
list ''
weigh - <weights.tsv
list '1\t.5\n2\t.5\n3\t.5\n'
weigh weights.tsv
list '1\t.5\n2\t-.5\n3\t0\n'
weigh weights.tsv --normalize

# Without the method; the method without them.
printf '$ --weights without --method\n' >&2
belay-avg --weights weights.tsv runs/*/a_*.safetensors -o avg.safetensors
printf '$ --method without --weights\n' >&2
belay-avg --method weights runs/*/a_*.safetensors -o avg.safetensors

# Two files of one name: the end of their paths is not enough.
cp runs/x/a_2.safetensors runs/y/a_2.safetensors
list 'a_2.safetensors\t.5\n'
weigh weights.tsv --times=index
list 'x/a_2.safetensors\t.5\ny/a_2.safetensors\t.5\n0\t0\n3\t0\n'
weigh weights.tsv --times=index
# A name that is the time of another.
mkdir 1 0
mv runs/x/a_1.safetensors 0/1
mv runs/x/a_2.safetensors 1/1
list '1\t1\n'
belay-avg --times=index --method weights --weights weights.tsv 0/1 1/1 -o avg.safetensors
list '0/1\t1\n1/1\t0\n'
belay-avg -q --times=index --method weights --weights weights.tsv 0/1 1/1 -o avg.safetensors
values avg.safetensors 2 4

# A line without an end is none, however much of it there is.
list '0/1\t1\n'
head -c 1048577 /dev/zero | tr '\0' 1 >>weights.tsv
belay-avg -q -f --times=index --method weights --weights weights.tsv 0/1 1/1 -o avg.safetensors
echo "exit $?"
list '0/1\t0\n1/1\t1' # the last line needs none
belay-avg -q -f --times=index --method weights --weights weights.tsv 0/1 1/1 -o avg.safetensors
values avg.safetensors 2 4

# No folder of the file is told.
mkdir private
mv weights.tsv private
belay-avg -q -f --times=index --method weights --weights private/weights.tsv 0/1 1/1 \
	-o avg.safetensors
metadata avg.safetensors belay | jq -c '[.method, .settings, .weights]'
