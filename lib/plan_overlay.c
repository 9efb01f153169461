/* plan_overlay.c - the rows of tensors that have settings of their own. */
#include "plan.h"

#include "text.h"

#include <stdio.h>
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

/* Of so many rows and overlays, of which there are few enough for the product. */
static uint64_t bytes(const struct bl_plan *plan, size_t rows, size_t overlays)
{
	const struct bl_row *const row = plan->row;
	const uint64_t values = plan->checkpoints *
		(sizeof *row->time.n + sizeof *row->weight + sizeof *row->part);
	const uint64_t one = sizeof *row + values, overlaid = one + sizeof *plan->merged;

	return rows * (one + overlays * overlaid);
}

uint64_t bl_plan_bytes(const struct bl_plan *plan)
{
	return bytes(plan, plan->rows, plan->overlays);
}

int bl_plan_fits(const struct bl_plan *plan, size_t rows, size_t overlays,
	const struct bl_history *history, struct bl_err *err)
{
	const uint64_t needed = bytes(plan, rows, overlays);
	char a[BL_TEXT], b[BL_TEXT], patterns[64] = "";

	if (!history->most || needed <= history->most)
		return 0;
	if (overlays)
		snprintf(patterns, sizeof patterns, " with %zu pattern%s", overlays,
			bl_text_s(overlays));
	bl_fail(err, BL_LIMIT, "the weights of %zu output%s%s and %zu checkpoint%s take %s, more "
		"than the %s that are allowed", rows, bl_text_s(rows), patterns, plan->checkpoints,
		bl_text_s(plan->checkpoints), bl_text_memory((double)needed, a, sizeof a),
		bl_text_memory((double)history->most, b, sizeof b));
	return bl_hint(err, "make fewer in one run; --memory of belay-avg allows more");
}

const struct bl_row *bl_plan_row(const struct bl_plan *plan, size_t p, size_t set)
{
	return set ? &plan->overlaid[p * plan->overlays + set - 1] : &plan->row[p];
}
