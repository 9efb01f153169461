/* diff_two.c - two checkpoints, of which the second is the reference. */
#include "diff_run.h"

int bl_diff_two(struct bl_diff_run *r, struct bl_err *err)
{
	if (r->args.operands != 2) {
		bl_fail(err, BL_USAGE, "%zu checkpoint%s named, and two are compared",
			r->args.operands, r->args.operands == 1 ? " is" : "s are");
		return bl_hint(err, "belay-diff old.h5 new.h5; more by belay-diff --help");
	}
	return bl_diff_pair(r, r->args.operand[0], r->args.operand[1], err);
}
