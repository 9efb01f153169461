/* dyn_window.c - the plain mean of the last checkpoints. */
#include "length.h"

#include <math.h>

/* A window this near to a whole number of steps is meant to be it: 12.3 % of 1000 is 123. */
#define NEARLY_WHOLE 1e-6

/* An age below the window counts; both are exact. */
static bool inside(int64_t age, struct bl_dd window)
{
	const struct bl_dd rest = bl_dd_sub(bl_dd_whole(age), window);

	return rest.h < 0;
}

static int window_steps(const struct bl_case *c, const struct bl_timeline *time,
	struct bl_dd *window, struct bl_err *err)
{
	double whole;

	if (!bl_case_value(c, BL_OPT_WINDOW)) {
		bl_fail(err, BL_USAGE, "--method window needs --window");
		return bl_hint(err, "--window 1000 for a span of time, --window 10%% for a share "
			"of it, --window 5ckpt for the last 5 checkpoints");
	}
	if (bl_length_steps(c, BL_OPT_WINDOW, time, window, err) != 0)
		return -1;
	whole = round(window->h);
	if (whole >= 1 && fabs(bl_dd_sub(*window, bl_dd(whole)).h) <= NEARLY_WHOLE)
		*window = bl_dd(whole);
	if (window->h > 0 || time->count == 1)
		return 0;
	return bl_fail(err, BL_USAGE, "--window %s: must be above 0",
		bl_case_value(c, BL_OPT_WINDOW)->text);
}

static int weights(const struct bl_case *c, const struct bl_history *history, double *part,
	double *divisor, struct bl_err *err)
{
	const struct bl_timeline *time = &history->time;
	const int64_t last = time->n[time->count - 1];
	size_t first = time->count - 1; /* the last checkpoint has age 0: always inside */
	struct bl_dd window;

	if (window_steps(c, time, &window, err) != 0)
		return -1;
	while (first > 0 && inside(last - time->n[first - 1], window))
		first--;
	for (size_t i = 0; i < time->count; i++)
		part[i] = i >= first;
	*divisor = (double)(time->count - first);
	return 0;
}

static const enum bl_option options[] = {BL_OPT_WINDOW, BL_OPTIONS};

const struct bl_dynamics bl_dynamics_window = {
	.name = "window",
	.summary = "plain mean of the last checkpoints (LAWA)",
	.equation =
		"W_i = 1 / m for the m checkpoints with n_i > n_K - L, else 0",
	.options = options,
	.weights = weights,
};
