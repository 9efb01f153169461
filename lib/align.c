/* align.c - the same tensors in all checkpoints of a sequence. */
#include "align.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct bl_tensor *bl_aligned_tensor(const struct bl_alignment *a, size_t i)
{
	const struct bl_aligned *t = &a->tensor[i];

	return &a->source[t->last].cat.tensor[t->index];
}

/* Has checkpoint t the very tensors of the next one, so that all is known of them? */
static bool is_repeated(const struct bl_alignment *a, size_t t)
{
	return t + 1 < a->sources && bl_catalog_shares(&a->source[t].cat, &a->source[t + 1].cat);
}

/* ---- names ---- */

/* Makes room for n tensors in all. */
static int make_room(struct bl_alignment *a, size_t *room, size_t n, struct bl_err *err)
{
	const size_t more = n > 2 * *room ? n : 2 * *room;
	struct bl_aligned *tensor;

	if (n <= *room)
		return 0;
	tensor = realloc(a->tensor, more * sizeof *tensor);
	if (!tensor)
		return bl_fail_memory(err, more * sizeof *tensor, "the alignment");
	a->tensor = tensor;
	*room = more;
	return 0;
}

/* Is tensor j of a checkpoint tensor j of the alignment? */
static bool in_place(const struct bl_alignment *a, const struct bl_catalog *cat, size_t j)
{
	return j < a->tensors && strcmp(bl_aligned_tensor(a, j)->name, cat->tensor[j].name) == 0;
}

/* Adds what checkpoint t has beside those that are there. */
static int add_names(struct bl_lookup *names, struct bl_alignment *a, size_t *room, size_t t,
	struct bl_err *err)
{
	const struct bl_catalog *cat = &a->source[t].cat;

	for (size_t j = 0; j < cat->tensors; j++) {
		size_t number = a->tensors;

		if (in_place(a, cat, j))
			continue;
		if (make_room(a, room, a->tensors + 1, err) != 0 ||
			bl_lookup_add(names, cat->tensor[j].name, &number, err) != 0)
			return -1;
		if (number == a->tensors)
			a->tensor[a->tensors++] = (struct bl_aligned){.last = t, .index = j};
	}
	return 0;
}

/* ---- places ---- */

/* Notes where checkpoint t has everything, and the repeats ones before it, which have its tensors.
 */
static int add_places(const struct bl_lookup *names, struct bl_alignment *a, size_t t,
	size_t repeats, struct bl_err *err)
{
	const struct bl_catalog *cat = &a->source[t].cat;
	size_t *map = calloc(a->tensors + 1, sizeof *map);
	bool same = cat->tensors == a->tensors;

	if (!map)
		return bl_fail_memory(err, a->tensors * sizeof *map, "the alignment");
	for (size_t k = 0; k <= repeats; k++)
		a->map[t - k] = map;
	for (size_t i = 0; i < a->tensors; i++)
		map[i] = BL_NOWHERE;
	for (size_t j = 0; j < cat->tensors; j++) {
		const size_t i = in_place(a, cat, j)
			? j : bl_lookup_find(names, cat->tensor[j].name);
		const struct bl_tensor *ref = bl_aligned_tensor(a, i);

		map[i] = j;
		same = same && i == j;
		a->tensor[i].holders += 1 + repeats;
		if (!bl_same_shape(ref, &cat->tensor[j]) || ref->dtype != cat->tensor[j].dtype)
			a->tensor[i].differs = true;
	}
	for (size_t k = 0; same && k <= repeats; k++)
		a->map[t - k] = NULL;
	if (same)
		free(map);
	return 0;
}

int bl_align(const struct bl_source *source, size_t n, struct bl_alignment *a, struct bl_err *err)
{
	const size_t most = source[n - 1].cat.tensors;
	struct bl_lookup names = {0};
	size_t room = 0;
	int rc = 0;

	*a = (struct bl_alignment){.source = source, .sources = n};
	a->map = calloc(n, sizeof *a->map);
	if (!a->map)
		return bl_fail_memory(err, n * sizeof *a->map, "the alignment");
	rc = make_room(a, &room, most, err);
	if (rc == 0)
		rc = bl_lookup_reserve(&names, most, err);
	for (size_t t = n; t-- > 0 && rc == 0;)
		if (!is_repeated(a, t))
			rc = add_names(&names, a, &room, t, err);
	for (size_t t = n, repeats; t-- > 0 && rc == 0; t -= repeats) {
		for (repeats = 0; repeats < t && is_repeated(a, t - repeats - 1);)
			repeats++;
		rc = add_places(&names, a, t, repeats, err);
	}
	bl_lookup_free(&names);
	return rc;
}

