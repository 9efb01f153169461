/* settings.c - the values that were given. */
#include "settings.h"

#include "sweep.h"
#include "value.h"

#include <stdlib.h>
#include <string.h>

/* The option of that name, or BL_OPTIONS. */
static enum bl_option find(const char *key)
{
	unsigned o = 0;

	while (o < BL_OPTIONS && strcmp(bl_option((enum bl_option)o)->key, key) != 0)
		o++;
	return (enum bl_option)o;
}

static int fail_unknown(const char *key, const char *where, struct bl_err *err)
{
	const char *near = NULL;
	size_t best = SIZE_MAX;

	for (unsigned o = 0; o < BL_OPTIONS; o++) {
		const char *known = bl_option((enum bl_option)o)->key;

		if (bl_nearer(key, known, strlen(known), &best))
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

static void forget(struct bl_given *g)
{
	free(g->value);
	free(g->texts);
	free(g->where);
	memset(g, 0, sizeof *g);
}

int bl_settings_set(struct bl_settings *s, const char *key, const char *value,
	const char *where, struct bl_err *err)
{
	const enum bl_option o = find(key);
	struct bl_values values = {0};
	const char *text;
	char *place;

	if (o == BL_OPTIONS)
		return fail_unknown(key, where, err);
	text = argument(bl_option(o), value, where, err);
	if (!text)
		return -1;
	if (bl_values_parse(bl_option(o), text, &values, err) != 0) {
		bl_values_free(&values);
		return bl_prefix(err, "%s", where);
	}
	place = strdup(where);
	if (!place) {
		bl_values_free(&values);
		return bl_fail_memory(err, strlen(where) + 1, "settings");
	}
	forget(&s->given[o]);
	s->given[o] = (struct bl_given){values.value, values.n, place, values.texts};
	return 0;
}

void bl_settings_free(struct bl_settings *s)
{
	for (unsigned o = 0; o < BL_OPTIONS; o++)
		forget(&s->given[o]);
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

bool bl_settings_given(const struct bl_settings *s, enum bl_option o)
{
	return s->given[o].n > 0;
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
