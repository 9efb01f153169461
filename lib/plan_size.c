/* plan_size.c - what a plan takes, and whether it may. */
#include "plan.h"

#include "text.h"

#include <stdio.h>

/* Of so many rows and overlays, of which there are few enough for the product. */
static uint64_t bytes(const struct bl_plan *plan, size_t rows, size_t overlays)
{
	const uint64_t values = plan->checkpoints * (sizeof *plan->row->time.n +
		sizeof *plan->row->weight + sizeof *plan->row->part);
	const uint64_t one = sizeof *plan->row + values, overlaid = one + sizeof *plan->merged;

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