void bl_alignment_free(struct bl_alignment *a)
{
	for (size_t t = 0; a->map && t < a->sources; t++)
		if (t == 0 || a->map[t] != a->map[t - 1]) /* see add_places */
			free(a->map[t]);
	free(a->map);
	free(a->tensor);
	memset(a, 0, sizeof *a);
}

uint64_t bl_alignment_bytes(const struct bl_alignment *a)
{
	uint64_t bytes = a->sources * sizeof *a->map + a->tensors * sizeof *a->tensor;

	for (size_t t = 0; t < a->sources; t++)
		if (a->map[t] && (t == 0 || a->map[t] != a->map[t - 1]))
			bytes += a->tensors * sizeof *a->map[t];
	return bytes;
}

/* ---- differences ---- */

/* A list of differences: the first ten in words, the rest counted. */
struct differences {
	const struct bl_alignment *a;
	struct bl_err *err;
	size_t n;
};

#define LISTED 10

static void tell(struct differences *d, const char *text, size_t others)
{
	char more[60] = "";

	if (others > 0)
		snprintf(more, sizeof more, " (%zu more checkpoint%s)", others,
			others == 1 ? " differs" : "s differ");
	if (d->n == 0)
		bl_fail(d->err, BL_INPUT, "%s%s", text, more);
	else if (d->n < LISTED)
		bl_line(d->err, "%s%s", text, more);
	d->n++;
}

/* Not all checkpoints have tensor i: the last one lacks it, or an earlier one does. */
static void tell_missing(struct differences *d, size_t i)
{
	const struct bl_alignment *a = d->a;
	const struct bl_aligned *tensor = &a->tensor[i];
	const bool extra = tensor->last + 1 < a->sources;
	const size_t named = extra ? a->sources - 1 : tensor->last;
	char text[1200];
	size_t t = 0;

	while ((bl_aligned_place(a, t, i) != BL_NOWHERE) != extra)
		t++;
	snprintf(text, sizeof text, extra ? "%s: %s: not in %s" : "%s: %s: missing, but %s has it",
		a->source[t].path, bl_aligned_tensor(a, i)->name, a->source[named].path);
	tell(d, text, (extra ? tensor->holders : a->sources - tensor->holders) - 1);
}

/* Writes what sets b apart from a; false where nothing does. */
static bool compare(const struct bl_tensor *a, const char *a_name, const struct bl_tensor *b,
	const char *b_name, char *text, size_t cap)
{
	char ours[256], theirs[256];

	if (!bl_same_shape(a, b)) {
		bl_shape_text(b, theirs, sizeof theirs);
		bl_shape_text(a, ours, sizeof ours);
		snprintf(text, cap, "%s: %s: shape %s, but %s has %s", b_name, b->name, theirs,
			a_name, ours);
		return true;
	}
	if (a->dtype == b->dtype)
		return false;
	snprintf(text, cap, "%s: %s: type %s, but %s has %s", b_name, b->name,
		bl_dtype(b->dtype)->name, a_name, bl_dtype(a->dtype)->name);
	return true;
}

/* Tensor i has another shape or type somewhere. */
static void tell_differing(struct differences *d, size_t i)
{
	const struct bl_alignment *a = d->a;
	const struct bl_tensor *ref = bl_aligned_tensor(a, i);
	const char *name = a->source[a->tensor[i].last].path;
	char first[1200] = "", text[1200] = "";
	size_t n = 0;

	for (size_t t = 0; t < a->sources; t++) {
		const size_t at = bl_aligned_place(a, t, i);

		if (at != BL_NOWHERE && compare(ref, name, &a->source[t].cat.tensor[at],
				a->source[t].path, n ? text : first, sizeof text))
			n++;
	}
	tell(d, first, n - 1);
}

int bl_alignment_check(const struct bl_alignment *a, const bool *ignored, bool missing_too,
	struct bl_err *err)
{
	struct differences d = {a, err, 0};
	bool missing = false;

	for (size_t i = 0; i < a->tensors; i++) {
		if (ignored && ignored[i])
			continue;
		if (a->tensor[i].differs)
			tell_differing(&d, i);
		if (!missing_too || a->tensor[i].holders == a->sources)
			continue;
		missing = true;
		tell_missing(&d, i);
	}
	if (d.n > LISTED)
		bl_line(err, "... and %zu more", d.n - LISTED);
	if (missing)
		return bl_hint(err, "--missing=copy, skip or union says what becomes of tensors "
			"that are not in all checkpoints");
	return d.n ? -1 : 0;
}
