/* account.c - what a run has to tell, put together from its parts. */
#include "config.h"

#include "account.h"

#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

/* Bytes free where path will stand; 0: not known. */
static uint64_t disk_free(const char *path)
{
	char copy[4096];
	struct statvfs v;

	if (strcmp(path, "-") == 0 || strlen(path) >= sizeof copy)
		return 0;
	strcpy(copy, path);
	return statvfs(dirname(copy), &v) == 0 ? (uint64_t)v.f_bavail * v.f_frsize : 0;
}

/* Is checkpoint t of weight in some output, for tensors of a set? */
static bool weighs(const struct bl_plan *plan, size_t set, size_t t)
{
	for (size_t p = 0; p < plan->rows; p++)
		if (bl_plan_row(plan, p, set)->weight[t] != 0)
			return true;
	return false;
}

/* Has checkpoint t some average of a set? */
static bool has_any(const struct bl_selection *s, size_t set, size_t t)
{
	if (s->partial == 0)
		return set ? s->overlay_tensors[set - 1] > 0 : bl_selection_plain(s) > 0;
	for (size_t i = 0; i < s->all.tensors; i++)
		if (s->averaged[i] && s->overlay_of[i] == set &&
			bl_aligned_place(&s->all, t, i) != BL_NOWHERE)
			return true;
	return false;
}

/* Is something copied from checkpoint t? */
static bool is_source(const struct bl_selection *s, size_t t)
{
	for (size_t i = 0; i < s->all.tensors && s->copies > 0; i++)
		if (!s->averaged[i] && !s->skipped[i] && s->from[i] == t)
			return true;
	return false;
}

/* Are any data of source t read? The plan has past checkpoints before it. */
static bool is_read(const struct bl_selection *s, const struct bl_plan *plan, size_t t, size_t past)
{
	for (size_t set = 0; set <= plan->overlays; set++)
		if (weighs(plan, set, past + t) && has_any(s, set, t))
			return true;
	return is_source(s, t);
}

/* Have outputs another format than the last checkpoint, and only what both have in common? */
static bool is_translated(const struct bl_source *last, const struct bl_format *format)
{
	return last->format->dotted != format->dotted;
}

/* Bytes that an output will have: those of the last checkpoint, but for the values; in another
 * format, those of the values. */
static uint64_t expected_size(const struct bl_source *last, const struct bl_selection *s,
	const struct bl_format *format)
{
	const bool same = !is_translated(last, format);
	uint64_t size = same ? bl_source_size(last) : 0;

	for (size_t i = 0; i < s->cat.tensors; i++) {
		if (same && i < last->cat.tensors)
			size -= last->cat.tensor[i].bytes;
		if (!s->skipped[i])
			size += s->cat.tensor[i].bytes;
	}
	return size;
}

static int make_lists(struct bl_account *a, const struct bl_case *cases,
	const struct bl_inputs *in, const struct bl_selection *s, const struct bl_plan *plan,
	uint64_t size, struct bl_err *err)
{
	a->input = calloc(in->past + in->n, sizeof *a->input);
	a->output = calloc(plan->rows, sizeof *a->output);
	if (!a->input || !a->output)
		return bl_fail_memory(err, in->n * sizeof *a->input, "the report");
	for (size_t t = 0; t < in->past; t++)
		a->input[t] = (struct bl_report_input){in->state->past[t].path,
			in->state->past[t].time, in->state->past[t].size, false};
	for (size_t t = 0; t < in->n; t++)
		a->input[in->past + t] = (struct bl_report_input){in->source[t].path, in->time[t],
			bl_source_size(&in->source[t]), is_read(s, plan, t, in->past)};
	for (size_t p = 0; p < plan->rows; p++)
		a->output[p] = (struct bl_report_output){
			cases[p].output, size, disk_free(cases[p].output)};
	return 0;
}

int bl_account_make(struct bl_account *a, const struct bl_case *cases, const struct bl_inputs *in,
	const struct bl_tensors *tensors, const struct bl_format *format,
	const struct bl_plan *plan, struct bl_err *err)
{
	const struct bl_source *last = &in->source[in->n - 1];
	const struct bl_selection *s = &tensors->selection;
	const struct bl_policy *policy = &tensors->policy;

	if (make_lists(a, cases, in, s, plan, expected_size(last, s, format), err) != 0)
		return -1;
	a->report = (struct bl_report){
		.version = PACKAGE_VERSION,
		.plan = plan,
		.input = a->input,
		.output = a->output,
		.origin = in->origin,
		.time_key = in->time_key,
		.chosen = in->chosen.asked ? &in->chosen : NULL,
		.format = format->name,
		.tensors = s->averages + s->copies,
		.averaged = s->averages,
		.copied = s->copies,
		.skipped = s->skips,
		.partial = s->partial,
		.copy_from = policy->copy_from + 1 == in->n ? NULL
			: in->source[policy->copy_from].path,
		.rule = policy->rule,
		.rules = policy->rules,
		.overlay_tensors = s->overlay_tensors,
		.aliases = is_translated(last, format) ? 0 : last->cat.aliases,
	};
	return 0;
}

void bl_account_free(struct bl_account *a)
{
	free(a->input);
	free(a->output);
	memset(a, 0, sizeof *a);
}
