/* sweep.c - lists and ranges of values. */
#include "sweep.h"

#include "dd.h"
#include "value.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS 15      /* every decimal of so many digits survives a double */
#define RATIO_MAX 1e75 /* of the ends of a log range; its square is in the range of dd.h */

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

/* Ratio of the ends, above 1 whichever way the range runs. */
static struct bl_dd ratio(const struct range *r)
{
	const double a = r->from.number, b = r->to.number;

	return bl_dd_div(bl_dd(fmax(a, b)), bl_dd(fmin(a, b)));
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
	if (r->log ? !(ratio(r).h <= RATIO_MAX) : isinf(r->to.number - r->from.number))
		return bl_fail(err, BL_USAGE, "its ends are too far apart");
	return 0;
}

static struct bl_dd power(struct bl_dd base, size_t n)
{
	struct bl_dd p = bl_dd(1.0);

	for (; n; n >>= 1, base = bl_dd_mul(base, base))
		if (n & 1)
			p = bl_dd_mul(p, base);
	return p;
}

/*
 * The n-th root of x > 1. Its double by bisection, then one step of Newton's doubles the digits:
 * q - (q^n - x) / (n q^(n-1)). No function of libm, whose last bits differ between machines.
 */
static struct bl_dd root(struct bl_dd x, size_t n)
{
	double low = 1.0, high = x.h;
	struct bl_dd q, qn;

	for (;;) {
		const double middle = low + (high - low) / 2.0;

		if (!(middle > low && middle < high))
			break;
		if (power(bl_dd(middle), n).h <= x.h)
			low = middle;
		else
			high = middle;
	}
	q = bl_dd(low);
	qn = power(q, n);
	qn = bl_dd_div(bl_dd_sub(x, qn), bl_dd_mul(bl_dd((double)n), qn));
	return bl_dd_add(q, bl_dd_mul(q, qn));
}

/* Point i of 0 .. points - 1; the ends are what was typed. */
static double range_point(const struct range *r, struct bl_dd step, size_t i)
{
	const double a = r->from.number, b = r->to.number;
	const size_t last = r->points - 1;
	struct bl_dd point;

	if (i == 0 || i == last)
		return i == 0 ? a : b;
	if (r->log) {
		point = bl_dd_mul(bl_dd(fmin(a, b)), power(step, a < b ? i : last - i));
	} else {
		point = bl_dd_add(bl_dd_mul(bl_dd(a), bl_dd((double)(last - i))),
			bl_dd_mul(bl_dd(b), bl_dd((double)i)));
		point = bl_dd_div(point, bl_dd((double)last));
	}
	return bl_number_round(bl_dd_round(point), DIGITS);
}

static int append_range(const struct bl_option_info *info, char *text, struct bl_values *values,
	struct bl_err *err)
{
	char buf[BL_NUMBER_TEXT];
	struct bl_dd step = bl_dd(1.0);
	struct range r;

	if (parse_range(info, text, &r, err) != 0)
		return -1;
	if (r.log)
		step = root(ratio(&r), r.points - 1);
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

	if (info->flags & (BL_SWEEPS | BL_LIST))
		rc = append_list(info, text, values, err);
	else if (info->kind != BL_KIND_TEXT && info->kind != BL_KIND_SAID && strpbrk(text, ",:"))
		bl_fail(err, BL_USAGE, "it takes one value, not the list \"%s\"", text);
	else if (bl_value_parse(info, text, &v, err) == 0)
		rc = append(values, &v, err);
	if (rc == 0)
		settle(values);
	return rc;
}
