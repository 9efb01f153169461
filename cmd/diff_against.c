/* diff_against.c - checkpoints against a list of digests. */
#include "diff_run.h"

int bl_diff_against(struct bl_diff_run *r, struct bl_err *err);
int bl_diff_against(struct bl_diff_run *r, struct bl_err *err)
{
	(void)r;
	return bl_fail(err, BL_BUG, "not yet");
}
