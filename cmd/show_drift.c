/* show_drift.c - how far the weights moved, in one pass over the checkpoints. */
#include "show.h"

#include "drift.h"
#include "limits.h"
#include "progress.h"
#include "sandbox.h"
#include "shares.h"

#include <stdlib.h>

/* All that it holds. */
struct drift {
	struct bl_show_average average;
	struct bl_rule *rule; /* of --skip */
	struct bl_policy policy;
	struct bl_selection selection;
	struct bl_shares shares;
	struct bl_drift drift;
	struct bl_progress progress;
	struct bl_job job;
	struct bl_drift_view view;
};

/* --skip leaves out; what does not average, or what some checkpoints lack, is not looked at. */
static int make_policy(const struct bl_settings *s, struct drift *d, struct bl_err *err)
{
	const struct bl_given *skip = &s->given[BL_OPT_SHOW_SKIP];

	d->policy = (struct bl_policy){
		.missing = BL_MISSING_SKIP,
		.f8 = BL_F8_COPY,
		.copy_from = d->average.in.n - 1,
		.retype = true,
		.dtype = BL_F64, /* averages stay doubles */
		.rules = skip->n,
	};
	d->policy.rule = d->rule = calloc(skip->n + 1, sizeof *d->rule);
	if (!d->rule)
		return bl_fail_memory(err, skip->n * sizeof *d->rule, "the patterns");
	for (size_t i = 0; i < skip->n; i++)
		d->rule[i] = (struct bl_rule){.fate = BL_FATE_SKIP, .glob = skip->value[i].text};
	return 0;
}

/* Before more is made of checkpoints with very many tensors. */
static int check_memory(const struct bl_settings *s, const struct drift *d, struct bl_err *err)
{
	const struct bl_inputs *in = &d->average.in;
	const uint64_t memory = (uint64_t)bl_settings_number(s, BL_OPT_MEMORY);
	uint64_t needed = bl_inputs_bytes(in) + bl_selection_least(in->source, in->n);

	if (__builtin_add_overflow(
		    needed, bl_drift_bytes(in->source[in->n - 1].cat.tensors, in->n), &needed))
		needed = UINT64_MAX;
	if (needed <= memory)
		return 0;
	bl_fail(err, BL_LIMIT,
		"%llu bytes of memory are not enough: over %llu are needed for what "
		"is known of the checkpoints",
		(unsigned long long)memory, (unsigned long long)needed);
	return bl_hint(err, "--memory allows more");
}

static int select_tensors(const struct bl_show *show, struct drift *d, struct bl_err *err)
{
	const struct bl_inputs *in = &d->average.in;
	struct bl_selection *s = &d->selection;

	if (check_memory(show->settings, d, err) != 0 || make_policy(show->settings, d, err) != 0 ||
		bl_select(in->source, in->n, &d->policy, s, err) != 0)
		return -1;
	for (size_t i = 0; i < d->policy.rules; i++)
		if (!d->rule[i].used)
			return bl_fail(err, BL_USAGE, "--skip %s: no tensor has such a name",
				d->rule[i].glob);
	if (s->averages > 0)
		return 0;
	return bl_fail(err, s->skips ? BL_USAGE : BL_INPUT,
		"%s: there are no tensors left that could be averaged", in->source[in->n - 1].path);
}

static int make_job(const struct bl_show *show, struct drift *d, struct bl_err *err)
{
	const struct bl_selection *s = &d->selection;
	static const size_t only = 0;

	if (bl_limits_set(&d->job, show->settings, err) != 0 ||
		bl_shares_make(s, &d->average.plan, &only, 1, &d->shares, err) != 0 ||
		bl_drift_make(&d->drift, &s->all, s->averaged, d->job.kernels, err) != 0)
		return -1;
	d->job.source = d->average.in.source;
	d->job.sources = d->average.in.n;
	d->job.cat = &s->cat;
	d->job.map = (const size_t *const *)s->all.map;
	d->job.sinks = 1;
	d->job.weights = d->shares.weights;
	d->job.n_weights = d->shares.n;
	d->job.averaged = d->job.needed = s->averaged;
	d->job.overhead = bl_inputs_bytes(&d->average.in) + bl_selection_bytes(s) +
			  bl_plan_bytes(&d->average.plan) + d->shares.bytes +
			  bl_drift_bytes(s->averages, d->average.in.n);
	d->job.stop = show->stop;
	d->job.progress = &d->progress;
	d->job.survey = &d->drift.survey;
	return 0;
}

/* The pass over the checkpoints. */
static int stream(const struct bl_show *show, struct drift *d, struct bl_err *err)
{
	struct bl_progress_view *bar = NULL;
	struct bl_budget budget;
	struct bl_tally tally;
	int rc;

	if (bl_run_budget(&d->job, &budget, err) != 0)
		return -1;
	d->progress.read_total = budget.read_bytes;
	if (bl_progress_start(&bar, &d->progress, show->settings, err) != 0)
		return -1;
	rc = bl_run(&d->job, &tally, err);
	bl_progress_stop(bar);
	return bl_inputs_unchanged(&d->average.in, rc, err);
}

/* ---- showing it ---- */

static int print_text(
	FILE *to, const void *what, const struct bl_screen *screen, struct bl_err *err)
{
	return bl_drift_text(to, what, screen->columns, screen->unicode, screen->colour, err);
}

static int print_svg(FILE *to, const void *what, struct bl_err *err)
{
	return bl_drift_svg(to, what, err);
}

static void print_tsv(FILE *to, const void *what)
{
	bl_drift_tsv(to, what);
}

static void print_json(FILE *to, const void *what)
{
	bl_drift_json(to, what);
}

static const struct bl_show_forms forms = {print_text, print_svg, print_tsv, print_json};

static int run(const struct bl_show *show, struct drift *d, struct bl_err *err)
{
	if (bl_show_places(show, err) != 0 || bl_show_average_make(show, &d->average, err) != 0 ||
		select_tensors(show, d, err) != 0 || make_job(show, d, err) != 0 ||
		bl_sandbox_reading(&d->average.in, show->settings, NULL, err) != 0)
		return -1;
	if (stream(show, d, err) != 0)
		return -1;
	bl_drift_finish(&d->drift);
	d->view = (struct bl_drift_view){
		&d->drift, &d->average.portrait, d->selection.all.tensors - d->selection.averages};
	return bl_show_print(show, &forms, &d->view, err);
}

int bl_show_drift(const struct bl_show *show, struct bl_err *err)
{
	struct drift d = {.average.most = 1};
	const int rc = run(show, &d, err);

	bl_drift_free(&d.drift);
	bl_shares_free(&d.shares);
	bl_selection_free(&d.selection);
	bl_show_average_free(&d.average);
	free(d.rule);
	return rc;
}
