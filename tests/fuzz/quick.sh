#!/bin/sh
# quick.sh - every fuzz target for some seconds: that it builds, starts from its seeds, and finds
# nothing at once. FUZZ_SECONDS: how long each (default 4).
set -u
. "$(dirname "$0")/../lint/tap.sh"

cc=${FUZZ_CC:-clang}
echo 'int LLVMFuzzerTestOneInput(const char *d, unsigned long n) { return n && !d; }' |
	"$cc" -x c - -fsanitize=fuzzer,address,undefined -o /dev/null 2>/dev/null ||
	skip_all "no clang that has libFuzzer"
[ -x "$top_srcdir/configure" ] || skip_all "there is no configure"
[ -f "$top_srcdir/config.status" ] && skip_all "the sources are configured themselves"
export top_srcdir top_builddir FUZZ_CC="$cc" FUZZ_SECONDS="${FUZZ_SECONDS:-4}"
for target in args chunk formats index recipe safetensors words; do
	said=$(FUZZ_TARGET=$target sh "$top_srcdir/tests/fuzz/fuzz.sh" 2>&1) && wrong= ||
		wrong=${said:-"it failed"}
	echo "# $said" | head -n 1
	rule "$target" "$wrong"
done
finish
