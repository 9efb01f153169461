/* show_average.c - the averages that a view speaks of. */
#include "config.h"

#include "show.h"

#include "choice.h"
#include "lines.h"
#include "profiles.h"

#include <stdlib.h>

#define MOST ((uint64_t)1 << 30) /* bytes of weights */

/* ---- the times ---- */

/* --time-list: times without checkpoints. */
static int take_list(const struct bl_show *show, struct bl_show_average *a, struct bl_err *err)
{
	const struct bl_given *list = &show->settings->given[BL_OPT_TIME_LIST];

	if (show->args->operands > 0)
		return bl_fail(err, BL_USAGE, "--time-list takes the place of checkpoints");
	if (bl_wish_given(show->settings) != BL_OPTIONS)
		return bl_fail(err, BL_USAGE, "--%s chooses of checkpoints, not of times",
			bl_option(bl_wish_given(show->settings))->key);
	if (bl_settings_given(show->settings, BL_OPT_TIME_UNIT))
		return bl_fail(err, BL_USAGE, "--time-list and --time-unit exclude each other");
	for (enum bl_option o = 0; o < BL_OPTIONS; o++)
		if (bl_option(o)->flags & BL_FILE && bl_settings_given(show->settings, o))
			return bl_fail(err, BL_USAGE, "--%s speaks of checkpoints, not of times",
				bl_option(o)->key);
	a->n = list->n;
	a->listed = calloc(a->n, sizeof *a->listed);
	if (!a->listed)
		return bl_fail_memory(err, a->n * sizeof *a->listed, "the times");
	for (size_t t = 0; t < a->n; t++) {
		a->listed[t] = (int64_t)list->value[t].number;
		if (t > 0 && a->listed[t] <= a->listed[t - 1])
			return bl_fail(err, BL_USAGE, "--time-list: %s does not come after %s",
				list->value[t].text, list->value[t - 1].text);
	}
	return 0;
}

static int open_inputs(const struct bl_show *show, struct bl_show_average *a, struct bl_err *err)
{
	const bool listed = bl_settings_given(show->settings, BL_OPT_TIME_LIST);

	a->in.stop = show->stop;
	a->in.snapshots = bl_cases_snapshots(a->cases, a->n_cases);
	if (listed && take_list(show, a, err) != 0)
		return -1;
	if (!listed && bl_inputs_open(&a->in, show->args->operand, show->args->operands,
			       show->settings, err) != 0)
		return -1;
	if (!listed)
		a->n = a->in.n;
	a->input = calloc(a->n, sizeof *a->input);
	if (!a->input)
		return bl_fail_memory(err, a->n * sizeof *a->input, "the inputs");
	for (size_t t = 0; t < a->n; t++)
		a->input[t] = (struct bl_report_input){
			.path = listed ? NULL : a->in.source[t].path,
			.time = listed ? a->listed[t] : a->in.time[t],
		};
	return 0;
}

/* ---- the weights ---- */

static int make_plan(const struct bl_settings *s, struct bl_show_average *a, struct bl_err *err)
{
	struct bl_history history = {
		{a->listed ? a->listed : a->in.time, a->n}, NULL, a->in.profile, MOST};

	if (!a->listed && bl_given_weights(&a->in, s, &a->given, err) != 0)
		return -1;
	history.given = a->given;
	if (bl_plan_make(a->cases, a->n_cases, &history, &a->plan, err) == 0)
		return 0;
	if (a->n_cases > 1 && a->plan.rows > 0)
		bl_prefix(err, "average %zu of %zu", a->plan.rows, a->n_cases);
	return -1;
}

static int make_portrait(struct bl_show_average *a, struct bl_err *err)
{
	a->report = (struct bl_report){
		.version = PACKAGE_VERSION,
		.plan = &a->plan,
		.input = a->input,
		.origin = a->listed ? BL_TIME_NAME : a->in.origin,
		.time_key = a->in.time_key,
	};
	return bl_portrait_make(&a->portrait, &a->report, err);
}

int bl_show_average_make(const struct bl_show *show, struct bl_show_average *a, struct bl_err *err)
{
	if (bl_settings_expand(show->settings, &a->cases, &a->n_cases, err) != 0)
		return -1;
	if (a->most && a->n_cases > a->most)
		return bl_fail(
			err, BL_USAGE, "one average is shown, and these are %zu", a->n_cases);
	if (open_inputs(show, a, err) != 0 || bl_show_may_write(show, &a->in, err) != 0)
		return -1;
	if (bl_inputs_unchanged(&a->in, make_plan(show->settings, a, err), err) != 0)
		return -1;
	return make_portrait(a, err);
}

void bl_show_average_free(struct bl_show_average *a)
{
	if (a->portrait.report)
		bl_portrait_free(&a->portrait);
	bl_plan_free(&a->plan);
	bl_cases_free(a->cases, a->n_cases);
	bl_inputs_free(&a->in);
	free(a->input);
	free(a->listed);
	free(a->given);
}
