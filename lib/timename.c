/* timename.c - the time that the name of a checkpoint tells. */
#include "timename.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A number in a path. */
struct number {
	size_t from, to;
	enum { WHOLE, DECIMAL, EXPONENT } kind; /* 12; 0.45, 1.2.3, 3e-5; 1e4 */
};

/* A path, and the part of it that is looked at. Parts begin and end at whole numbers. */
struct part {
	const char *path;
	size_t length; /* without suffixes */
	size_t from, to;
	size_t numbers;     /* whole ones in it */
	struct number last; /* the last whole one, where numbers > 0 */
};

/* Plain ASCII, whatever the locale. */
static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static size_t digits(const char *s, size_t at, size_t end)
{
	while (at < end && digit(s[at]))
		at++;
	return at;
}

/* The end of an exponent that begins at at, or at where there is none. */
static size_t exponent(const char *s, size_t at, size_t end, bool *sign)
{
	size_t from = at + 1, to;

	if (at >= end || (s[at] != 'e' && s[at] != 'E'))
		return at;
	*sign = from < end && (s[from] == '+' || s[from] == '-');
	from += *sign;
	to = digits(s, from, end);
	return to == from || (to < end && letter(s[to])) ? at : to;
}

/* The first number at or behind at; false where there is none. */
static bool next_number(const struct part *p, size_t at, struct number *n)
{
	const char *s = p->path;
	const size_t end = p->length;
	bool sign = false;
	size_t to;

	while (at < end && !digit(s[at]))
		at++;
	if (at >= end)
		return false;
	n->from = at;
	n->to = digits(s, at, end);
	n->kind = WHOLE;
	while (n->to + 1 < end && s[n->to] == '.' && digit(s[n->to + 1])) {
		n->to = digits(s, n->to + 1, end);
		n->kind = DECIMAL;
	}
	to = exponent(s, n->to, end, &sign);
	if (to > n->to) {
		n->kind = n->kind == WHOLE && !sign ? EXPONENT : DECIMAL;
		n->to = to;
	}
	return true;
}

/* The next number inside the part. */
static bool next_inside(const struct part *p, size_t at, struct number *n)
{
	return next_number(p, at, n) && n->from < p->to;
}

/* Is the end of the path, from dot on, a suffix that says how the file is written? */
static bool known_suffix(const char *dot, size_t length)
{
	static const char *const known[] = {".h5", ".hdf5", ".hdf", ".he5", ".keras",
		".safetensors", ".weights", ".index", ".json"};

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (strlen(known[i]) == length && strncasecmp(dot, known[i], length) == 0)
			return true;
	return false;
}

static size_t base_name(const char *path, size_t length)
{
	while (length > 0 && path[length - 1] != '/')
		length--;
	return length;
}

/* The length of a path without closing slashes and suffixes. */
static size_t bare_length(const char *path)
{
	size_t length = strlen(path), base, dot;

	while (length > 1 && path[length - 1] == '/')
		length--;
	base = base_name(path, length);
	for (;;) {
		for (dot = length; dot > base && path[dot - 1] != '.'; dot--)
			;
		if (dot == base || !known_suffix(path + dot - 1, length - dot + 1))
			return length;
		length = dot - 1;
	}
}

/* How many leading bytes all have in common, at most limit. */
static size_t common_start(const struct part *p, size_t count, size_t limit)
{
	for (size_t i = 1; i < count; i++) {
		size_t n = 0;

		while (n < limit && p[i].path[n] == p[0].path[n])
			n++;
		limit = n;
	}
	return limit;
}

/* How many closing bytes all have in common, at most limit. */
static size_t common_end(const struct part *p, size_t count, size_t limit)
{
	for (size_t i = 1; i < count; i++) {
		const char *a = p[0].path + p[0].length, *b = p[i].path + p[i].length;
		size_t n = 0;

		while (n < limit && *(a - n - 1) == *(b - n - 1))
			n++;
		limit = n;
	}
	return limit;
}

/* The number that a cut at at goes through; false where it goes through none. */
static bool cuts_number(const struct part *p, size_t at, struct number *n)
{
	for (size_t from = 0; next_number(p, from, n) && n->from < at; from = n->to)
		if (at < n->to)
			return true;
	return false;
}

/* Takes a number that is common only in part out of the common start or end. */
static void widen(const struct part *p, size_t count, size_t *start, size_t *end)
{
	struct number n;
	bool moved;

	do {
		moved = false;
		for (size_t i = 0; i < count; i++) {
			if (cuts_number(&p[i], *start, &n)) {
				*start = n.from;
				moved = true;
			}
			if (cuts_number(&p[i], p[i].length - *end, &n)) {
				*end = p[i].length - n.to;
				moved = true;
			}
		}
	} while (moved);
}

/* One name alone: its last part or, for the model.safetensors that the folder of every checkpoint
 * has, the folder's. */
static void alone(struct part *p)
{
	static const char *const model = "model"; /* adapter_model, diffusion_pytorch_model */
	const size_t n = strlen(model);

	p->from = base_name(p->path, p->length);
	if (p->from < 2 || p->length - p->from < n ||
		memcmp(p->path + p->length - n, model, n) != 0)
		return;
	p->length = p->to = p->from - 1;
	p->from = base_name(p->path, p->length);
}

