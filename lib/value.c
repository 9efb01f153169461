/* value.c - values of options from their texts. */
#include "value.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- "did you mean" ---- */

#define LONGEST_WORD 32

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Insertions, deletions, changes and swaps of neighbours that turn a into b. */
static size_t distance(const char *a, size_t n, const char *b, size_t m)
{
	size_t row[3][LONGEST_WORD + 1];

	for (size_t j = 0; j <= m; j++)
		row[0][j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t *now = row[i % 3];
		const size_t *before = row[(i + 2) % 3], *earlier = row[(i + 1) % 3];

		now[0] = i;
		for (size_t j = 1; j <= m; j++) {
			now[j] = least(before[j - 1] + (a[i - 1] != b[j - 1]),
				least(before[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = least(now[j], earlier[j - 2] + 1);
		}
	}
	return row[n % 3][m];
}

bool bl_nearer(const char *text, const char *candidate, size_t len, size_t *best)
{
	const size_t n = strlen(text);
	size_t d;

	if (n > LONGEST_WORD || len > LONGEST_WORD)
		return false;
	d = distance(text, n, candidate, len);
	if (d > (n + 2) / 3 || d >= *best)
		return false;
	*best = d;
	return true;
}

/* ---- numbers ---- */

static size_t digits(const char *s, size_t len)
{
	size_t n = 0;

	while (n < len && s[n] >= '0' && s[n] <= '9')
		n++;
	return n;
}

/* Length of the decimal number that text begins with; 0 for none. No hex, inf, nan or blanks. */
static size_t number_length(const char *s, size_t len)
{
	size_t at = len && (s[0] == '-' || s[0] == '+'), whole = digits(s + at, len - at), n = whole;

	at += whole;
	if (at < len && s[at] == '.') {
		size_t fraction = digits(s + at + 1, len - at - 1);

		at += 1 + fraction;
		n += fraction;
	}
	if (n == 0)
		return 0;
	if (at < len && (s[at] == 'e' || s[at] == 'E')) {
		size_t sign = at + 1 < len && (s[at + 1] == '-' || s[at + 1] == '+');
		size_t power = digits(s + at + 1 + sign, len - at - 1 - sign);

		if (power)
			at += 1 + sign + power;
	}
	return at;
}

/* The number that text begins with, and how long it is; 0 for none. */
static size_t scan(const char *s, size_t len, double *number)
{
	char buf[BL_NUMBER_TEXT];
	size_t n = number_length(s, len);

	if (n == 0 || n >= sizeof buf)
		return 0;
	memcpy(buf, s, n);
	buf[n] = '\0';
	*number = strtod(buf, NULL) + 0.0; /* -0 becomes +0 */
	return n;
}

/* Writes a number with at most so many significant digits, without padding of the exponent. */
static void format(double number, int precision, char *buf, size_t cap)
{
	char *e, *from;

	snprintf(buf, cap, "%.*g", precision, number);
	e = strchr(buf, 'e');
	if (!e)
		return;
	e += e[1] == '-' ? 2 : 1;
	from = e + (*e == '+');
	from += strspn(from, "0");
	memmove(e, from, strlen(from) + 1);
}

const char *bl_number_text(double number, char *buf, size_t cap)
{
	for (int precision = 15; precision <= 17; precision++) {
		double back = 0.0;

		format(number, precision, buf, cap);
		scan(buf, strlen(buf), &back);
		if (back == number)
			break;
	}
	return buf;
}

double bl_number_round(double number, int precision)
{
	char buf[BL_NUMBER_TEXT];

	format(number, precision, buf, sizeof buf);
	scan(buf, strlen(buf), &number);
	return number;
}

/* ---- one value ---- */

static const struct {
	const char *name;
	double bytes;
} size_unit[] = {
	{"", 1.0}, {"B", 1.0},
	{"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12},
	{"KiB", 1024.0}, {"MiB", 1048576.0}, {"GiB", 1073741824.0}, {"TiB", 1099511627776.0},
};

#define SIZE_UNITS (sizeof size_unit / sizeof size_unit[0])

static const char *const length_unit[] = {
	[BL_UNIT_TIME] = "", [BL_UNIT_PERCENT] = "%", [BL_UNIT_CKPT] = "ckpt"};

static bool equals(const char *word, const char *text, size_t len)
{
	return strlen(word) == len && memcmp(word, text, len) == 0;
}

const char *bl_unit_text(enum bl_unit unit)
{
	return length_unit[unit];
}

/* A bound as a person would write it: sizes with the largest binary unit that leaves it whole. */
static const char *bound_text(const struct bl_option_info *info, double bound, char *buf, size_t cap)
{
	size_t at;

	for (size_t u = SIZE_UNITS; info->kind == BL_KIND_SIZE && u-- > 0;) {
		double n = bound / size_unit[u].bytes;

		if (n < 1.0 || n > floor(n))
			continue;
		bl_number_text(n, buf, cap);
		at = strlen(buf);
		snprintf(buf + at, cap - at, "%s", size_unit[u].name);
		return buf;
	}
	return bl_number_text(bound, buf, cap);
}

static int check_range(const struct bl_option_info *info, double number, const char *text,
	size_t len, const char *where, struct bl_err *err)
{
	const bool low_open = info->flags & BL_LOW_OPEN, high_open = info->flags & BL_HIGH_OPEN;
	char low[BL_NUMBER_TEXT], high[BL_NUMBER_TEXT];

	if ((low_open ? number > info->low : number >= info->low) &&
		(high_open ? number < info->high : number <= info->high))
		return 0;
	return bl_fail(err, BL_USAGE, "%s: %.*s is out of range (%s %s, %s %s)", where, (int)len, text,
		low_open ? "above" : "at least", bound_text(info, info->low, low, sizeof low),
		high_open ? "below" : "at most", bound_text(info, info->high, high, sizeof high));
}

/* What stands behind the number of a length. */
static int length_suffix(const struct bl_option_info *info, const char *text, size_t len,
	size_t used, const char *where, enum bl_unit *unit, struct bl_err *err)
{
	static const unsigned needs[] = {
		[BL_UNIT_TIME] = 0, [BL_UNIT_PERCENT] = BL_PERCENT, [BL_UNIT_CKPT] = BL_CKPT};

	for (unsigned u = BL_UNIT_TIME; u <= BL_UNIT_CKPT; u++) {
		if (!equals(length_unit[u], text + used, len - used))
			continue;
		if (needs[u] && !(info->flags & needs[u]))
			return bl_fail(err, BL_USAGE, "%s: \"%.*s\": the unit %s is not allowed here", where,
				(int)len, text, length_unit[u]);
		*unit = (enum bl_unit)u;
		return 0;
	}
	return bl_fail(err, BL_USAGE, "%s: \"%.*s\": unknown unit \"%.*s\" (a bare number counts time, "
		"%% is a share of the covered time, ckpt counts checkpoints)", where, (int)len, text,
		(int)(len - used), text + used);
}

static int size_suffix(const char *text, size_t len, size_t used, const char *where, double *number,
	struct bl_err *err)
{
	for (size_t u = 0; u < SIZE_UNITS; u++) {
		if (!equals(size_unit[u].name, text + used, len - used))
			continue;
		*number = floor(*number * size_unit[u].bytes);
		return 0;
	}
	return bl_fail(err, BL_USAGE, "%s: \"%.*s\": unknown unit \"%.*s\" (B, kB, MB, GB, TB, KiB, MiB, "
		"GiB, TiB)", where, (int)len, text, (int)(len - used), text + used);
}

static int parse_number(const struct bl_option_info *info, const char *text, size_t len,
	const char *where, struct bl_value *out, struct bl_err *err)
{
	const size_t used = scan(text, len, &out->number);

	out->unit = BL_UNIT_TIME;
	if (used == 0)
		return bl_fail(err, BL_USAGE, "%s: \"%.*s\" is not a number", where, (int)len, text);
	if (info->kind == BL_KIND_LENGTH) {
		if (length_suffix(info, text, len, used, where, &out->unit, err) != 0)
			return -1;
	} else if (info->kind == BL_KIND_SIZE) {
		if (size_suffix(text, len, used, where, &out->number, err) != 0)
			return -1;
	} else if (used < len) {
		return bl_fail(err, BL_USAGE, "%s: \"%.*s\": a bare number is wanted, without \"%.*s\"",
			where, (int)len, text, (int)(len - used), text + used);
	}
	if (info->kind == BL_KIND_WHOLE && out->number > floor(out->number))
		return bl_fail(err, BL_USAGE, "%s: %.*s is not a whole number", where, (int)len, text);
	return check_range(info, out->number, text, len, where, err);
}

static int parse_word(const struct bl_option_info *info, const char *text, size_t len,
	const char *where, struct bl_err *err)
{
	char list[256], typed[LONGEST_WORD + 1];
	const char *near = NULL;
	size_t at = 0, best = SIZE_MAX, near_len = 0;

	snprintf(typed, sizeof typed, "%.*s", (int)len, text);
	list[0] = '\0';
	for (const char *w = info->choices; *w;) {
		size_t n = strcspn(w, " ");

		if (n == len && memcmp(w, text, n) == 0)
			return 0;
		if (bl_nearer(typed, w, n, &best)) {
			near = w;
			near_len = n;
		}
		at += (size_t)snprintf(list + at, at < sizeof list ? sizeof list - at : 0, "%s%.*s",
			at ? ", " : "", (int)n, w);
		at = least(at, sizeof list - 1);
		w += n + (w[n] == ' ');
	}
	bl_fail(err, BL_USAGE, "%s: \"%.*s\" is not %s%s", where, (int)len, text,
		strchr(info->choices, ' ') ? "one of " : "", list);
	return near ? bl_hint(err, "did you mean \"%.*s\"?", (int)near_len, near) : -1;
}

int bl_value_parse(const struct bl_option_info *info, const char *text, size_t len,
	const char *where, struct bl_value *out, struct bl_err *err)
{
	out->number = 0.0;
	out->unit = BL_UNIT_TIME;
	switch (info->kind) {
	case BL_KIND_FLAG:
		out->number = 1.0;
		return 0;
	case BL_KIND_WORD:
		return parse_word(info, text, len, where, err);
	case BL_KIND_TEXT:
		return len ? 0 : bl_fail(err, BL_USAGE, "%s: it is empty", where);
	case BL_KIND_NUMBER:
	case BL_KIND_LENGTH:
	case BL_KIND_WHOLE:
	case BL_KIND_SIZE:
		break;
	}
	return parse_number(info, text, len, where, out, err);
}
