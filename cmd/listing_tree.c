/* listing_tree.c - the tensors of checkpoints as trees of the parts of their names. */
#include "config.h"

#include "listing.h"

#include "text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH 32  /* parts of a name that are branches; what is deeper stays in one piece */
#define WIDEST 72 /* columns of a name with its branches; longer ones push the rest aside */
#define SHAPE 512 /* bytes of a shape's text: 32 extents */

/* A tree being printed, or measured. */
struct tree {
	FILE *to; /* NULL: only measured */
	const struct bl_tensor **tensor; /* in the order of the tree */
	char separator;
	bool unicode;
	bool last[DEPTH + 1]; /* is what is on the way down the last of its branch? */
	size_t widest;	      /* columns of a name with what is before it */
};

/* ---- the order ---- */

/* Bytes of the part of a name that begins here. */
static size_t part(const char *name, char separator)
{
	const char *end = strchr(name, separator);

	return end ? (size_t)(end - name) : strlen(name);
}

static size_t digits(const char *s, size_t n)
{
	size_t k = 0;

	while (k < n && isdigit((unsigned char)s[k]))
		k++;
	return k;
}

/* Numbers in parts count as numbers: layer 2 comes before layer 10. 0: the same up to zeros before
 * a number. */
static int compare_numbers(const char *a, size_t n, const char *b, size_t m)
{
	while (n > 0 && m > 0) {
		const size_t i = digits(a, n), k = digits(b, m);
		size_t x = 0, y = 0;
		int order;

		if (i == 0 || k == 0) {
			if (*a != *b)
				return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
			a++, b++, n--, m--;
			continue;
		}
		while (x + 1 < i && a[x] == '0')
			x++;
		while (y + 1 < k && b[y] == '0')
			y++;
		if (i - x != k - y)
			return i - x < k - y ? -1 : 1;
		order = memcmp(a + x, b + y, i - x);
		if (order != 0)
			return order;
		a += i, n -= i, b += k, m -= k;
	}
	return n > 0 ? 1 : m > 0 ? -1 : 0;
}

/* An order of parts in which no two that differ are the same. */
static int compare_parts(const char *a, size_t n, const char *b, size_t m)
{
	const int numbers = compare_numbers(a, n, b, m);
	int bytes;

	if (numbers != 0)
		return numbers;
	bytes = memcmp(a, b, n < m ? n : m);
	return bytes ? bytes : n < m ? -1 : n > m ? 1 : 0;
}

static int compare(const void *x, const void *y, void *separator)
{
	const struct bl_tensor *const *s = x, *const *t = y;
	const char *a = (*s)->name, *b = (*t)->name, sep = *(const char *)separator;

	for (;;) {
		const size_t n = part(a, sep), m = part(b, sep);
		const int order = compare_parts(a, n, b, m);

		if (order != 0)
			return order;
		if (!a[n] || !b[m])
			return a[n] ? 1 : b[m] ? -1 : 0;
		a += n + 1;
		b += m + 1;
	}
}

/* ---- lines ---- */

/* The branches before a name, of depth 1 or more; returns their columns. */
static size_t put_branches(const struct tree *t, size_t depth)
{
	static const char *const sign[2][4] = {
		{"    ", "|   ", "`-- ", "|-- "},
		{"    ", "\xe2\x94\x82   ", "\xe2\x94\x94\xe2\x94\x80\xe2\x94\x80 ",
			"\xe2\x94\x9c\xe2\x94\x80\xe2\x94\x80 "},
	};

	for (size_t d = 1; t->to && d < depth; d++)
		fputs(sign[t->unicode][t->last[d] ? 0 : 1], t->to);
	if (t->to)
		fputs(sign[t->unicode][t->last[depth] ? 2 : 3], t->to);
	return 4 * depth;
}

/* The first n bytes of a name; returns the columns. */
static size_t put_part(FILE *to, const char *name, size_t n)
{
	size_t columns = 0;
	char piece[256];

	for (size_t at = 0; at < n; at += strlen(piece)) {
		size_t take = n - at < sizeof piece - 1 ? n - at : sizeof piece - 1;

		while (at + take < n && ((unsigned char)name[at + take] & 0xc0) == 0x80 && take > 1)
			take--;
		memcpy(piece, name + at, take);
		piece[take] = '\0';
		columns += bl_text_put(to, piece);
	}
	return columns;
}

