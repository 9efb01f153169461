/* hdf5_storage.c - how a dataset is stored, in words. */
#include "hdf5_state.h"

#include <stdio.h>

static void name_filter(const struct bl_h5_filter *f, char *buf, size_t cap)
{
	switch ((enum bl_h5_filter_id)f->id) {
	case BL_H5_DEFLATE:
		snprintf(buf, cap, "gzip %u", f->value);
		break;
	case BL_H5_SHUFFLE:
		snprintf(buf, cap, "shuffle");
		break;
	case BL_H5_FLETCHER32:
		snprintf(buf, cap, "fletcher32");
		break;
	}
}

static uint64_t chunk_bytes(const struct bl_tensor *t, const struct bl_h5_object *o)
{
	uint64_t sum = 0;

	for (uint64_t i = 0; o->extent && i < t->chunks; i++)
		if (bl_h5_extent(o, i).address != BL_H5_NOWHERE)
			sum += bl_h5_extent(o, i).size;
	return sum;
}

void bl_h5_storage(const struct bl_source *src, size_t tensor, struct bl_storage *out)
{
	static const char *const layout[BL_H5_LAYOUTS] = {
		[BL_H5_EMPTY] = "not stored",
		[BL_H5_CONTIGUOUS] = "contiguous",
		[BL_H5_UNALLOCATED] = "not stored",
		[BL_H5_INLINE] = "compact",
		[BL_H5_CHUNKED] = "chunked",
	};
	const struct bl_h5 *h5 = src->state;
	const struct bl_h5_object *o = &h5->object[tensor];
	const struct bl_tensor *t = &src->cat.tensor[tensor];

	*out = (struct bl_storage){.layout = layout[o->layout]};
	if (o->layout == BL_H5_CONTIGUOUS || o->layout == BL_H5_INLINE)
		out->bytes = t->bytes;
	if (o->layout != BL_H5_CHUNKED)
		return;
	out->bytes = chunk_bytes(t, o);
	for (; out->filters < o->filters; out->filters++)
		name_filter(
			&o->filter[out->filters], out->filter[out->filters], sizeof out->filter[0]);
	if (o->foreign)
		snprintf(out->filter[out->filters++], sizeof out->filter[0], "filter %u",
			o->foreign);
}
