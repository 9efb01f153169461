/* hdf5_made.c - datasets and attributes that are made for values that come later. */
#include "hdf5_made.h"

#include "hdf5_walk.h"

#include <stdlib.h>
#include <string.h>

#define COMPACT 64000 /* bytes of compact data: with the rest they must fit a message of 64 KiB */

/* Writes the first element, which makes the library find room for all of them. The bytes stay with
 * the driver. */
int bl_h5_allocate(hid_t dataset, struct bl_h5_window *window, struct bl_err *err)
{
	const hsize_t first[BL_H5_RANK] = {0}, single = 1;
	hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
	hid_t memory = H5Screate_simple(1, &single, NULL);
	void *element = type >= 0 ? calloc(1, H5Tget_size(type)) : NULL;
	int rc = 0;

	window->record = true;
	if (!element || space < 0 || memory < 0 ||
		(H5Sget_simple_extent_ndims(space) > 0 &&
			H5Sselect_elements(space, H5S_SELECT_SET, 1, first) < 0) ||
		H5Dwrite(dataset, type, memory, space, H5P_DEFAULT, element) < 0)
		rc = bl_h5_fail(err, BL_OUTPUT, "the HDF5 library finds no room for it");
	window->record = false;
	bl_h5_drop(memory);
	bl_h5_drop(space);
	bl_h5_drop(type);
	free(element);
	return rc;
}

bool bl_h5_beyond_ascii(const char *name)
{
	while (*name && (unsigned char)*name < 0x80)
		name++;
	return *name != '\0';
}

hid_t bl_h5_naming(hid_t class, bool utf8)
{
	hid_t list = H5Pcreate(class);

	if (list >= 0 && utf8)
		H5Pset_char_encoding(list, H5T_CSET_UTF8);
	return list;
}

/* A variable-length string: a fixed one cannot be longer than 64 KiB in older headers. */
int bl_h5_attribute_put(hid_t object, const char *name, const char *text, struct bl_err *err)
{
	hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR), attribute = -1;
	hid_t list = bl_h5_naming(H5P_ATTRIBUTE_CREATE, bl_h5_beyond_ascii(name));
	int rc = 0;

	if (type >= 0 && space >= 0 && list >= 0 && H5Tset_size(type, H5T_VARIABLE) >= 0 &&
		H5Tset_cset(type, H5T_CSET_UTF8) >= 0)
		attribute = H5Acreate2(object, name, type, space, list, H5P_DEFAULT);
	if (attribute < 0 || H5Awrite(attribute, type, &text) < 0)
		rc = bl_h5_fail(err, BL_OUTPUT, "the HDF5 library cannot write an attribute");
	bl_h5_drop(attribute);
	bl_h5_drop(list);
	bl_h5_drop(space);
	bl_h5_drop(type);
	return rc;
}

bool bl_h5_group_like(hid_t group, hid_t list)
{
	hid_t old = H5Gget_create_plist(group);
	unsigned links = 0, attributes = 0, compact[2] = {0}, dense[2] = {0}, entries = 0, name = 0;
	size_t heap = 0;
	hbool_t times = false;
	const bool done = old >= 0 && list >= 0 &&
		H5Pget_link_creation_order(old, &links) >= 0 &&
		H5Pset_link_creation_order(list, links) >= 0 &&
		H5Pget_attr_creation_order(old, &attributes) >= 0 &&
		H5Pset_attr_creation_order(list, attributes) >= 0 &&
		H5Pget_link_phase_change(old, &compact[0], &dense[0]) >= 0 &&
		H5Pset_link_phase_change(list, compact[0], dense[0]) >= 0 &&
		H5Pget_attr_phase_change(old, &compact[1], &dense[1]) >= 0 &&
		H5Pset_attr_phase_change(list, compact[1], dense[1]) >= 0 &&
		H5Pget_est_link_info(old, &entries, &name) >= 0 &&
		H5Pset_est_link_info(list, entries, name) >= 0 &&
		H5Pget_local_heap_size_hint(old, &heap) >= 0 &&
		H5Pset_local_heap_size_hint(list, heap) >= 0 &&
		H5Pget_obj_track_times(old, &times) >= 0 &&
		H5Pset_obj_track_times(list, times) >= 0;

	bl_h5_drop(old);
	return done;
}

