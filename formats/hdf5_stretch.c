/* hdf5_stretch.c - where in a file the values of its datasets lie. */
#include "hdf5_stretch.h"

#include <stdlib.h>

static int by_first(const void *a, const void *b)
{
	const struct bl_h5_stretch *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

/* Lists those of one tensor; counts only where list is NULL. */
static size_t add(const struct bl_tensor *t, const struct bl_h5_object *o,
	struct bl_h5_stretch *list)
{
	size_t n = 0;

	if (t->dtype == BL_OTHER)
		return 0;
	if (o->layout == BL_H5_CONTIGUOUS) {
		if (list)
			list[0] = (struct bl_h5_stretch){
				o->address, o->address + t->count * o->element};
		return 1;
	}
	if (o->layout != BL_H5_CHUNKED || !o->extent || o->foreign)
		return 0; /* the library wants to see the old bytes of a chunk over the edge */
	for (uint64_t i = 0; i < t->chunks; i++) {
		const struct bl_h5_extent e = bl_h5_extent(o, i);

		if (e.address == BL_H5_NOWHERE)
			continue;
		if (list)
			list[n] = (struct bl_h5_stretch){e.address, e.address + e.size};
		n++;
	}
	return n;
}

static size_t add_all(const struct bl_catalog *cat, const struct bl_h5_object *object,
	const bool *wanted, struct bl_h5_stretch *list)
{
	size_t n = 0;

	for (size_t i = 0; i < cat->tensors; i++)
		if (!wanted || wanted[i])
			n += add(&cat->tensor[i], &object[i], list ? list + n : NULL);
	return n;
}

int bl_h5_stretches(const struct bl_catalog *cat, const struct bl_h5_object *object,
	const bool *wanted, struct bl_h5_stretch **list, size_t *n, struct bl_err *err)
{
	*n = add_all(cat, object, wanted, NULL);
	*list = calloc(*n ? *n : 1, sizeof **list);
	if (!*list)
		return bl_fail_memory(err, *n * sizeof **list, "a list of ranges");
	add_all(cat, object, wanted, *list);
	qsort(*list, *n, sizeof **list, by_first);
	return 0;
}
