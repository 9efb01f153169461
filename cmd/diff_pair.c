/* diff_pair.c - compares a pair of checkpoints: opened, aligned, streamed, told. */
#include "diff_run.h"

#include "limits.h"
#include "progress.h"
#include "sandbox.h"

#include <stdlib.h>

/* All that a pair holds. */
struct pair {
	struct bl_diff diff;
	struct bl_job job;
	struct bl_diff_meta *meta;
	struct bl_diff_view view;
};

static bool given(const struct bl_diff_run *r, enum bl_option o)
{
	return bl_settings_given(&r->settings, o);
}

static int open_pair(struct bl_diff_run *r, const char *a, const char *b, struct bl_err *err)
{
	const char *const path[] = {a, b};

	bl_inputs_free(&r->in);
	r->in.stop = r->stop;
	r->in.look = r->in.as_given = true;
	return bl_inputs_open(&r->in, path, 2, &r->settings, err);
}

/* Before more is made of checkpoints with very many tensors. */
static int check_memory(const struct bl_diff_run *r, struct pair *p, struct bl_err *err)
{
	const uint64_t memory = (uint64_t)bl_settings_number(&r->settings, BL_OPT_MEMORY);
	uint64_t *needed = &p->job.overhead;

	if (__builtin_add_overflow(
		    bl_inputs_bytes(&r->in), bl_diff_bytes(r->in.source), needed))
		*needed = UINT64_MAX;
	if (*needed <= memory)
		return 0;
	bl_fail(err, BL_LIMIT,
		"%llu bytes of memory are not enough: over %llu are needed for what "
		"is known of the checkpoints",
		(unsigned long long)memory, (unsigned long long)*needed);
	return bl_hint(err, "--memory allows more");
}

/* ---- what is to be known before ---- */

/* The patterns that no name matches are likely to be misspelt. */
static void remark(const struct bl_diff_run *r, const struct bl_diff *d)
{
	char text[1024];
	const char *unsaid = NULL;
	size_t left_out = 0;

	for (size_t i = 0; bl_diff_unused(&r->policy, i, text, sizeof text); i++)
		bl_say(&r->voice, NULL, BL_WARNING, "%s: no tensor has such a name", text);
	for (size_t i = 0; i < d->tensors; i++) {
		if (d->of[i].fate != BL_DIFF_LEFT_OUT)
			continue;
		left_out++;
		if (d->of[i].tensor[1]->keep && !unsaid)
			unsaid = d->of[i].tensor[1]->name;
	}
	if (unsaid && !given(r, BL_OPT_OPAQUE2))
		bl_say(&r->voice, NULL, BL_NOTE, "data of two opaque bytes, such as %s, are not "
			"compared; if they are bfloat16, --opaque2=bf16 compares them", unsaid);
	if (left_out > 0 && left_out == d->tensors)
		bl_say(&r->voice, NULL, BL_WARNING, "there are no values to compare");
}

static int prepare(struct bl_diff_run *r, struct pair *p, struct bl_err *err)
{
	struct bl_diff *d = &p->diff;

	if (check_memory(r, p, err) != 0 || bl_limits_set(&p->job, &r->settings, err) != 0 ||
		bl_diff_make(d, r->in.source, &r->policy, p->job.kernels, err) != 0)
		return -1;
	if (d->tensors == 0 && d->excluded > 0)
		return bl_fail(err, BL_USAGE, "no tensor is left to compare: --include and "
			"--exclude leave out all");
	remark(r, d);
	bl_diff_job(d, &p->job);
	p->job.stop = r->stop;
	p->job.progress = &r->progress;
	p->view = (struct bl_diff_view){
		.diff = d,
		.meta_tells = given(r, BL_OPT_METADATA),
		.top = (size_t)bl_settings_number(&r->settings, BL_OPT_TOP),
		.all = given(r, BL_OPT_DIFF_VERBOSE),
	};
	if (!p->view.meta_tells && !p->view.all)
		return 0;
	if (bl_diff_metadata(r->in.source, &p->meta, &p->view.metas, err) != 0)
		return -1;
	p->view.meta = p->meta;
	return 0;
}

/* ---- the passes over the values ---- */

static int stream(struct bl_diff_run *r, struct pair *p, struct bl_err *err)
{
	struct bl_progress_view *bar = NULL;
	struct bl_budget budget;
	struct bl_tally tally;
	int rc;

	if (bl_run_budget(&p->job, &budget, err) != 0)
		return -1;
	r->progress.read_total += budget.read_bytes;
	if (bl_progress_start(&bar, &r->progress, &r->settings, err) != 0)
		return -1;
	rc = bl_run(&p->job, &tally, err);
	bl_progress_stop(bar);
	return rc;
}

/* Does nobody want to know how they differ? */
static bool only_verdict(const struct bl_diff_run *r)
{
	return given(r, BL_OPT_QUIET) && !r->events.path && !r->pages.any;
}

static int compare(struct bl_diff_run *r, struct pair *p, struct bl_err *err)
{
	int rc = stream(r, p, err);

	if (rc == 0 && !only_verdict(r) && bl_diff_again(&p->diff))
		rc = stream(r, p, err);
	if (bl_inputs_unchanged(&r->in, rc, err) != 0)
		return -1;
	bl_diff_finish(&p->diff);
	r->pairs++;
	r->differing += bl_diff_differ(&p->view);
	r->differ = r->differ || r->differing > 0;
	bl_diff_count(r->count, &p->view);
	return bl_diff_tell(r, &p->view, err);
}

int bl_diff_pair(struct bl_diff_run *r, const char *a, const char *b, struct bl_err *err)
{
	struct pair p = {.meta = NULL};
	int rc = open_pair(r, a, b, err);

	if (rc == 0 && !r->time) /* there will be no other pair */
		rc = bl_sandbox_reading(&r->in, &r->settings, &r->events, err);
	if (rc == 0)
		rc = prepare(r, &p, err);
	if (rc == 0)
		rc = compare(r, &p, err);
	bl_diff_free(&p.diff);
	free(p.meta);
	return rc;
}
