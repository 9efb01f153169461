/* layers.c - settings laid over others. */
#include "settings.h"

#include "dynamics.h"

#include <stdlib.h>
#include <string.h>

/* ---- what goes together ---- */

/* A length takes the place of any other; gamma alone is none. */
static void drop_lengths(struct bl_settings *s, const struct bl_settings *over)
{
	bool given = false;

	for (enum bl_option o = 0; o < BL_OPTIONS; o++)
		given = given || (bl_option(o)->flags & BL_LENGTH && bl_settings_given(over, o));
	for (enum bl_option o = 0; o < BL_OPTIONS && given; o++)
		if (bl_option(o)->flags & BL_LENGTH)
			bl_settings_drop(s, o);
	if (given)
		bl_settings_drop(s, BL_OPT_GAMMA);
	if (bl_settings_given(over, BL_OPT_KAPPA))
		bl_settings_drop(s, BL_OPT_DAMPING);
}

/* Does one of the methods given take an option? */
static bool fits(const struct bl_given *method, enum bl_option o)
{
	for (size_t i = 0; i < method->n; i++) {
		const struct bl_dynamics *d = bl_dynamics_find(method->value[i].text);

		if (d && bl_dynamics_takes(d, o))
			return true;
	}
	return false;
}

/* Under a method remains what it takes. */
static void drop_unfit(struct bl_settings *s, const struct bl_given *method)
{
	for (enum bl_option o = 0; o < BL_OPTIONS && method->n; o++)
		if (bl_option(o)->flags & BL_METHOD && !fits(method, o))
			bl_settings_drop(s, o);
}

/* ---- copies ---- */

/* Bytes of all texts, one behind the other. */
static size_t texts_size(const struct bl_given *g)
{
	size_t bytes = 0;

	for (size_t i = 0; i < g->n; i++)
		bytes += strlen(g->value[i].text) + 1;
	return bytes;
}

/* Appends values to those of g, which has room for them. shift is added to the number of each. */
static void append(struct bl_given *g, const struct bl_given *from, double shift)
{
	char *at = g->texts + texts_size(g);

	for (size_t i = 0; i < from->n; i++) {
		struct bl_value *v = &g->value[g->n + i];
		const size_t len = strlen(from->value[i].text) + 1;

		*v = from->value[i];
		v->number += shift;
		v->text = memcpy(at, from->value[i].text, len);
		at += len;
	}
	g->n += from->n;
}

/* The values of a, then those of b, at the place of a. */
static int join(struct bl_given *g, const struct bl_given *a, const struct bl_given *b,
	double shift, struct bl_err *err)
{
	const size_t bytes = texts_size(a) + texts_size(b), n = a->n + b->n;

	*g = (struct bl_given){
		calloc(n, sizeof *g->value), 0, strdup(a->where), malloc(bytes)};
	if (!g->value || !g->texts || !g->where)
		return bl_fail_memory(err, bytes + n * sizeof *g->value, "settings");
	append(g, a, 0);
	append(g, b, shift);
	return 0;
}

/* What is given of an option in over is laid over what is there. */
static int lay(struct bl_settings *s, const struct bl_settings *over, enum bl_option o,
	struct bl_err *err)
{
	static const struct bl_given none = {NULL, 0, NULL, NULL};
	const bool repeats = bl_option(o)->flags & BL_REPEATS;
	struct bl_given joined;
	int rc;

	if (!over->given[o].n)
		return 0;
	rc = join(&joined, &over->given[o], repeats ? &s->given[o] : &none,
		(double)over->repeats, err);
	bl_settings_drop(s, o);
	s->given[o] = joined;
	return rc;
}

/* Values that repeat and stay alone move behind those that come before them. */
static void shift_rest(struct bl_settings *s, const struct bl_settings *over)
{
	for (enum bl_option o = 0; o < BL_OPTIONS; o++)
		if (bl_option(o)->flags & BL_REPEATS && !over->given[o].n)
			for (size_t i = 0; i < s->given[o].n; i++)
				s->given[o].value[i].number += (double)over->repeats;
}

int bl_settings_overlay(struct bl_settings *s, const struct bl_settings *over, struct bl_err *err)
{
	drop_unfit(s, &over->given[BL_OPT_METHOD]);
	drop_lengths(s, over);
	shift_rest(s, over);
	for (enum bl_option o = 0; o < BL_OPTIONS; o++)
		if (lay(s, over, o, err) != 0)
			return -1;
	s->repeats += over->repeats;
	if (!over->where)
		return 0;
	free(s->where);
	s->where = strdup(over->where);
	return s->where ? 0 : bl_fail_memory(err, strlen(over->where) + 1, "settings");
}
