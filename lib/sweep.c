/* sweep.c - lists and ranges of values. */
#include "sweep.h"

#include "value.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS_EVEN 15 /* every decimal of so many digits survives a double */
#define DIGITS_LOG 12  /* leaves out what the products have rounded */

void bl_values_free(struct bl_values *values)
{
	free(values->value);
	free(values->texts);
	memset(values, 0, sizeof *values);
}

static int append(struct bl_values *values, const struct bl_value *v, const char *text, size_t len,
	const char *where, struct bl_err *err)
{
	struct bl_value *value;
	char *texts;

	if (values->n == BL_SWEEP_MAX)
		return bl_fail(err, BL_USAGE, "%s: more than %d values", where, BL_SWEEP_MAX);
	value = realloc(values->value, (values->n + 1) * sizeof *value);
	if (!value)
		return bl_fail_memory(err, (values->n + 1) * sizeof *value, "values");
	values->value = value;
	texts = realloc(values->texts, values->used + len + 1);
	if (!texts)
		return bl_fail_memory(err, values->used + len + 1, "values");
	values->texts = texts;
	memcpy(texts + values->used, text, len);
	texts[values->used + len] = '\0';
	values->used += len + 1;
	value[values->n++] = *v;
	return 0;
}

/* A:B:N or A:B:logN. */
struct range {
	struct bl_value from, to;
	size_t points;
	bool log;
};

/* Above 1 whichever way the range runs. */
static double ratio(const struct range *r)
{
	return fmax(r->from.number, r->to.number) / fmin(r->from.number, r->to.number);
}

static int parse_range(const struct bl_option_info *info, const char *text, size_t len,
	const char *where, struct range *r, struct bl_err *err)
{
	static const struct bl_option_info points = {
		.kind = BL_KIND_WHOLE, .low = 2, .high = BL_SWEEP_MAX};
	const char *end = text + len, *b = memchr(text, ':', len), *n;
	struct bl_value count;

	b++;
	n = memchr(b, ':', (size_t)(end - b));
	if (!n || memchr(n + 1, ':', (size_t)(end - n - 1)))
		return bl_fail(err, BL_USAGE, "%s: \"%.*s\": a range is A:B:N or A:B:logN", where, (int)len,
			text);
	if (bl_value_parse(info, text, (size_t)(b - 1 - text), where, &r->from, err) != 0 ||
		bl_value_parse(info, b, (size_t)(n - b), where, &r->to, err) != 0)
		return -1;
	n++;
	r->log = end - n > 3 && memcmp(n, "log", 3) == 0;
	n += r->log ? 3 : 0;
	if (bl_value_parse(&points, n, (size_t)(end - n), where, &count, err) != 0)
		return bl_fail(err, BL_USAGE, "%s: \"%.*s\": a range has 2 to %d points", where, (int)len,
			text, BL_SWEEP_MAX);
	r->points = (size_t)count.number;
	if (r->from.unit != r->to.unit)
		return bl_fail(err, BL_USAGE, "%s: \"%.*s\": both ends need the same unit", where, (int)len,
			text);
	if (r->from.number == r->to.number)
		return bl_fail(err, BL_USAGE, "%s: \"%.*s\": both ends are the same", where, (int)len, text);
	if (r->log && !(r->from.number > 0.0 && r->to.number > 0.0))
		return bl_fail(err, BL_USAGE, "%s: \"%.*s\": a log range needs ends above 0", where, (int)len,
			text);
	if (r->log && !isfinite(ratio(r)))
		return bl_fail(err, BL_USAGE, "%s: \"%.*s\": its ends are too far apart", where, (int)len, text);
	return 0;
}

static double power(double base, size_t n)
{
	double p = 1.0;

	for (; n; n >>= 1, base *= base)
		if (n & 1)
			p *= base;
	return p;
}

/* The n-th root of x > 1, by bisection: products only, so the same on every machine. */
static double root(double x, size_t n)
{
	double low = 1.0, high = x;

	for (;;) {
		double middle = low + (high - low) / 2.0;

		if (!(middle > low && middle < high))
			return low;
		if (power(middle, n) <= x)
			low = middle;
		else
			high = middle;
	}
}

/* Point i of 0 .. points - 1; the ends are what was typed. */
static double range_point(const struct range *r, double step, size_t i)
{
	const double a = r->from.number, b = r->to.number, n = (double)(r->points - 1), at = (double)i;
	double point;

	if (i == 0)
		return a;
	if (i == r->points - 1)
		return b;
	if (!r->log)
		point = (a * (n - at) + b * at) / n;
	else
		point = a < b ? a * power(step, i) : b * power(step, r->points - 1 - i);
	return bl_number_round(point, r->log ? DIGITS_LOG : DIGITS_EVEN);
}

static int append_range(const struct bl_option_info *info, const char *text, size_t len,
	const char *where, struct bl_values *values, struct bl_err *err)
{
	char buf[BL_NUMBER_TEXT];
	struct range r;
	double step = 0.0;

	if (parse_range(info, text, len, where, &r, err) != 0)
		return -1;
	if (r.log)
		step = root(ratio(&r), r.points - 1);
	for (size_t i = 0; i < r.points; i++) {
		struct bl_value v = r.from;
		size_t at;

		v.number = range_point(&r, step, i);
		at = strlen(bl_number_text(v.number, buf, sizeof buf));
		if (info->kind == BL_KIND_WHOLE && v.number > floor(v.number))
			return bl_fail(err, BL_USAGE, "%s: \"%.*s\": its point %s is not a whole number", where,
				(int)len, text, buf);
		snprintf(buf + at, sizeof buf - at, "%s", bl_unit_text(v.unit));
		if (append(values, &v, buf, strlen(buf), where, err) != 0)
			return -1;
	}
	return 0;
}

static int append_item(const struct bl_option_info *info, const char *text, size_t len,
	const char *where, struct bl_values *values, struct bl_err *err)
{
	struct bl_value v;

	if (info->kind != BL_KIND_WORD && memchr(text, ':', len))
		return append_range(info, text, len, where, values, err);
	if (bl_value_parse(info, text, len, where, &v, err) != 0)
		return -1;
	return append(values, &v, text, len, where, err);
}

/* Points the values at their texts, once these no longer move. */
static void settle(struct bl_values *values)
{
	const char *text = values->texts;

	for (size_t i = 0; i < values->n; i++) {
		values->value[i].text = text;
		text += strlen(text) + 1;
	}
}

int bl_values_parse(const struct bl_option_info *info, const char *text, const char *where,
	struct bl_values *values, struct bl_err *err)
{
	const bool sweeps = info->flags & BL_SWEEPS;
	struct bl_value v;

	if (!sweeps) {
		if (info->kind != BL_KIND_TEXT && strpbrk(text, ",:"))
			return bl_fail(err, BL_USAGE, "%s: it takes one value, not the list \"%s\"", where, text);
		if (bl_value_parse(info, text, strlen(text), where, &v, err) != 0 ||
			append(values, &v, text, strlen(text), where, err) != 0)
			return -1;
	}
	for (const char *item = text; sweeps; item++) {
		size_t len = strcspn(item, ",");

		if (len == 0)
			return bl_fail(err, BL_USAGE, "%s: \"%s\" has an empty item", where, text);
		if (append_item(info, item, len, where, values, err) != 0)
			return -1;
		item += len;
		if (!*item)
			break;
	}
	settle(values);
	return 0;
}
