/* timeline.c - when each checkpoint was saved, and the order that follows. */
#include "timeline.h"

#include "text.h"
#include "timename.h"

#include <math.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What became of one input. */
enum state { FOUND, MISSING, NO_NUMBER, TWO_READINGS, NOT_WHOLE, TOO_LARGE, SHARED, STATES };

struct found {
	const char *text; /* as recorded or in the name; not NUL-terminated; NULL: none */
	size_t length;
	enum state state;
};

/* A search under way. */
struct search {
	const struct bl_time_input *input;
	size_t count;
	const struct bl_time_rule *rule;
	enum bl_time_origin origin;
	const char *key;
	enum bl_names names;
	struct found *found;
	struct bl_err *err;
};

#define LARGEST 9007199254740992.0 /* 2^53: below it doubles hold every whole number */
#define LISTED 10                  /* rows of a table */
#define TEXT 24                    /* bytes of a time in a table */
#define PATH 120                   /* columns of a path in a table */

static const char hint[] =
	"--times=index numbers them 0, 1, 2, ... in the order given; --time-key=KEY "
	"or --time-pattern=REGEX says where the time is";

/* ---- tables ---- */

/* What was found, fit for a row; "-" for nothing. Returns its bytes. */
static size_t cell(const struct found *f, char *buf)
{
	return f->text ? bl_escape(buf, TEXT, f->text, f->length) : bl_escape(buf, TEXT, "-", 1);
}

/* The inputs in the order of the table: those in bad state first. by gives the order within. */
static size_t rows(const struct search *s, enum state bad, const size_t *by, size_t *row)
{
	size_t n = 0;

	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < s->count && n < LISTED; i++) {
			const size_t at = by ? by[i] : i;

			if ((s->found[at].state == bad) == (pass == 0))
				row[n++] = at;
		}
	return n;
}

/* Appends the table to the message. Returns -1. */
static int table(const struct search *s, enum state bad, const size_t *by)
{
	size_t row[LISTED], n = rows(s, bad, by, row), width = 0;
	char text[LISTED][TEXT];

	for (size_t i = 0; i < n; i++) {
		const size_t w = cell(&s->found[row[i]], text[i]);

		if (w > width)
			width = w;
	}
	for (size_t i = 0; i < n; i++) {
		char path[BL_TEXT_FIT(PATH)];

		bl_line(s->err, "  %*s  %s", (int)width, text[i],
			bl_text_fit(s->input[row[i]].path, PATH, path, sizeof path));
	}
	if (s->count > n)
		bl_line(s->err, "  ... and %zu more", s->count - n);
	return bl_hint(s->err, "%s", hint);
}

/* Where the times were looked for: "the recorded step". */
static void source_words(const struct search *s, char *buf, size_t cap)
{
	if (s->origin == BL_TIME_KEY)
		snprintf(buf, cap, "the recorded %.64s", s->key);
	else
		snprintf(buf, cap, "%s",
			s->origin == BL_TIME_PATTERN ? "--time-pattern" : "the names");
}

static int fail_missing(const struct search *s, size_t bad)
{
	const size_t all = s->count;

	if (s->origin == BL_TIME_KEY && s->rule->key)
		return bl_fail(s->err, BL_USAGE,
			"--time-key=%s: %zu of %zu checkpoints do not record it", s->key, bad, all);
	if (s->origin == BL_TIME_KEY)
		return bl_fail(s->err, BL_USAGE,
			"%zu of %zu checkpoints do not record their %s, the others do", bad, all,
			s->key);
	if (s->origin == BL_TIME_PATTERN)
		return bl_fail(s->err, BL_USAGE, "--time-pattern=%s: %zu of %zu paths do not match",
			s->rule->pattern, bad, all);
	return bl_fail(s->err, BL_USAGE,
		"%zu of %zu checkpoints have no time: none is recorded, and there is no whole "
		"number where their names differ",
		bad, all);
}

