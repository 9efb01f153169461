/* plan_overlay.c - the rows of tensors that have settings of their own. */
#include "plan.h"

#include <stdlib.h>

/* Makes the row of output p and overlay k. */
static int make_overlaid(struct bl_plan *plan, size_t p, size_t k, const struct bl_history *history,
	struct bl_err *err)
{
	const size_t at = p * plan->overlays + k;
	char text[512];

	plan->merged[at] = bl_overlay_case(plan->overlay[k], plan->row[p].settings);
	if (bl_row_make(&plan->merged[at], history, &plan->overlaid[at], err) == 0)
		return 0;
	bl_prefix(err, "--tensor-option %s",
		bl_overlay_text(plan->overlay[k], text, sizeof text));
	return plan->rows > 1 ? bl_prefix(err, "%s", plan->row[p].settings->output) : -1;
}

int bl_plan_overlay(struct bl_plan *plan, const struct bl_overlay *const *overlay, size_t overlays,
	const struct bl_history *history, struct bl_err *err)
{
	const size_t n = plan->rows * overlays;

	if (overlays == 0)
		return 0;
	plan->overlay = overlay;
	plan->overlays = overlays;
	if (bl_plan_fits(plan, plan->rows, overlays, history, err) != 0)
		return -1;
	plan->overlaid = calloc(n, sizeof *plan->overlaid);
	plan->merged = calloc(n, sizeof *plan->merged);
	if (!plan->overlaid || !plan->merged)
		return bl_fail_memory(err, n * sizeof *plan->merged, "the plan");
	for (size_t p = 0; p < plan->rows; p++)
		for (size_t k = 0; k < overlays; k++)
			if (make_overlaid(plan, p, k, history, err) != 0)
				return -1;
	return 0;
}

const struct bl_row *bl_plan_row(const struct bl_plan *plan, size_t p, size_t set)
{
	return set ? &plan->overlaid[p * plan->overlays + set - 1] : &plan->row[p];
}
