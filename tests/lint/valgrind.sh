#!/bin/sh
# valgrind.sh - the programs under valgrind's memcheck, in some of the command-line tests.
#
# Without the sandbox, for valgrind does not know its system calls.
set -u
. "$(dirname "$0")/tap.sh"

command -v valgrind >/dev/null || skip_all "valgrind is not here"
grep -q "^SANITIZE_CFLAGS = *$" "$top_builddir/Makefile" || skip_all "built with sanitizers"

box=$(mktemp -d) || exit 99
trap 'rm -rf "$box"' EXIT
for program in belay-avg belay-diff belay-show; do
	cat >"$box/$program" <<-END
		#!/bin/sh
		exec valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite \\
			--errors-for-leak-kinds=definite --child-silent-after-fork=yes \\
			"$top_builddir/$program" --sandbox=off "\$@"
	END
	chmod +x "$box/$program"
done

# Reading, writing, comparing, an input that is cut, a sweep, a state.
PATH=$box:$PATH
export PATH top_builddir
sh "$top_srcdir/tests/cli/run.sh" diff_tolerance examples_recipe input_truncated state_grow \
	sweep_eight tensors_missing
