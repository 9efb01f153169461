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

static int append(struct bl_values *values, const struct bl_value *v, struct bl_err *err)
{
	const size_t len = strlen(v->text) + 1;
	struct bl_value *value;
	char *texts;

	if (values->n == BL_SWEEP_MAX)
		return bl_fail(err, BL_USAGE, "more than %d values", BL_SWEEP_MAX);
	value = realloc(values->value, (values->n + 1) * sizeof *value);
	if (!value)
		return bl_fail_memory(err, (values->n + 1) * sizeof *value, "values");
	values->value = value;
	texts = realloc(values->texts, values->used + len);
	if (!texts)
		return bl_fail_memory(err, values->used + len, "values");
	values->texts = texts;
	memcpy(texts + values->used, v->text, len);
	values->used += len;
	value[values->n++] = *v;
	return 0;
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

/* ---- ranges ---- */

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

/* Cuts text in three at its colons. */
static int parse_range(const struct bl_option_info *info, char *text, struct range *r,
	struct bl_err *err)
{
	static const struct bl_option_info points = {
		.kind = BL_KIND_WHOLE, .low = 2, .high = BL_SWEEP_MAX};
	const char *from = strsep(&text, ":"), *to = strsep(&text, ":"), *n = strsep(&text, ":");
	struct bl_value count;

	if (!n || text)
		return bl_fail(err, BL_USAGE, "a range is A:B:N or A:B:logN");
	if (bl_value_parse(info, from, &r->from, err) != 0 ||
		bl_value_parse(info, to, &r->to, err) != 0)
		return -1;
	r->log = strncmp(n, "log", 3) == 0;
	if (bl_value_parse(&points, r->log ? n + 3 : n, &count, err) != 0)
		return bl_fail(err, BL_USAGE, "a range has 2 to %d points", BL_SWEEP_MAX);
	r->points = (size_t)count.number;
	if (r->from.unit != r->to.unit)
		return bl_fail(err, BL_USAGE, "both ends need the same unit");
	if (r->from.number == r->to.number)
		return bl_fail(err, BL_USAGE, "both ends are the same");
	if (r->log && !(r->from.number > 0.0 && r->to.number > 0.0))
		return bl_fail(err, BL_USAGE, "a log range needs ends above 0");
	if (r->log && !isfinite(ratio(r)))
		return bl_fail(err, BL_USAGE, "its ends are too far apart");
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
		const double middle = low + (high - low) / 2.0;

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
	const double a = r->from.number, b = r->to.number;
	const size_t last = r->points - 1;
	double point;

	if (i == 0 || i == last)
		return i == 0 ? a : b;
	if (r->log)
		point = a < b ? a * power(step, i) : b * power(step, last - i);
	else
		point = (a * (double)(last - i) + b * (double)i) / (double)last;
	return bl_number_round(point, r->log ? DIGITS_LOG : DIGITS_EVEN);
}

static int append_range(const struct bl_option_info *info, char *text, struct bl_values *values,
	struct bl_err *err)
{
	char buf[BL_NUMBER_TEXT];
	struct range r;
	double step;

	if (parse_range(info, text, &r, err) != 0)
		return -1;
	step = r.log ? root(ratio(&r), r.points - 1) : 0.0;
	for (size_t i = 0; i < r.points; i++) {
		struct bl_value v = {buf, range_point(&r, step, i), r.from.unit};
		const size_t at = strlen(bl_number_text(v.number, buf, sizeof buf));

		if (info->kind == BL_KIND_WHOLE && v.number > floor(v.number))
			return bl_fail(err, BL_USAGE, "its point %s is not a whole number", buf);
		snprintf(buf + at, sizeof buf - at, "%s", bl_unit_text(v.unit));
		if (append(values, &v, err) != 0)
			return -1;
	}
	return 0;
}

/* ---- lists ---- */

/* Item is cut up. Messages name it as it was. */
static int append_item(const struct bl_option_info *info, const char *text, char *item,
	struct bl_values *values, struct bl_err *err)
{
	const int len = (int)strlen(item);
	struct bl_value v;

	if (len == 0)
		return bl_fail(err, BL_USAGE, "it is empty");
	if (info->kind != BL_KIND_WORD && strchr(item, ':')) {
		if (append_range(info, item, values, err) != 0)
			return bl_prefix(err, "%.*s", len, text);
		return 0;
	}
	if (bl_value_parse(info, item, &v, err) != 0)
		return -1;
	return append(values, &v, err);
}

static int append_list(const struct bl_option_info *info, const char *text,
	struct bl_values *values, struct bl_err *err)
{
	char *copy = strdup(text), *rest = copy;
	int rc = 0;

	if (!copy)
		return bl_fail_memory(err, strlen(text) + 1, "values");
	while (rest && rc == 0) {
		char *item = strsep(&rest, ",");

		if (*text && !*item)
			rc = bl_fail(err, BL_USAGE, "\"%s\" has an empty item", text);
		else
			rc = append_item(info, text + (item - copy), item, values, err);
	}
	free(copy);
	return rc;
}

int bl_values_parse(const struct bl_option_info *info, const char *text, struct bl_values *values,
	struct bl_err *err)
{
	struct bl_value v;
	int rc = -1;

	if (info->flags & BL_SWEEPS)
		rc = append_list(info, text, values, err);
	else if (info->kind != BL_KIND_TEXT && strpbrk(text, ",:"))
		bl_fail(err, BL_USAGE, "it takes one value, not the list \"%s\"", text);
	else if (bl_value_parse(info, text, &v, err) == 0)
		rc = append(values, &v, err);
	if (rc == 0)
		settle(values);
	return rc;
}
