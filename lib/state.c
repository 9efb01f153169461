/* state.c - what a growing run keeps beside its numbers: what they are of. */
#include "state.h"

#include "value.h"

#include <stdlib.h>
#include <string.h>

/* A list of n entries of so many bytes with room for one more, zeroed; NULL when there is no
 * memory: then it is as it was. */
static void *more(void *list, size_t n, size_t size, struct bl_err *err)
{
	char *longer = n % 64 ? list : realloc(list, (n + 64) * size);

	if (longer)
		memset(longer + n * size, 0, size);
	else
		bl_fail_memory(err, (n + 64) * size, "the state");
	return longer;
}

int bl_state_name(struct bl_state *s, struct bl_named **list, size_t *n, const char *name,
	const char *text, struct bl_err *err)
{
	struct bl_named *longer = more(*list, *n, sizeof *longer, err), *to;

	if (!longer)
		return -1;
	*list = longer;
	to = &longer[(*n)++];
	to->name = bl_catalog_text(&s->texts, name, strlen(name), err);
	to->text = bl_catalog_text(&s->texts, text, strlen(text), err);
	return to->name && to->text ? 0 : -1;
}

struct bl_state_output *bl_state_output(struct bl_state *s, struct bl_err *err)
{
	struct bl_state_output *longer = more(s->output, s->outputs, sizeof *longer, err);

	if (!longer)
		return NULL;
	s->output = longer;
	return &longer[s->outputs++];
}

int bl_state_add(struct bl_state *s, const struct bl_past *past, struct bl_err *err)
{
	struct bl_past *longer = more(s->past, s->checkpoints, sizeof *longer, err);
	const char *path = bl_catalog_text(&s->texts, past->path, strlen(past->path), err);

	if (longer)
		s->past = longer;
	if (!longer || !path)
		return -1;
	longer[s->checkpoints++] = (struct bl_past){path, past->time, past->size};
	return 0;
}

void bl_state_free(struct bl_state *s)
{
	for (size_t p = 0; p < s->outputs; p++)
		free(s->output[p].setting);
	free(s->output);
	free(s->times);
	free(s->past);
	bl_catalog_free(&s->texts);
	memset(s, 0, sizeof *s);
}

/* ---- settings in words ---- */

static const char *find(const struct bl_named *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].name, name) == 0)
			return list[i].text;
	return NULL;
}

const char *bl_state_time_rule(const struct bl_state *s, const char *name)
{
	return find(s->times, s->n_times, name);
}

/* An option of a case as one text, the same however it was typed; NULL: it is not given. */
static const char *value_text(const struct bl_case *c, enum bl_option o, char *buf, size_t cap)
{
	const struct bl_value *v = bl_case_value(c, o);
	const enum bl_kind kind = bl_option(o)->kind;

	if (kind == BL_KIND_WORD)
		return bl_case_word(c, o);
	if (!v || kind == BL_KIND_TEXT || kind == BL_KIND_FLAG)
		return v ? v->text : NULL;
	bl_number_text(v->number, buf, cap - 8);
	strcat(buf, bl_unit_text(v->unit));
	return buf;
}

static int describe_output(struct bl_state *s, const struct bl_row *row, struct bl_err *err)
{
	struct bl_state_output *o = bl_state_output(s, err);
	const char *path = row->settings->output ? row->settings->output : "";
	char buf[64];

	if (!o)
		return -1;
	o->path = bl_catalog_text(&s->texts, path, strlen(path), err);
	if (!o->path || bl_state_name(s, &o->setting, &o->settings, "method", row->dynamics->name,
				err) != 0)
		return -1;
	for (const enum bl_option *take = row->dynamics->options; *take != BL_OPTIONS; take++) {
		const char *text = value_text(row->settings, *take, buf, sizeof buf);

		if (text && bl_state_name(s, &o->setting, &o->settings, bl_option(*take)->key, text,
				    err) != 0)
			return -1;
	}
	return 0;
}

static int describe_times(struct bl_state *s, const struct bl_state_times *times,
	struct bl_err *err)
{
	static const char *const from[] = {
		[BL_TIME_KEY] = "key",
		[BL_TIME_PATTERN] = "pattern",
		[BL_TIME_NAME] = "name",
		[BL_TIME_INDEX] = "index",
	};
	char unit[64] = "";
	const struct bl_named list[] = {
		{"from", from[times->origin]},
		{"key", times->origin == BL_TIME_KEY ? times->key : NULL},
		{"pattern", times->origin == BL_TIME_PATTERN ? times->pattern : NULL},
		{"unit", times->unit > 0 ? unit : NULL},
	};