/* The first line of the message for what is wrong with bad inputs. */
static int fail_state(const struct search *s, enum state state, size_t bad)
{
	static const char *const words[STATES] = {
		[NO_NUMBER] = "times are no decimal numbers",
		[TWO_READINGS] = "times can be read in two ways, with and without an exponent",
		[NOT_WHOLE] = "times are not whole (--time-unit=U counts in units of U)",
		[TOO_LARGE] = "times are 2^53 or more",
		[SHARED] = "checkpoints share their time with another",
	};
	char where[96];

	if (state == MISSING)
		return fail_missing(s, bad);
	source_words(s, where, sizeof where);
	if (state == NOT_WHOLE && s->rule->unit > 0)
		return bl_fail(s->err, BL_USAGE,
			"%s: %zu of %zu times are no whole multiple of --time-unit=%.15g", where,
			bad, s->count, s->rule->unit);
	return bl_fail(s->err, BL_USAGE, "%s: %zu of %zu %s", where, bad, s->count, words[state]);
}

/* Fails if any input is in a bad state: for the first such state, in the order of the enum. */
static int refuse_bad(const struct search *s, const size_t *by)
{
	size_t n[STATES] = {0};

	for (size_t i = 0; i < s->count; i++)
		n[s->found[i].state]++;
	for (enum state state = MISSING; state < STATES; state++) {
		if (n[state] == 0)
			continue;
		fail_state(s, state, n[state]);
		return table(s, state, by);
	}
	return 0;
}

/* ---- where times are ---- */

static const char *recorded(const struct search *s, size_t i, const char *key)
{
	return s->input[i].cat ? bl_catalog_meta(s->input[i].cat, key) : NULL;
}

/* The key that all record, else the one that most do; NULL where nothing is recorded. */
static const char *choose_key(const struct search *s)
{
	static const char *const keys[] = {"step", "global_step", "iteration", "epoch"};
	const char *best = NULL;
	size_t most = 0;

	for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++) {
		size_t n = 0;

		for (size_t i = 0; i < s->count; i++)
			n += recorded(s, i, keys[k]) != NULL;
		if (n > most) {
			most = n;
			best = keys[k];
		}
	}
	return best;
}

static void set_found(struct found *f, const char *text, size_t length)
{
	f->text = text;
	f->length = length;
	f->state = text ? FOUND : MISSING;
}

static int from_key(struct search *s)
{
	for (size_t i = 0; i < s->count; i++) {
		const char *value = recorded(s, i, s->key);

		set_found(&s->found[i], value, value ? strlen(value) : 0);
	}
	return refuse_bad(s, NULL);
}

static int from_pattern(struct search *s)
{
	regex_t regex;
	regmatch_t match[2];
	int rc = regcomp(&regex, s->rule->pattern, REG_EXTENDED);
	char why[128];

	if (rc != 0) {
		regerror(rc, &regex, why, sizeof why);
		return bl_fail(s->err, BL_USAGE, "--time-pattern=%s: %s", s->rule->pattern, why);
	}
	for (size_t i = 0; i < s->count; i++) {
		const char *path = s->input[i].path;
		const regmatch_t *m = &match[regex.re_nsub > 0];

		if (regexec(&regex, path, 2, match, 0) != 0 || m->rm_so < 0)
			set_found(&s->found[i], NULL, 0);
		else
			set_found(&s->found[i], path + m->rm_so, (size_t)(m->rm_eo - m->rm_so));
	}
	regfree(&regex);
	return refuse_bad(s, NULL);
}

static int from_names(struct search *s)
{
	const char **path = calloc(s->count, sizeof *path);
	struct bl_name_time *time = calloc(s->count, sizeof *time);
	int rc = -1;

	if (!path || !time) {
		bl_fail_memory(s->err, s->count * (sizeof *path + sizeof *time), "the names");
		goto out;
	}
	for (size_t i = 0; i < s->count; i++)
		path[i] = s->input[i].path;
	if (bl_names_find(path, s->count, time, &s->names, s->err))
		goto out;
	for (size_t i = 0; i < s->count; i++) {
		set_found(&s->found[i], time[i].text, time[i].length);
		if (time[i].exponent)
			s->found[i].state = TWO_READINGS;
	}
	if (s->count == 1 && !time[0].text)
		set_found(&s->found[0], "0", 1);
	rc = refuse_bad(s, NULL);
	if (rc == 0 && s->names == BL_NAMES_MIXED) {
		rc = bl_fail(s->err, BL_USAGE,
			"the names follow no one pattern, so that their last numbers may not be "
			"their times");
		table(s, STATES, NULL);
	}
out:
	free(path);
	free(time);
	return rc;
}