/* Narrows every part to what differs. */
static void differing(struct part *p, size_t count)
{
	size_t shortest = p[0].length, start, end;

	for (size_t i = 1; i < count; i++)
		if (p[i].length < shortest)
			shortest = p[i].length;
	start = common_start(p, count, shortest);
	end = common_end(p, count, shortest - start);
	widen(p, count, &start, &end);
	for (size_t i = 0; i < count; i++) {
		p[i].from = start;
		p[i].to = p[i].length - end;
	}
}

/* Counts the whole numbers of a part and notes the last. An exponent counts as one. */
static void last_number(struct part *p)
{
	struct number n;

	p->numbers = 0;
	for (size_t at = p->from; next_inside(p, at, &n); at = n.to) {
		if (n.kind == DECIMAL)
			continue;
		p->numbers++;
		p->last = n;
	}
}

/* Runs of digits compared as numbers: below, at or above 0. */
static int compare_digits(const char *a, size_t m, const char *b, size_t n)
{
	for (; m > 1 && *a == '0'; m--)
		a++;
	for (; n > 1 && *b == '0'; n--)
		b++;
	if (m != n)
		return m < n ? -1 : 1;
	return memcmp(a, b, m);
}

/* Have two parts the same text around numbers of the same kinds? */
static bool same_shape(const struct part *a, const struct part *b)
{
	size_t i = a->from, j = b->from;

	for (;;) {
		struct number m, n;
		const bool more_a = next_inside(a, i, &m), more_b = next_inside(b, j, &n);
		const size_t gap_a = (more_a ? m.from : a->to) - i,
			     gap_b = (more_b ? n.from : b->to) - j;

		if (more_a != more_b || gap_a != gap_b ||
			memcmp(a->path + i, b->path + j, gap_a) != 0)
			return false;
		if (!more_a)
			return true;
		if (m.kind != n.kind)
			return false;
		i = m.to;
		j = n.to;
	}
}

static bool all_same_shape(const struct part *p, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (!same_shape(&p[0], &p[i]))
			return false;
	return true;
}

/* Two parts of one shape: is no whole number of a above that of b? */
static bool ascends(const struct part *a, const struct part *b)
{
	struct number m, n;

	for (size_t i = a->from, j = b->from; next_inside(a, i, &m) && next_inside(b, j, &n);
		i = m.to, j = n.to)
		if (m.kind == WHOLE && compare_digits(a->path + m.from, m.to - m.from,
					       b->path + n.from, n.to - n.from) > 0)
			return false;
	return true;
}

static int by_last_number(const void *a, const void *b)
{
	const struct part *p = a, *q = b;

	return compare_digits(p->path + p->last.from, p->last.to - p->last.from,
		q->path + q->last.from, q->last.to - q->last.from);
}

/* Parts of one shape: does their last number agree with all others? Sorts them by it. (Where last
 * numbers are equal the caller refuses them anyway.) */
static enum bl_names agreement(struct part *p, size_t count)
{
	qsort(p, count, sizeof *p, by_last_number);
	for (size_t i = 1; i < count; i++)
		if (!ascends(&p[i - 1], &p[i]))
			return BL_NAMES_CONTRADICT;
	return BL_NAMES_CLEAR;
}

/* Narrows a part to the file or folder name, or what of it differs, that holds the last number. */
static void component(struct part *p)
{
	size_t from = p->last.from, to = p->last.to;

	while (from > p->from && p->path[from - 1] != '/')
		from--;
	while (to < p->to && p->path[to] != '/')
		to++;
	p->from = from;
	p->to = to;
}

/* The letters that follow the last number without a break: a unit ("100k") or part of a hash. */
static size_t glued(const struct part *p)
{
	size_t to = p->last.to;

	while (to < p->length && letter(p->path[to]))
		to++;
	return to - p->last.to;
}

/* Names of no one pattern: is the only number of each clearly the one that counts? */
static bool only_numbers(const struct part *p, size_t count)
{
	const size_t glue = glued(&p[0]);

	for (size_t i = 0; i < count; i++)
		if (p[i].numbers != 1 || glued(&p[i]) != glue ||
			memcmp(p[i].path + p[i].last.to, p[0].path + p[0].last.to, glue) != 0)
			return false;
	return true;
}

/* Every part has a number. Reorders the parts. */
static enum bl_names judge(struct part *p, size_t count)
{
	const bool only = only_numbers(p, count);

	if (all_same_shape(p, count))
		return agreement(p, count);
	for (size_t i = 0; i < count; i++)
		component(&p[i]);
	if (all_same_shape(p, count))
		return agreement(p, count);
	return only ? BL_NAMES_CLEAR : BL_NAMES_MIXED;
}

int bl_names_find(const char *const *path, size_t count, struct bl_name_time *time,
	enum bl_names *names, struct bl_err *err)
{
	struct part *p = calloc(count, sizeof *p);
	size_t found = 0;

	if (!p)
		return bl_fail_memory(err, count * sizeof *p, "the names");
	for (size_t i = 0; i < count; i++) {
		p[i].path = path[i];
		p[i].length = p[i].to = bare_length(path[i]);
	}
	if (count > 1)
		differing(p, count);
	else
		alone(&p[0]);
	for (size_t i = 0; i < count; i++) {
		last_number(&p[i]);
		if (p[i].numbers == 0) {
			time[i] = (struct bl_name_time){NULL, 0, false};
			continue;
		}
		time[i].text = path[i] + p[i].last.from;
		time[i].length = p[i].last.to - p[i].last.from;
		time[i].exponent = p[i].last.kind == EXPONENT;
		found++;
	}
	*names = found == count ? judge(p, count) : BL_NAMES_CLEAR;
	free(p);
	return 0;
}
