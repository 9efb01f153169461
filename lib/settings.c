/* settings.c - the values that were given. */
#include "settings.h"

#include "sweep.h"
#include "value.h"

#include <stdlib.h>
#include <string.h>

/* The option of that name, or BL_OPTIONS. */
static enum bl_option find(const char *key, enum bl_program program)
{
	enum bl_option o = 0;

	while (o < BL_OPTIONS &&
		(strcmp(bl_option(o)->key, key) != 0 || !bl_option_is_of(o, program)))
		o++;
	return o;
}

static int fail_unknown(
	const char *key, const char *where, enum bl_program program, struct bl_err *err)
{
	const char *near = NULL;
	size_t best = SIZE_MAX;

	for (enum bl_option o = 0; o < BL_OPTIONS; o++) {
		const char *known = bl_option(o)->key;

		if (bl_option_is_of(o, program) && bl_nearer(key, known, strlen(known), &best))
			near = known;
	}
	bl_fail(err, BL_USAGE, "%s: unknown option \"%s\"", where, key);
	return near ? bl_hint(err, "did you mean \"%s\"?", near) : -1;
}

/* The text to parse, given or standing for one left out; NULL is an error. */
static const char *argument(const struct bl_option_info *info, const char *value,
	const char *where, struct bl_err *err)
{
	if (info->kind == BL_KIND_FLAG) {
		if (!value)
			return "true";
		bl_fail(err, BL_USAGE, "%s: it takes no value, but has \"%s\"", where, value);
		return NULL;
	}
	if (value)
		return value;
	if (info->flags & BL_OPTIONAL)
		return info->fallback;
	bl_fail(err, BL_USAGE, "%s: it needs a value, %s", where, info->argument);
	return NULL;
}

/* Names what a message is of: "--decay", "sweep.yaml:3:5", and of what was said of tensors which of
 * it. */
static int name_value(const struct bl_option_info *info, const char *text, const char *where,
	struct bl_err *err)
{
	if (info->kind != BL_KIND_SAID)
		return bl_prefix(err, "%s", where);
	return bl_prefix(err, "%s%s %s", where, *where == '-' ? "" : ":", text);
}

void bl_settings_drop(struct bl_settings *s, enum bl_option o)
{
	free(s->given[o].value);
	free(s->given[o].texts);
	free(s->given[o].where);
	s->given[o] = (struct bl_given){NULL, 0, NULL, NULL};
}

/* Adds one value to those that are there. */
static int repeat(struct bl_settings *s, struct bl_given *g, const struct bl_value *v,
	struct bl_err *err)
{
	const size_t n = g->n + 1;
	size_t used = strlen(v->text) + 1, at = 0;
	struct bl_value *value;
	char *texts;

	if (n > BL_SWEEP_MAX)
		return bl_fail(err, BL_USAGE, "it is given more than %d times", BL_SWEEP_MAX);
	for (size_t i = 0; i < g->n; i++)
		at += strlen(g->value[i].text) + 1;
	value = realloc(g->value, n * sizeof *value);
	if (value)
		g->value = value;
	texts = value ? realloc(g->texts, at + used) : NULL;
	if (!texts)
		return bl_fail_memory(err, at + used, "settings");
	g->texts = texts;
	memcpy(texts + at, v->text, used);
	value[g->n] = (struct bl_value){NULL, (double)s->repeats++, BL_UNIT_TIME};
	g->n = n;
	for (size_t i = 0; i < n; i++, texts += strlen(texts) + 1)
		value[i].text = texts;
	return 0;
}

int bl_settings_set(struct bl_settings *s, const char *key, const char *value,
	const char *where, struct bl_err *err)
{
	const enum bl_option o = find(key, s->program);
	struct bl_values values = {0};
	const char *text;
	char *place;

	if (o == BL_OPTIONS)
		return fail_unknown(key, where, s->program, err);
	text = argument(bl_option(o), value, where, err);
	if (!text)
		return -1;
	if (bl_values_parse(bl_option(o), text, &values, err) != 0) {
		bl_values_free(&values);
		return name_value(bl_option(o), text, where, err);
	}
	place = strdup(where);
	if (!place) {
		bl_values_free(&values);
		return bl_fail_memory(err, strlen(where) + 1, "settings");
	}
	if (bl_option(o)->flags & BL_REPEATS && s->given[o].n) {
		const int rc = repeat(s, &s->given[o], values.value, err);

		free(s->given[o].where);
		s->given[o].where = place;
		bl_values_free(&values);
		return rc == 0 ? 0 : bl_prefix(err, "%s", where);
	}
	if (bl_option(o)->flags & BL_REPEATS)
		values.value->number = (double)s->repeats++;
	bl_settings_drop(s, o);
	s->given[o].value = values.value;
	s->given[o].n = values.n;
	s->given[o].where = place;
	s->given[o].texts = values.texts;
	return 0;
}

void bl_settings_free(struct bl_settings *s)
{
	for (enum bl_option o = 0; o < BL_OPTIONS; o++)
		bl_settings_drop(s, o);
	free(s->where);
	s->where = NULL;
}

const struct bl_value *bl_settings_get(const struct bl_settings *s, enum bl_option o,
	struct bl_value *room)
{
	const struct bl_option_info *info = bl_option(o);
	struct bl_err err = {0};

	if (s->given[o].n)
		return &s->given[o].value[0];
	if (!info->fallback || info->flags & BL_OPTIONAL ||
		bl_value_parse(info, info->fallback, room, &err) != 0)
		return NULL;
	return room;
}

const char *bl_settings_text(const struct bl_settings *s, enum bl_option o)
{
	struct bl_value room;
	const struct bl_value *v = bl_settings_get(s, o, &room);

	return v ? v->text : NULL;
}

bool bl_settings_given(const struct bl_settings *s, enum bl_option o)
{
	return s->given[o].n > 0;
}

size_t bl_settings_sweep(const struct bl_settings *s, enum bl_option o)
{
	return bl_option(o)->flags & (BL_REPEATS | BL_LIST) ? 0 : s->given[o].n;
}

double bl_settings_number(const struct bl_settings *s, enum bl_option o)
{
	struct bl_value room;
	const struct bl_value *v = bl_settings_get(s, o, &room);

	return v ? v->number : 0.0;
}

bool bl_settings_word_is(const struct bl_settings *s, enum bl_option o, const char *word)
{
	struct bl_value room;
	const struct bl_value *v = bl_settings_get(s, o, &room);

	return v && strcmp(v->text, word) == 0;
}
