/*
 * case_text.h - cases from text, and random numbers, for tests of the physics.
 *
 * "method=ema half-life=10%" becomes a struct bl_case as the settings would give it, without their
 * bounds, so that a test can ask the physics itself for what they would have refused. Numbers may
 * be hex floats or inf.
 */
#ifndef BL_CASE_TEXT_H
#define BL_CASE_TEXT_H

#include "plan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_TIMES 32768

struct case_text {
	struct bl_case c;
	struct bl_value value[BL_OPTIONS];
	char text[1024];
	int64_t n[MOST_TIMES];
	struct bl_timeline time;
	double *given; /* what a file of weights would hold; NULL: none */
	struct bl_profile *profile; /* of snapshots; NULL: they are none */
};

static inline enum bl_option option_of(const char *key)
{
	int o = 0;

	while (o < BL_OPTIONS && strcmp(bl_option((enum bl_option)o)->key, key) != 0)
		o++;
	if (o == BL_OPTIONS) {
		fprintf(stderr, "no option %s\n", key);
		abort();
	}
	return (enum bl_option)o;
}

/* Fills t->c; times are left alone. */
static inline void read_settings(struct case_text *t, const char *settings)
{
	char *save = NULL;

	memset(&t->c, 0, sizeof t->c);
	snprintf(t->text, sizeof t->text, "%s", settings);
	for (char *w = strtok_r(t->text, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
		char *equals = strchr(w, '='), *unit;
		enum bl_option o;

		if (!equals)
			abort();
		*equals = '\0';
		o = option_of(w);
		t->value[o].text = equals + 1;
		t->value[o].number = strtod(equals + 1, &unit);
		t->value[o].unit = *unit == '%' ? BL_UNIT_PERCENT
			: strcmp(unit, "ckpt") == 0 ? BL_UNIT_CKPT : BL_UNIT_TIME;
		t->c.value[o] = &t->value[o];
	}
}

/* Fills t->time from "0 10 20". */
static inline void read_times(struct case_text *t, const char *times)
{
	char *end;

	t->time = (struct bl_timeline){t->n, 0};
	for (const char *s = times; *s && t->time.count < MOST_TIMES; s = end) {
		t->n[t->time.count++] = strtoll(s, &end, 10);
		if (end == s)
			abort();
		while (*end == ' ')
			end++;
	}
}

/* The plan of one case on the times; -1 with err as bl_plan_make. To be freed in any case. */
static inline int plan_of(struct case_text *t, const char *settings, struct bl_plan *plan,
	struct bl_err *err)
{
	const struct bl_history history = {t->time, t->given, t->profile, 0};

	read_settings(t, settings);
	return bl_plan_make(&t->c, 1, &history, plan, err);
}

/* Cuts a line at its tabs into count fields; false when there are fewer. */
static inline bool cut(char *line, char **field, size_t count)
{
	char *save = NULL;

	line[strcspn(line, "\n")] = '\0';
	for (size_t i = 0; i < count; i++) {
		field[i] = strtok_r(i ? NULL : line, "\t", &save);
		if (!field[i])
			return false;
	}
	return true;
}

/* A file of tests/data/vectors, or the end of the test. */
static inline FILE *open_vectors(const char *name)
{
	const char *top = getenv("top_srcdir");
	char path[4096];
	FILE *f;

	snprintf(path, sizeof path, "%s/tests/data/vectors/%s", top ? top : ".", name);
	f = fopen(path, "r");
	if (!f) {
		perror(path);
		abort();
	}
	return f;
}

/* ---- random numbers: the same on every machine ---- */

static inline uint64_t random_bits(void)
{
	static uint64_t seed = 0x9e3779b97f4a7c15;

	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static inline double uniform(double low, double high)
{
	return low + (high - low) * ((double)(random_bits() >> 11) * 0x1p-53);
}

static inline double log_uniform(double low, double high)
{
	return exp(uniform(log(low), log(high)));
}

static inline size_t below(size_t n)
{
	return (size_t)(random_bits() % n);
}

#endif