	bl_number_text(times->unit, unit, sizeof unit);
	for (size_t i = 0; i < sizeof list / sizeof list[0]; i++)
		if (list[i].text && bl_state_name(s, &s->times, &s->n_times, list[i].name,
					    list[i].text, err) != 0)
			return -1;
	return 0;
}

int bl_state_describe(struct bl_state *s, const struct bl_plan *plan,
	const struct bl_state_times *times, struct bl_err *err)
{
	if (describe_times(s, times, err) != 0)
		return -1;
	for (size_t p = 0; p < plan->rows; p++)
		if (describe_output(s, &plan->row[p], err) != 0)
			return -1;
	return 0;
}

/* ---- comparing ---- */

static int hint_other(struct bl_err *err)
{
	return bl_hint(err, "a state goes on with the settings that it began with; without it, or "
		"with another, a run begins anew");
}

/* Refuses where the two lists are not the same; title: what they are of. */
static int same_named(const struct bl_named *was, size_t n, const struct bl_named *is, size_t m,
	const char *title, struct bl_err *err)
{
	for (size_t i = 0; i < n; i++) {
		const char *now = find(is, m, was[i].name);

		if (now && strcmp(now, was[i].text) == 0)
			continue;
		bl_fail(err, BL_USAGE, "the state was made with %s%s %s, this run has %s", title,
			was[i].name, was[i].text, now ? now : "none");
		return hint_other(err);
	}
	for (size_t i = 0; i < m; i++) {
		if (find(was, n, is[i].name))
			continue;
		bl_fail(err, BL_USAGE, "the state was made without %s%s, this run has %s", title,
			is[i].name, is[i].text);
		return hint_other(err);
	}
	return 0;
}

int bl_state_same_times(const struct bl_state *state, struct bl_state_times times,
	struct bl_err *err)
{
	static const char *const word[] = {"key", "pattern", "name"};
	static const enum bl_time_origin origin[] = {BL_TIME_KEY, BL_TIME_PATTERN, BL_TIME_NAME};
	const char *from = bl_state_time_rule(state, "from");
	struct bl_state now = {0};
	int rc;

	times.origin = times.key ? BL_TIME_KEY : times.pattern ? BL_TIME_PATTERN : BL_TIME_INDEX;
	for (size_t i = 0; times.origin == BL_TIME_INDEX && i < 3; i++)
		if (from && strcmp(from, word[i]) == 0)
			times.origin = origin[i];
	if (times.origin == BL_TIME_KEY && !times.key)
		times.key = bl_state_time_rule(state, "key");
	rc = describe_times(&now, &times, err);
	if (rc == 0)
		rc = same_named(state->times, state->n_times, now.times, now.n_times,
			"times: ", err);
	bl_state_free(&now);
	return rc;
}

int bl_state_same(const struct bl_state *state, const struct bl_state *run, struct bl_err *err)
{
	if (state->outputs != run->outputs) {
		bl_fail(err, BL_USAGE, "the state is of %zu output%s, this run has %zu",
			state->outputs, state->outputs == 1 ? "" : "s", run->outputs);
		return hint_other(err);
	}
	for (size_t p = 0; p < run->outputs; p++) {
		const struct bl_state_output *a = &state->output[p], *b = &run->output[p];

		if (same_named(a->setting, a->settings, b->setting, b->settings, "", err) != 0)
			return run->outputs > 1 ? bl_prefix(err, "%s", b->path) : -1;
	}
	return 0;
}

int bl_state_lengths(const struct bl_row *row, struct bl_err *err)
{
	static const enum bl_option length[] = {
		BL_OPT_HALF_LIFE, BL_OPT_MEAN_AGE, BL_OPT_DECAY, BL_OPT_REL_STD, BL_OPT_KAPPA};
	static const char hint[] = "a half-life or mean age in the unit of the times, a decay, or "
		"--kappa stays what it is";
	const size_t n = sizeof length / sizeof length[0];
	enum bl_option given = BL_OPTIONS;
	const struct bl_value *v;

	if (!row->dynamics->spring)
		return 0;
	for (size_t i = 0; i < n; i++)
		if (bl_case_value(row->settings, length[i]))
			given = length[i];
	if (given == BL_OPTIONS) {
		bl_fail(err, BL_USAGE, "--state needs a length: the default is a share of the "
			"covered time, which grows");
		return bl_hint(err, "%s", hint);
	}
	v = bl_case_value(row->settings, given);
	if (given != BL_OPT_REL_STD && v->unit == BL_UNIT_TIME)
		return 0;
	bl_fail(err, BL_USAGE, "--state: --%s %s %s", bl_option(given)->key, v->text,
		v->unit == BL_UNIT_CKPT ? "counts checkpoints, not time"
		                        : "is a share of the covered time, which grows");
	return bl_hint(err, "%s", hint);
}
