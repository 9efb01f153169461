/* diff_against.c - checkpoints against a list of digests. */
#include "diff_run.h"

#include "against.h"
#include "memory_stream.h"
#include "sandbox.h"

#include <stdlib.h>

/* Digests tell whether values are the same, not how they differ. */
static int usage(const struct bl_diff_run *r, struct bl_err *err)
{
	static const enum bl_option senseless[] = {
		BL_OPT_ABS, BL_OPT_REL, BL_OPT_ULP, BL_OPT_DIFF_TENSOR_OPTION, BL_OPT_ANY_TYPE,
		BL_OPT_INCLUDE, BL_OPT_EXCLUDE, BL_OPT_METADATA, BL_OPT_DIFF_VERBOSE};

	if (bl_settings_given(&r->settings, BL_OPT_SETS))
		return bl_fail(err, BL_USAGE, "--against and --sets exclude each other");
	for (size_t i = 0; i < sizeof senseless / sizeof senseless[0]; i++)
		if (bl_settings_given(&r->settings, senseless[i]))
			return bl_fail(err, BL_USAGE, "--%s does not go with --against, for "
				"digests are the same or not", bl_option(senseless[i])->key);
	if (r->events.table)
		return bl_fail(err, BL_USAGE, "--report: of --against there is no table, only "
			"JSON");
	if (r->args.operands > 0)
		return 0;
	bl_fail(err, BL_USAGE, "no checkpoints are named");
	return bl_hint(err, "belay-diff --against golden.txt ckpt_*.h5");
}

/* ---- events ---- */

/* A checkpoint, or that there is none. */
static void put_side(struct bl_json_printer *j, const char *key, const struct bl_golden *g)
{
	bl_json_key(j, key);
	if (!g) {
		bl_json_put_null(j);
		return;
	}
	bl_json_begin_object(j);
	bl_json_put_name(j, "path", g->path);
	bl_json_key(j, "time");
	if (g->timed)
		bl_json_put_signed(j, g->time);
	else
		bl_json_put_null(j);
	bl_json_end_object(j);
}

static void put_changes(
	struct bl_json_printer *j, const struct bl_golden *was, const struct bl_golden *is)
{
	struct bl_golden_walk w = {was, is, 0, 0};
	enum bl_golden_change change;
	const char *name;

	bl_json_key(j, "tensors");
	bl_json_begin_array(j);
	while (was && is && (change = bl_golden_next(&w, &name)) != BL_GOLDEN_NONE) {
		bl_json_begin_object(j);
		bl_json_key(j, "name");
		bl_json_put_text(j, name);
		bl_json_key(j, "status");
		bl_json_put_text(j, bl_golden_word(change));
		bl_json_end_object(j);
	}
	bl_json_end_array(j);
}

static void tell_pair(struct bl_events *e, const struct bl_against *a,
	const struct bl_against_pair *pair)
{
	const struct bl_golden *was = NULL, *is = NULL;
	struct bl_event_line l;

	if (!bl_events_begin(e, &l))
		return;
	if (pair->was != BL_NOWHERE)
		was = &a->list.of[pair->was];
	if (pair->is != BL_NOWHERE)
		is = &a->now[pair->is];
	bl_event_begin(&l.j, e->program, "against");
	put_side(&l.j, "listed", was);
	put_side(&l.j, "checkpoint", is);
	bl_json_key(&l.j, "differ");
	bl_json_put_bool(&l.j, bl_against_differs(pair));
	put_changes(&l.j, was, is);
	bl_event_end(&l.j);
	bl_events_end_line(e, &l, false);
}

/* ---- pages ---- */

/* A text made as of a file. */
struct text {
	FILE *to;
	char *text;
	size_t size;
};

static int begin(struct text *t, struct bl_err *err)
{
	t->to = bl_memory_stream(&t->text, &t->size);
	return t->to ? 0 : bl_fail_memory(err, 1, "a page");
}

/* Without the end of its last line. */
static int end(struct text *t, struct bl_err *err)
{
	if (bl_memory_close(t->to, &t->text) != 0)
		return bl_fail_memory(err, t->size, "a page");
	if (t->size > 0 && t->text[t->size - 1] == '\n')
		t->text[t->size - 1] = '\0';
	return 0;
}

static int add_to_pages(struct bl_diff_run *r, const struct bl_against *a,
	const struct bl_against_pair *pair, struct bl_err *err)
{
	const size_t top = (size_t)bl_settings_number(&r->settings, BL_OPT_TOP);
	struct text name = {NULL, NULL, 0}, said = {NULL, NULL, 0};
	int rc = begin(&name, err);

	if (rc == 0) {
		bl_against_name(name.to, a, pair);
		rc = end(&name, err);
	}
	if (rc == 0)
		rc = begin(&said, err);
	if (rc == 0) {
		bl_against_say(said.to, a, pair, top);
		rc = end(&said, err);
	}
	if (rc == 0)
		rc = bl_diff_pages_listed(
			&r->pages, name.text, bl_against_differs(pair), said.text, err);
	free(name.text);
	free(said.text);
	return rc;
}

static int tell_pages(struct bl_diff_run *r, const struct bl_against *a, struct bl_err *err)
{
	struct text verdict = {NULL, NULL, 0};

	if (!r->pages.any)
		return 0;
	for (size_t i = 0; i < a->pairs; i++)
		if (add_to_pages(r, a, &a->pair[i], err) != 0)
			return -1;
	if (begin(&verdict, err) != 0)
		return -1;
	bl_against_verdict(verdict.to, a);
	if (end(&verdict, err) != 0)
		return -1;
	r->verdict = verdict.text;
	return 0;
}

static int tell(struct bl_diff_run *r, const struct bl_against *a, struct bl_err *err)
{
	for (size_t i = 0; i < a->pairs; i++)
		tell_pair(&r->events, a, &a->pair[i]);
	if (bl_diff_speaks(r))
		bl_against_text(
			stdout, a, (size_t)bl_settings_number(&r->settings, BL_OPT_TOP));
	return tell_pages(r, a, err);
}

static void count(struct bl_diff_run *r, const struct bl_against *a)
{
	for (size_t i = 0; i < a->pairs; i++) {
		const struct bl_against_pair *pair = &a->pair[i];
		const bool alone = pair->was == BL_NOWHERE || pair->is == BL_NOWHERE;

		r->alone += alone;
		r->pairs += !alone;
		r->differing += !alone && bl_against_differs(pair);
	}
	r->differ = a->differ > 0;
}

int bl_diff_against(struct bl_diff_run *r, struct bl_err *err)
{
	struct bl_against a = {.pairs = 0};
	int rc = usage(r, err);

	if (rc == 0)
		rc = bl_against_open(&a, r->settings.given[BL_OPT_AGAINST].value->text,
			r->args.operand, r->args.operands, &r->settings, r->stop, err);
	if (rc == 0)
		rc = bl_sandbox_reading(&a.in, &r->settings, &r->events, err);
	if (rc == 0)
		rc = bl_against_make(&a, &r->settings, &r->progress, err);
	if (rc == 0) {
		count(r, &a);
		rc = tell(r, &a, err);
	}
	bl_against_free(&a);
	return rc;
}