/* Decides where to look, and looks. */
static int look(struct search *s)
{
	s->origin = BL_TIME_KEY;
	s->key = s->rule->key;
	if (!s->key && !s->rule->pattern)
		s->key = choose_key(s);
	if (s->key)
		return from_key(s);
	if (s->rule->pattern) {
		s->origin = BL_TIME_PATTERN;
		return from_pattern(s);
	}
	s->origin = BL_TIME_NAME;
	return from_names(s);
}

/* ---- texts to numbers ---- */

static size_t digits(const char *s)
{
	return strspn(s, "0123456789");
}

/* Is text [-]digits[.digits][e[+-]digits], with a digit before or behind the point? */
static bool decimal(const char *s)
{
	size_t whole, part = 0;

	s += *s == '-';
	whole = digits(s);
	s += whole;
	if (*s == '.') {
		part = digits(s + 1);
		s += 1 + part;
	}
	if (whole + part == 0)
		return false;
	if (*s == 'e' || *s == 'E') {
		s++;
		s += *s == '+' || *s == '-';
		if (digits(s) == 0)
			return false;
		s += digits(s);
	}
	return *s == '\0';
}

/* A text to whole units. */
static enum state convert(const struct found *f, double unit, int64_t *n)
{
	char text[128];
	double q, whole;

	if (f->length >= sizeof text)
		return NO_NUMBER;
	memcpy(text, f->text, f->length);
	text[f->length] = '\0';
	if (strlen(text) != f->length || !decimal(text))
		return NO_NUMBER;
	q = strtod(text, NULL);
	if (unit > 0)
		q /= unit;
	if (!(fabs(q) < LARGEST))
		return TOO_LARGE;
	whole = nearbyint(q);
	if (fabs(q - whole) > (unit > 0 ? 1e-6 : 0))
		return NOT_WHOLE;
	if (fabs(whole) >= LARGEST)
		return TOO_LARGE;
	*n = (int64_t)whole;
	return FOUND;
}

/* ---- the order ---- */

struct stamp {
	int64_t time;
	size_t input;
};

static int by_time(const void *a, const void *b)
{
	const struct stamp *p = a, *q = b;

	if (p->time != q->time)
		return p->time < q->time ? -1 : 1;
	return (p->input > q->input) - (p->input < q->input);
}

static int sort(const struct search *s, const int64_t *time, size_t *order)
{
	struct stamp *stamp = calloc(s->count, sizeof *stamp);

	if (!stamp)
		return bl_fail_memory(s->err, s->count * sizeof *stamp, "the order");
	for (size_t i = 0; i < s->count; i++)
		stamp[i] = (struct stamp){time[i], i};
	qsort(stamp, s->count, sizeof *stamp, by_time);
	for (size_t i = 0; i < s->count; i++)
		order[i] = stamp[i].input;
	free(stamp);
	return 0;
}

static int number(struct search *s, int64_t *time, size_t *order)
{
	for (size_t i = 0; i < s->count; i++)
		s->found[i].state = convert(&s->found[i], s->rule->unit, &time[i]);
	if (refuse_bad(s, NULL) || sort(s, time, order))
		return -1;
	if (s->rule->shared)
		return 0;
	for (size_t i = 1; i < s->count; i++)
		if (time[order[i]] == time[order[i - 1]])
			s->found[order[i]].state = s->found[order[i - 1]].state = SHARED;
	if (refuse_bad(s, order))
		return -1;
	if (s->names != BL_NAMES_CONTRADICT)
		return 0;
	bl_fail(s->err, BL_USAGE,
		"the numbers in the names contradict each other: where the last one rises, another "
		"one falls");
	return table(s, STATES, order);
}

int bl_timeline_find(const struct bl_time_input *input, size_t count,
	const struct bl_time_rule *rule, int64_t *time, size_t *order, enum bl_time_origin *origin,
	const char **key_used, struct bl_err *err)
{
	struct search s = {input, count, rule, BL_TIME_INDEX, NULL, BL_NAMES_CLEAR, NULL, err};
	int rc = 0;

	if (count == 0)
		return bl_fail(err, BL_USAGE, "there are no checkpoints");
	if (rule->index) {
		for (size_t i = 0; i < count; i++) {
			time[i] = (int64_t)i;
			order[i] = i;
		}
	} else {
		s.found = calloc(count, sizeof *s.found);
		if (!s.found)
			return bl_fail_memory(err, count * sizeof *s.found, "the times");
		rc = look(&s);
		if (rc == 0)
			rc = number(&s, time, order);
		free(s.found);
	}
	*origin = s.origin;
	*key_used = s.key;
	return rc;
}
