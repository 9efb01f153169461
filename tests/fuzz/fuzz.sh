#!/bin/sh
# fuzz.sh - builds the targets with a fuzzer, in ./fuzz, and runs them; see fuzz.h.
#
# FUZZ_CC, FUZZ_TARGET, FUZZ_SECONDS, FUZZ_RUNS as in the Makefile. What is found stays in
# fuzz/found; the corpus that has grown in fuzz/corpus is where the next run begins.
set -eu

: "${top_srcdir:?}" "${top_builddir:?}"
FUZZ_CC=${FUZZ_CC:-clang}
all='args chunk formats index recipe safetensors words'
targets=${FUZZ_TARGET:-all}
[ "$targets" = all ] && targets=$all
box=$top_builddir/fuzz
made=$box/build-$(basename "$FUZZ_CC")
here=$top_srcdir/tests/fuzz

# Every comparison is seen by the counters of its branches; to be told of its operands, too, would
# cost half of all runs.
flags='-fsanitize=fuzzer-no-link -fno-sanitize-coverage=trace-cmp'
case $FUZZ_CC in
*afl*) flags= ;;
esac

# A make around this one has nothing to say.
build() {
	unset MAKEFLAGS MFLAGS MAKELEVEL
	mkdir -p "$made"
	(
		cd "$made"
		[ -f Makefile ] || "$top_srcdir/configure" -q CC="$FUZZ_CC" CFLAGS="-O2 -g $flags" \
			--enable-sanitize=address,undefined
		# shellcheck disable=SC2046,SC2086 # words
		make -s -j2 FUZZ_MAIN= FUZZ_LINK=-fsanitize=fuzzer \
			$(printf 'tests/fuzz/target_%s ' $targets)
	) >"$box/build.log" 2>&1 || { tail -n 30 "$box/build.log" >&2; return 1; }
}

# The seeds of target $1, as files.
seeds() {
	mkdir -p "$box/seeds/$1" "$box/corpus/$1"
	"$top_builddir/tests/fuzz/target_$1" -x "$box/seeds/$1" "$here/corpus/$1.txt" >/dev/null
	case $1 in
	safetensors)
		find "$top_srcdir/tests/data/cases" -name '*.safetensors' -size -8k \
			-exec cp --backup=numbered {} "$box/seeds/$1" \;
		;;
	formats)
		find "$top_srcdir/tests/data/cases" -size -8k \( -name '*.safetensors' \
			-o -name '*.json' -o -name '*.h5' -o -name '*.keras' \) \
			-exec cp --backup=numbered {} "$box/seeds/$1" \;
		;;
	index)
		find "$top_srcdir/tests/data/cases/hdf5/valid" -name '*.h5' \
			-exec "$top_builddir/tests/fuzz/index_seeds" "$box/seeds/$1" {} +
		;;
	esac
}

run() {
	words=
	[ -f "$here/$1.dict" ] && words="-dict=$here/$1.dict"
	limit="-max_total_time=${FUZZ_SECONDS:-60}"
	[ -z "${FUZZ_RUNS:-}" ] || limit="-runs=$FUZZ_RUNS"
	# The traces of all allocations would cost a third of all runs; a find has one anyway.
	# shellcheck disable=SC2086 # words
	ASAN_OPTIONS="malloc_context_size=2:quarantine_size_mb=16:${ASAN_OPTIONS:-}" \
		"$made/tests/fuzz/target_$1" $words $limit -max_len=4096 -timeout=10 \
		-rss_limit_mb=512 -print_final_stats=1 -artifact_prefix="$box/found/$1-" \
		"$box/corpus/$1" "$box/seeds/$1" >"$box/$1.log" 2>&1 ||
		{ tail -n 60 "$box/$1.log"; return 1; }
	printf '%-12s %12s runs, coverage %s\n' "$1" \
		"$(sed -n 's/^stat::number_of_executed_units: *//p' "$box/$1.log")" \
		"$(grep -o 'cov: [0-9]*' "$box/$1.log" | tail -n 1 | cut -c 6-)"
}

build
mkdir -p "$box/found"
for target in $targets; do
	seeds "$target"
	case $FUZZ_CC in
	*afl*)
		echo "ASAN_OPTIONS=abort_on_error=1:symbolize=0:detect_leaks=0 afl-fuzz -m none" \
			"-i $box/seeds/$target -o $box/afl-$target --" \
			"$made/tests/fuzz/target_$target"
		;;
	*) run "$target" ;;
	esac
done
