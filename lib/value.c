/* value.c - values of options from their texts. */
#include "value.h"

#include "overlay.h"

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

static size_t digits(const char *s)
{
	return strspn(s, "0123456789");
}

/* Length of the decimal number that s begins with; 0 for none. No hex, inf, nan or blanks. */
static size_t number_length(const char *s)
{
	size_t at = *s == '-' || *s == '+', n = digits(s + at);

	at += n;
	if (s[at] == '.') {
		const size_t fraction = digits(s + at + 1);

		at += 1 + fraction;
		n += fraction;
	}
	if (n == 0)
		return 0;
	if (s[at] == 'e' || s[at] == 'E') {
		const size_t sign = s[at + 1] == '-' || s[at + 1] == '+';
		const size_t power = digits(s + at + 1 + sign);

		if (power)
			at += 1 + sign + power;
	}
	return at;
}

/* The number that s begins with, and how long its text is; 0 for none. */
static size_t scan(const char *s, double *number)
{
	char buf[BL_NUMBER_TEXT];
	const size_t n = number_length(s);

	if (n == 0 || n >= sizeof buf)
		return 0;
	memcpy(buf, s, n);
	buf[n] = '\0';
	*number = strtod(buf, NULL) + 0.0; /* -0 becomes +0 */
	return n;
}

/* Writes a number with at most so many significant digits; 1e-05 becomes 1e-5, 1e+15 1e15. */
static void format(double number, int precision, char *buf, size_t cap)
{
	char *to, *from;

	snprintf(buf, cap, "%.*g", precision, number);
	to = strchr(buf, 'e');
	if (!to)
		return;
	to += to[1] == '-' ? 2 : 1;
	from = to + strspn(to, "+0");
	memmove(to, from, strlen(from) + 1);
}

const char *bl_number_text(double number, char *buf, size_t cap)
{
	for (int precision = 15; precision <= 17; precision++) {
		double back = 0.0;

		format(number, precision, buf, cap);
		scan(buf, &back);
		if (back == number)
			break;
	}
	return buf;
}

double bl_number_round(double number, int precision)
{
	char buf[BL_NUMBER_TEXT];

	format(number, precision, buf, sizeof buf);
	scan(buf, &number);
	return number;
}

/* ---- one value ---- */

