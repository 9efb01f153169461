/* hdf5_clone.c - the bytes of the template, but for the values that will be written. */
#include "hdf5_fresh.h"

#include <stdlib.h>

#define COPY ((size_t)1 << 20) /* bytes copied at a time */

static const struct bl_h5 *template_of(const struct bl_sink *snk)
{
	return snk->plan.template->state;
}

/* A part of the file that is not copied. */
struct gap {
	uint64_t first, end;
};

static int by_first(const void *a, const void *b)
{
	const struct gap *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

/* Adds a tensor's values to the list of what is not copied; counts only where gap is NULL. */
static size_t add_gaps(const struct bl_tensor *t, const struct bl_h5_object *o, struct gap *gap)
{
	size_t n = 0;

	if (o->layout == BL_H5_CONTIGUOUS) {
		if (gap)
			gap[0] = (struct gap){o->address, o->address + t->count * o->element};
		return 1;
	}
	if (o->layout != BL_H5_CHUNKED || !o->extent || o->foreign)
		return 0; /* the library wants to see the old bytes of a chunk over the edge */
	for (uint64_t i = 0; i < t->chunks; i++) {
		const struct bl_h5_extent e = bl_h5_extent(o, i);

		if (e.address == BL_H5_NOWHERE)
			continue;
		if (gap)
			gap[n] = (struct gap){e.address, e.address + e.size};
		n++;
	}
	return n;
}

static int copy(struct bl_sink *snk, uint64_t first, uint64_t end, unsigned char *buf,
	struct bl_err *err)
{
	while (first < end) {
		const size_t n = end - first < COPY ? (size_t)(end - first) : COPY;

		if (bl_file_read(snk->plan.template->file, first, buf, n, err) != 0)
			return bl_prefix(err, "%s", snk->plan.template->path);
		if (bl_output_write(snk->out, first, buf, n, err) != 0)
			return -1;
		first += n;
	}
	return 0;
}

/* Copies the template up to the end of HDF5, but for the n gaps, which are sorted. */
static int copy_around(struct bl_sink *snk, const struct gap *gap, size_t n, struct bl_err *err)
{
	const uint64_t base = template_of(snk)->base;
	unsigned char *buf = malloc(COPY);
	uint64_t at = 0;
	int rc = 0;

	if (!buf)
		return bl_fail_memory(err, COPY, "a copy");
	for (size_t i = 0; i < n && rc == 0; i++) {
		rc = copy(snk, at, base + gap[i].first, buf, err);
		at = base + gap[i].end;
	}
	if (rc == 0)
		rc = copy(snk, at, base + template_of(snk)->super.size, buf, err);
	free(buf);
	return rc;
}

int bl_h5_clone(struct bl_sink *snk, struct bl_err *err)
{
	const struct bl_catalog *cat = &snk->plan.template->cat;
	const struct bl_h5 *h = template_of(snk);
	struct gap *gap;
	size_t n = 0;
	int rc;

	if (bl_output_reserve(snk->out, bl_file_size(snk->plan.template->file), err) != 0)
		return -1;
	for (size_t i = 0; i < cat->tensors; i++)
		if (snk->plan.averaged[i])
			n += add_gaps(&cat->tensor[i], &h->object[i], NULL);
	gap = calloc(n ? n : 1, sizeof *gap);
	if (!gap)
		return bl_fail_memory(err, n * sizeof *gap, "a list of ranges");
	n = 0;
	for (size_t i = 0; i < cat->tensors; i++)
		if (snk->plan.averaged[i])
			n += add_gaps(&cat->tensor[i], &h->object[i], gap + n);
	qsort(gap, n, sizeof *gap, by_first);
	rc = copy_around(snk, gap, n, err);
	free(gap);
	return rc;
}
