/* diff_tell.c - what has been found of a pair: in words, in the report. */
#include "diff_run.h"

#include "memory_stream.h"
#include "text.h"

#include <inttypes.h>
#include <string.h>

/* ---- words ---- */

bool bl_diff_speaks(const struct bl_diff_run *r)
{
	return !bl_settings_given(&r->settings, BL_OPT_QUIET) && !r->events.on_stdout &&
	       !r->pages.on_stdout;
}

static int tell_words(struct bl_diff_run *r, const struct bl_diff_view *v, struct bl_err *err)
{
	if (!bl_diff_speaks(r))
		return 0;
	if (r->time && !bl_settings_given(&r->settings, BL_OPT_DIFF_VERBOSE)) {
		bl_diff_verdict_text(stdout, v);
		return 0;
	}
	return bl_diff_text(stdout, v, err);
}

/* ---- the table ---- */

static int tell_table(struct bl_diff_run *r, const struct bl_diff_view *v, struct bl_err *err)
{
	struct bl_event_line l;

	(void)err;
	if (!r->events.table)
		return 0;
	if (r->pairs == 1 && bl_events_begin_line(&r->events, &l)) {
		bl_diff_head(l.j.to);
		bl_events_end_line(&r->events, &l, false);
	}
	for (size_t i = 0; i < v->diff->tensors; i++) {
		if (!bl_events_begin_line(&r->events, &l))
			return 0;
		bl_diff_line(l.j.to, &v->diff->of[i]);
		bl_events_end_line(&r->events, &l, false);
	}
	return 0;
}

/* ---- events ---- */

static int tell_events(struct bl_diff_run *r, const struct bl_diff_view *v, struct bl_err *err)
{
	struct bl_events *e = &r->events;
	struct bl_event_line l;

	(void)err;
	if (!bl_events_begin(e, &l))
		return 0;
	bl_diff_pair_event(&l.j, e->program, v->diff->source, r->time);
	bl_events_end_line(e, &l, false);
	for (size_t i = 0; i < v->diff->tensors; i++) {
		const struct bl_diff_of *of = &v->diff->of[i];

		if ((of->fate == BL_DIFF_SAME && !v->all) || !bl_events_begin(e, &l))
			continue;
		bl_diff_tensor_event(&l.j, e->program, of);
		bl_events_end_line(e, &l, false);
	}
	for (size_t i = 0; i < v->metas && bl_events_begin(e, &l); i++) {
		bl_diff_meta_event(&l.j, e->program, &v->meta[i]);
		bl_events_end_line(e, &l, false);
	}
	if (bl_events_begin(e, &l)) {
		bl_diff_verdict_event(&l.j, e->program, v);
		bl_events_end_line(e, &l, false);
	}
	return 0;
}

/* ---- pages ---- */

/* The verdict of the only pair. */
static int keep_verdict(struct bl_diff_run *r, const struct bl_diff_view *v, struct bl_err *err)
{
	size_t size = 0;
	FILE *to = bl_memory_stream(&r->verdict, &size);

	if (!to)
		return bl_fail_memory(err, 1, "a page");
	bl_diff_verdict_text(to, v);
	if (bl_memory_close(to, &r->verdict) != 0)
		return bl_fail_memory(err, size, "a page");
	r->verdict[strcspn(r->verdict, "\n")] = '\0';
	return 0;
}

static int tell_pages(struct bl_diff_run *r, const struct bl_diff_view *v, struct bl_err *err)
{
	if (!r->pages.any)
		return 0;
	if (!r->time && keep_verdict(r, v, err) != 0)
		return -1;
	return bl_diff_pages_pair(&r->pages, v, r->time, err);
}

/* ---- all of them ---- */

/* Each does nothing where it is not asked for. */
static int (*const teller[])(
	struct bl_diff_run *r, const struct bl_diff_view *v, struct bl_err *err) = {
	tell_words,
	tell_table,
	tell_events,
	tell_pages,
};

int bl_diff_tell(struct bl_diff_run *r, const struct bl_diff_view *v, struct bl_err *err)
{
	for (size_t i = 0; i < sizeof teller / sizeof teller[0]; i++)
		if (teller[i](r, v, err) != 0)
			return -1;
	return 0;
}

/* ---- what is in no pair ---- */

void bl_diff_tell_alone(
	struct bl_diff_run *r, int64_t time, enum bl_diff_fate fate, const char *path)
{
	struct bl_event_line l;

	if (bl_diff_speaks(r)) {
		bl_text_put(stdout, path);
		printf(": no checkpoint of %s has the time %" PRId64 "\n",
			fate == BL_DIFF_ONLY_A ? "B" : "A", time);
	}
	bl_diff_pages_alone(&r->pages, time, fate, path);
	if (!bl_events_begin(&r->events, &l))
		return;
	bl_diff_alone_event(&l.j, r->events.program, time, fate, path);
	bl_events_end_line(&r->events, &l, false);
}