static const struct {
	const char *name;
	double bytes;
} size_unit[] = {
	{"", 1.0}, {"B", 1.0}, {"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12},
	{"KiB", 1024.0}, {"MiB", 1048576.0}, {"GiB", 1073741824.0}, {"TiB", 1099511627776.0},
};

#define SIZE_UNITS (sizeof size_unit / sizeof size_unit[0])

static const struct {
	const char *name;
	unsigned needs; /* the flag without which an option does not take it */
} length_unit[] = {
	[BL_UNIT_TIME] = {"", 0},
	[BL_UNIT_PERCENT] = {"%", BL_PERCENT},
	[BL_UNIT_CKPT] = {"ckpt", BL_CKPT},
};

const char *bl_unit_text(enum bl_unit unit)
{
	return length_unit[unit].name;
}

const char *bl_bound_text(const struct bl_option_info *info, double bound, char *buf, size_t cap)
{
	size_t u = info->kind == BL_KIND_SIZE ? SIZE_UNITS : 0, at;

	while (u-- > 0) {
		const double n = bound / size_unit[u].bytes;

		if (n < 1.0 || n > floor(n))
			continue;
		at = strlen(bl_number_text(n, buf, cap));
		snprintf(buf + at, cap - at, "%s", size_unit[u].name);
		return buf;
	}
	return bl_number_text(bound, buf, cap);
}

static int check_range(const struct bl_option_info *info, const char *text, double number,
	struct bl_err *err)
{
	const bool low_open = info->flags & BL_LOW_OPEN, high_open = info->flags & BL_HIGH_OPEN;
	char low[BL_NUMBER_TEXT], top[BL_NUMBER_TEXT];

	if ((low_open ? number > info->low : number >= info->low) && isfinite(number) &&
		(high_open ? number < info->high : number <= info->high))
		return 0;
	return bl_fail(err, BL_USAGE, "%s is out of range (%s %s, %s %s)", text,
		low_open ? "above" : "at least", bl_bound_text(info, info->low, low, sizeof low),
		high_open ? "below" : "at most", bl_bound_text(info, info->high, top, sizeof top));
}

static int length_suffix(const struct bl_option_info *info, const char *text, const char *suffix,
	enum bl_unit *unit, struct bl_err *err)
{
	for (unsigned u = BL_UNIT_TIME; u <= BL_UNIT_CKPT; u++) {
		if (strcmp(suffix, length_unit[u].name) != 0)
			continue;
		*unit = (enum bl_unit)u;
		if (!length_unit[u].needs || info->flags & length_unit[u].needs)
			return 0;
		return bl_fail(err, BL_USAGE, "\"%s\": no %s is allowed here", text, suffix);
	}
	bl_fail(err, BL_USAGE, "\"%s\": unknown unit \"%s\"", text, suffix);
	return bl_hint(err, "a bare number counts time%s%s",
		info->flags & BL_PERCENT ? ", 10% is a share of the covered time" : "",
		info->flags & BL_CKPT ? ", 4ckpt counts checkpoints" : "");
}

static int size_suffix(const char *text, const char *suffix, double *number, struct bl_err *err)
{
	for (size_t u = 0; u < SIZE_UNITS; u++) {
		if (strcmp(suffix, size_unit[u].name) != 0)
			continue;
		*number = floor(*number * size_unit[u].bytes);
		return 0;
	}
	bl_fail(err, BL_USAGE, "\"%s\": unknown unit \"%s\"", text, suffix);
	return bl_hint(err, "units are B, kB, MB, GB, TB, KiB, MiB, GiB, TiB");
}

static int parse_number(const struct bl_option_info *info, const char *text, struct bl_value *out,
	struct bl_err *err)
{
	const char *suffix = text + scan(text, &out->number);

	if (strcmp(text, "inf") == 0 && isinf(info->high)) {
		out->number = info->high;
		return 0;
	}
	if (suffix == text)
		return bl_fail(err, BL_USAGE, "\"%s\" is not a number", text);
	if (info->kind == BL_KIND_LENGTH) {
		if (length_suffix(info, text, suffix, &out->unit, err) != 0)
			return -1;
	} else if (info->kind == BL_KIND_SIZE) {
		if (size_suffix(text, suffix, &out->number, err) != 0)
			return -1;
	} else if (*suffix) {
		return bl_fail(err, BL_USAGE, "\"%s\" is not a bare number: without \"%s\", please",
			text, suffix);
	}
	if (info->kind == BL_KIND_WHOLE && out->number > floor(out->number))
		return bl_fail(err, BL_USAGE, "%s is not a whole number", text);
	return check_range(info, text, out->number, err);
}

/* All words, with commas between them. */
static void words_text(const char *choices, char *buf, size_t cap)
{
	size_t at = 0;

	for (; *choices && at + 2 < cap; choices++) {
		if (*choices == ' ')
			buf[at++] = ',';
		buf[at++] = *choices;
	}
	buf[at] = '\0';
}

static int parse_said(const char *text, struct bl_err *err)
{
	struct bl_said said;

	return bl_said_parse(text, &said, err);
}

/* Other names that people have for words: the word that stands for one, if the option has it. */
static const char *meant(const struct bl_option_info *info, const char *text)
{
	static const char *const name[][2] = {
		{"swa", "uniform"}, {"mean", "uniform"}, {"average", "uniform"},
		{"lawa", "window"}, {"sma", "window"}, {"latest", "window"},
		{"edm2", "power"}, {"karras", "power"}, {"phema", "power"},
		{"power-ema", "power"}, {"exponential", "ema"}, {"1-sqrt", "minus-sqrt"},
		{"sqrt", "minus-sqrt"}, {"linear", "linear-decay"}, {"time", "trapezoid"},
		{"file", "weights"}, {"custom", "weights"},
	};

	for (size_t i = 0; i < sizeof name / sizeof name[0]; i++) {
		const size_t len = strlen(name[i][1]);
		const char *w = info->choices;

		if (strcmp(name[i][0], text) != 0)
			continue;
		while (*w && !(strcspn(w, " ") == len && memcmp(w, name[i][1], len) == 0)) {
			w += strcspn(w, " ");
			w += *w == ' ';
		}
		return *w ? w : NULL;
	}
	return NULL;
}

static int parse_word(const struct bl_option_info *info, const char *text, struct bl_err *err)
{
	const char *near = NULL, *other = meant(info, text);
	size_t best = SIZE_MAX;
	char list[256];

	for (const char *w = info->choices; *w;) {
		const size_t len = strcspn(w, " ");

		if (strlen(text) == len && memcmp(w, text, len) == 0)
			return 0;
		if (bl_nearer(text, w, len, &best))
			near = w;
		w += len + (w[len] == ' ');
	}
	near = other ? other : near;
	words_text(info->choices, list, sizeof list);
	bl_fail(err, BL_USAGE, "\"%s\" is not %s%s", text,
		strchr(list, ',') ? "one of " : "the only word for it, ", list);
	return near ? bl_hint(err, "did you mean \"%.*s\"?", (int)strcspn(near, " "), near) : -1;
}

int bl_value_parse(const struct bl_option_info *info, const char *text, struct bl_value *out,
	struct bl_err *err)
{
	*out = (struct bl_value){text, 0.0, BL_UNIT_TIME};
	switch (info->kind) {
	case BL_KIND_FLAG:
		out->number = 1.0;
		return 0;
	case BL_KIND_WORD:
		return parse_word(info, text, err);
	case BL_KIND_TEXT:
		return *text ? 0 : bl_fail(err, BL_USAGE, "it is empty");
	case BL_KIND_SAID:
		return parse_said(text, err);
	case BL_KIND_NUMBER:
	case BL_KIND_LENGTH:
	case BL_KIND_WHOLE:
	case BL_KIND_SIZE:
		break;
	}
	return parse_number(info, text, out, err);
}
