/* diff_two.c - two checkpoints, of which the second is the reference. */
#include "diff_run.h"

/* The time of neither matters. */
static int refuse_times(const struct bl_diff_run *r, struct bl_err *err)
{
	static const enum bl_option of_sets[] = {
		BL_OPT_TIMES, BL_OPT_TIME_KEY, BL_OPT_TIME_PATTERN, BL_OPT_TIME_UNIT};

	for (size_t i = 0; i < sizeof of_sets / sizeof of_sets[0]; i++)
		if (bl_settings_given(&r->settings, of_sets[i]))
			return bl_fail(err, BL_USAGE, "--%s goes with --sets",
				bl_option(of_sets[i])->key);
	return 0;
}

int bl_diff_two(struct bl_diff_run *r, struct bl_err *err)
{
	if (refuse_times(r, err) != 0)
		return -1;
	if (r->args.operands != 2) {
		bl_fail(err, BL_USAGE, "%zu checkpoint%s named, and two are compared",
			r->args.operands, r->args.operands == 1 ? " is" : "s are");
		return bl_hint(err, "belay-diff old.h5 new.h5; more by belay-diff --help");
	}
	return bl_diff_pair(r, r->args.operand[0], r->args.operand[1], err);
}
