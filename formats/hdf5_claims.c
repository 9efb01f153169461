/* hdf5_claims.c - the parts of a file that are taken. */
#include "hdf5_claims.h"

#include <inttypes.h>
#include <stdlib.h>

int bl_h5_claim(struct bl_h5_claims *c, const struct bl_h5_super *super, uint64_t first,
	uint64_t bytes, size_t tensor, bool header, struct bl_err *err)
{
	uint64_t end;

	if (bytes == 0)
		return 0;
	if (__builtin_add_overflow(first, bytes, &end) || end > super->size)
		return bl_fail(err, BL_INPUT, "%" PRIu64 " bytes at %" PRIu64
			" lie beyond the end of the file (%" PRIu64 " bytes)", bytes, first,
			super->size);
	if (first < super->end)
		return bl_fail(err, BL_INPUT, "its data lie over the file's superblock");
	if (c->n == c->room) {
		size_t room = c->room ? 2 * c->room : 256;
		struct bl_h5_range *bigger = realloc(c->range, room * sizeof *bigger);

		if (!bigger)
			return bl_fail_memory(err, room * sizeof *bigger, "a list of ranges");
		c->range = bigger;
		c->room = room;
	}
	c->range[c->n].first = first;
	c->range[c->n].end = end;
	c->range[c->n].tensor = (uint32_t)tensor;
	c->range[c->n++].header = header;
	return 0;
}

static int by_place(const void *a, const void *b)
{
	const struct bl_h5_range *x = a, *y = b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return x->tensor < y->tensor ? -1 : x->tensor > y->tensor;
}

int bl_h5_claims_check(struct bl_h5_claims *c, const struct bl_catalog *cat, struct bl_err *err)
{
	if (c->n)
		qsort(c->range, c->n, sizeof *c->range, by_place);
	for (size_t i = 1; i < c->n; i++) {
		const struct bl_h5_range *a = &c->range[i - 1], *b = &c->range[i];
		const char *name = cat->tensor[b->tensor].name;

		if (a->end <= b->first)
			continue;
		if (a->header || b->header)
			return bl_fail(err, BL_INPUT, "%s: lies over the header of %s",
				cat->tensor[a->header ? b->tensor : a->tensor].name,
				cat->tensor[a->header ? a->tensor : b->tensor].name);
		if (a->tensor == b->tensor)
			return bl_fail(err, BL_INPUT, "%s: two of its chunks share one place",
				name);
		return bl_fail(err, BL_INPUT, "%s: shares bytes with %s", name,
			cat->tensor[a->tensor].name);
	}
	return 0;
}