/* Begins a line: branches and a name; the rest begins in one column. */
static void begin_line(struct tree *t, size_t depth, const char *name, size_t n)
{
	const size_t columns = put_branches(t, depth) + put_part(t->to, name, n);

	if (columns > t->widest && columns <= WIDEST)
		t->widest = columns;
	if (t->to)
		fprintf(t->to, "%*s", (int)(t->widest > columns ? t->widest - columns : 0), "");
}

static void put_leaf(struct tree *t, size_t depth, const struct bl_tensor *tensor, size_t offset)
{
	char shape[SHAPE], bytes[BL_TEXT];

	begin_line(t, depth, tensor->name + offset, strlen(tensor->name + offset));
	if (t->to)
		fprintf(t->to, "  %8s  %s %s\n",
			bl_text_bytes((double)tensor->bytes, bytes, sizeof bytes),
			bl_dtype(tensor->dtype)->name, bl_shape_text(tensor, shape, sizeof shape));
}

/* A branch with the tensors [from, to). */
static void put_branch(
	struct tree *t, size_t depth, size_t n, size_t offset, size_t from, size_t to)
{
	uint64_t bytes = 0, values = 0;
	char text[BL_TEXT];

	begin_line(t, depth, t->tensor[from]->name + offset, n);
	if (!t->to)
		return;
	for (size_t i = from; i < to; i++) {
		bytes += t->tensor[i]->bytes;
		values += t->tensor[i]->dtype == BL_OTHER ? 0 : t->tensor[i]->count;
	}
	fprintf(t->to, "  %8s  %llu value%s in %zu tensor%s\n",
		bl_text_bytes((double)bytes, text, sizeof text), (unsigned long long)values,
		bl_text_s(values), to - from, bl_text_s(to - from));
}

/* Where the names go on that share a part with the one at from. */
static size_t branch_end(const struct tree *t, size_t from, size_t to, size_t offset, size_t n)
{
	const char *name = t->tensor[from]->name + offset;
	size_t end = from + 1;

	while (end < to && strncmp(t->tensor[end]->name + offset, name, n) == 0 &&
		t->tensor[end]->name[offset + n] == t->separator)
		end++;
	return end;
}

/* All of [from, to), whose names are the same up to offset. Goes no deeper than DEPTH. */
static void put_range(struct tree *t, size_t depth, size_t offset, size_t from, size_t to)
{
	for (size_t i = from; i < to;) {
		const char *name = t->tensor[i]->name + offset;
		const size_t n = part(name, t->separator);
		const bool leaf = !name[n] || depth == DEPTH;
		const size_t end = leaf ? i + 1 : branch_end(t, i, to, offset, n);

		t->last[depth] = end == to;
		if (leaf) {
			put_leaf(t, depth, t->tensor[i], offset);
		} else {
			put_branch(t, depth, n, offset, i, end);
			put_range(t, depth + 1, offset + n + 1, i, end);
		}
		i = end;
	}
}

static int put_source(
	FILE *to, const struct bl_inputs *in, size_t s, bool unicode, struct bl_err *err)
{
	const struct bl_source *src = &in->source[s];
	struct tree t = {
		 .unicode = unicode, .separator = src->format->dotted ? '.' : '/'};

	t.tensor = calloc(src->cat.tensors + 1, sizeof *t.tensor);
	if (!t.tensor)
		return bl_fail_memory(err, src->cat.tensors * sizeof *t.tensor, "a tree");
	for (size_t i = 0; i < src->cat.tensors; i++)
		t.tensor[i] = &src->cat.tensor[i];
	qsort_r(t.tensor, src->cat.tensors, sizeof *t.tensor, compare, &t.separator);
	bl_listing_head(to, in, s);
	put_range(&t, 1, 0, 0, src->cat.tensors);
	t.to = to;
	put_range(&t, 1, 0, 0, src->cat.tensors);
	free(t.tensor);
	return 0;
}

int bl_listing_tree(
	FILE *to, const struct bl_inputs *in, const struct bl_screen *screen, struct bl_err *err)
{
	const bool alike = bl_listing_alike(in);

	for (size_t s = alike ? in->n - 1 : 0; s < in->n; s++) {
		if (!alike && s > 0)
			putc('\n', to);
		if (put_source(to, in, s, screen->unicode, err) != 0)
			return -1;
	}
	if (alike && in->n > 1)
		bl_listing_times(to, in);
	return 0;
}