void bl_h5_stuff_drop(const struct bl_h5_stuff *s)
{
	bl_h5_drop(s->type);
	bl_h5_drop(s->space);
	bl_h5_drop(s->list);
}

/* Can the extents of a dataset be changed? */
static bool is_resizable(hid_t space)
{
	hsize_t dim[BL_H5_RANK] = {0}, most[BL_H5_RANK] = {0};
	const int rank = H5Sget_simple_extent_ndims(space);

	if (rank < 1 || rank > BL_H5_RANK || H5Sget_simple_extent_dims(space, dim, most) < 0)
		return false;
	return memcmp(dim, most, (size_t)rank * sizeof *dim) != 0;
}

/* Another layout; when the room is found goes by the layout. */
static bool lay_out(hid_t list, const uint64_t *chunk, unsigned rank)
{
	hsize_t extent[BL_H5_RANK] = {0};

	for (unsigned i = 0; chunk && i < rank; i++)
		extent[i] = chunk[i];
	if ((chunk ? H5Pset_chunk(list, (int)rank, extent) : H5Pset_layout(list, H5D_CONTIGUOUS)) <
		0)
		return false;
	return H5Pset_alloc_time(list, H5D_ALLOC_TIME_DEFAULT) >= 0;
}

static bool compress(const struct bl_h5_stuff *s, const struct bl_h5_wish *wish,
	enum bl_compression compression, unsigned level)
{
	if (compression == BL_COMPRESS_SAME || (compression == BL_COMPRESS_GZIP && !wish->chunk))
		return true;
	if (H5Pget_nfilters(s->list) > 0 && H5Premove_filter(s->list, H5Z_FILTER_ALL) < 0)
		return false;
	if (compression == BL_COMPRESS_NONE)
		return H5Pget_layout(s->list) != H5D_CHUNKED || is_resizable(s->space) ||
			lay_out(s->list, NULL, 0);
	if (H5Pget_layout(s->list) != H5D_CHUNKED &&
		!lay_out(s->list, wish->chunk, (unsigned)H5Sget_simple_extent_ndims(s->space)))
		return false;
	return H5Pset_shuffle(s->list) >= 0 && H5Pset_deflate(s->list, level) >= 0;
}

/* The library converts a fill value from one type of numbers to another, but knows nothing of
 * bfloat16 as Keras has it. */
static bool refill(const struct bl_h5_stuff *s)
{
	const unsigned char zero[16] = {0};
	H5D_fill_value_t kind;
	hid_t number = -1;
	uint16_t fill = 0;
	bool done;

	if (!s->retyped || H5Pfill_value_defined(s->list, &kind) < 0 ||
		kind != H5D_FILL_VALUE_USER_DEFINED)
		return true;
	if (H5Tget_class(s->type) != H5T_OPAQUE) {
		unsigned char room[16];

		return H5Pget_fill_value(s->list, s->type, room) >= 0 ||
			H5Pset_fill_value(s->list, s->type, zero) >= 0;
	}
	number = bl_h5_type_make(BL_BF16, false);
	if (number < 0 || H5Pget_fill_value(s->list, number, &fill) < 0)
		fill = 0;
	done = H5Pset_fill_value(s->list, s->type, &fill) >= 0;
	bl_h5_drop(number);
	return done;
}

/* Compact data can get too large with another type. */
static bool unpack(const struct bl_h5_stuff *s)
{
	const hssize_t n = H5Sget_simple_extent_npoints(s->space);

	if (!s->retyped || H5Pget_layout(s->list) != H5D_COMPACT || n < 0 ||
		(uint64_t)n * H5Tget_size(s->type) <= COMPACT)
		return true;
	return lay_out(s->list, NULL, 0);
}

int bl_h5_adapt(const struct bl_h5_stuff *stuff, const struct bl_h5_wish *wish,
	enum bl_compression compression, unsigned level, struct bl_err *err)
{
	if (compress(stuff, wish, compression, level) && unpack(stuff) && refill(stuff))
		return 0;
	return bl_h5_fail(err, BL_OUTPUT, "the HDF5 library refuses its properties");
}
