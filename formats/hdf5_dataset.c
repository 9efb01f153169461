/*
 * hdf5_dataset.c - one dataset's row of the index: type, shape, and where its values are.
 *
 * No value is read but those of compact data, and nothing before it is known that the data are in
 * this file: external storage and virtual datasets would have the library open any file they name.
 */
#include "hdf5_walk.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is known of the dataset at hand. */
struct facts {
	hid_t id, type, plist;
	struct bl_tensor tensor; /* dtype, shape, chunk shape, counts */
	uint64_t dim[BL_H5_RANK], chunk[BL_H5_RANK];
	bool resizable; /* its extents are not the last word */
	uint64_t element, stored;
	unsigned swap;
	enum bl_dtype told; /* what the row has for tensor.dtype */
	enum bl_h5_layout layout;
	uint64_t address;
	struct bl_h5_window *window;
	struct bl_h5_words *index;
};

int bl_h5_refuse_elsewhere(hid_t plist, struct bl_err *err)
{
	const H5D_layout_t layout = H5Pget_layout(plist);

	if (layout < 0)
		return bl_h5_fail(err, BL_INPUT, "its layout cannot be read");
	if (layout == H5D_VIRTUAL)
		return bl_fail(err, BL_INPUT, "is a virtual dataset: its data are in other files");
	if (H5Pget_external_count(plist) != 0)
		return bl_fail(err, BL_INPUT, "its data are in other files (external storage)");
	return 0;
}

static int read_shape(struct facts *f, struct bl_err *err)
{
	hid_t space = H5Dget_space(f->id);
	hsize_t dim[BL_H5_RANK] = {0}, most[BL_H5_RANK] = {0};
	int rank = space >= 0 ? H5Sget_simple_extent_ndims(space) : -1, rc = 0;

	if (rank < 0 || rank > BL_H5_RANK)
		rc = bl_h5_fail(err, BL_INPUT, "its shape cannot be read");
	else if (H5Sget_simple_extent_type(space) == H5S_NULL)
		f->tensor.rank = 1; /* no values: like an extent of 0 */
	else if (H5Sget_simple_extent_dims(space, dim, most) < 0)
		rc = bl_h5_fail(err, BL_INPUT, "its shape cannot be read");
	else
		f->tensor.rank = (unsigned)rank;
	for (unsigned i = 0; i < f->tensor.rank; i++) {
		f->dim[i] = dim[i];
		f->resizable |= most[i] != dim[i];
	}
	f->tensor.dim = f->dim;
	bl_h5_drop(space);
	return rc;
}

static int read_chunk_shape(struct facts *f, struct bl_err *err)
{
	hsize_t chunk[BL_H5_RANK] = {0};

	if (H5Pget_chunk(f->plist, BL_H5_RANK, chunk) != (int)f->tensor.rank)
		return bl_h5_fail(err, BL_INPUT, "its chunk shape cannot be read");
	for (unsigned i = 0; i < f->tensor.rank; i++)
		f->chunk[i] = chunk[i];
	f->tensor.chunk = f->chunk;
	return 0;
}

/* Behind a user block the library adds its bytes to "undefined" too. An address that is defined,
 * where no bytes are stored, is none of a dataset that was never written. */
static bool is_nowhere(hid_t dataset, haddr_t address)
{
	hid_t file = H5Iget_file_id(dataset), list = H5Fget_create_plist(file);
	hsize_t block = 0;
	const bool known = H5Pget_userblock(list, &block) >= 0;

	bl_h5_drop(list);
	bl_h5_drop(file);
	return known && block && address == block - 1;
}

/* Layout, place and size; all but the chunks. */
static int read_layout(struct facts *f, H5D_layout_t layout, struct bl_err *err)
{
	haddr_t address;

	if (f->tensor.count == 0) {
		f->layout = BL_H5_EMPTY;
		return 0;
	}
	f->stored = H5Dget_storage_size(f->id);
	if (layout == H5D_CHUNKED) {
		f->layout = BL_H5_CHUNKED;
		if (read_chunk_shape(f, err) != 0)
			return -1;
		return bl_tensor_measure(&f->tensor, err);
	}
	if (layout == H5D_COMPACT) {
		f->layout = BL_H5_INLINE;
		return 0;
	}
	address = H5Dget_offset(f->id);
	f->layout = address == HADDR_UNDEF || (f->stored == 0 && is_nowhere(f->id, address))
		? BL_H5_UNALLOCATED : BL_H5_CONTIGUOUS;
	f->address = address;
	return 0;
}

/* Writes the folders in which plugins were looked for. */
static void put_folders(char *text, size_t cap)
{
	char folder[512];
	unsigned n = 0;
	size_t at = 0;

	H5PLsize(&n);
	for (unsigned i = 0; i < n; i++) {
		const ssize_t len = H5PLget(i, folder, sizeof folder);

		if (len > 0 && (size_t)len < sizeof folder && at + (size_t)len + 2 < cap)
			at += (size_t)snprintf(text + at, cap - at, "%s%s", at ? ":" : "", folder);
	}
	if (at == 0)
		snprintf(text, cap, "no folder");
}

/* May the library undo a filter, and can it? */
static bool can_undo(const struct facts *f, unsigned id)
{
	unsigned can = 0;

	return f->window->plugins && H5Zfilter_avail((H5Z_filter_t)id) > 0 &&
		H5Zget_filter_info((H5Z_filter_t)id, &can) >= 0 &&
		can & H5Z_FILTER_CONFIG_DECODE_ENABLED;
}

/* Writes why nobody undoes a filter. */
static void tell_filter(const struct facts *f, unsigned id, const char *name, char *why, size_t cap)
{
	const char *const mark = name[0] ? "'" : "", *const blank = name[0] ? " " : "";
	char folders[1024] = "";

	if (f->window->plugins)
		put_folders(folders, sizeof folders);
	snprintf(why, cap, "its filter %u%s%s%s%s %s%s%s", id, blank, mark, name, mark,
		f->window->plugins ? "is not installed (plugins were looked for in "
				   : "needs --hdf5-plugins", folders, folders[0] ? ")" : "");
}

/* Writes the filters, and whether the values can be read: what is only copied need not be. */
static int put_filters(struct facts *f, struct bl_err *err)
{
	const int n = H5Pget_nfilters(f->plist);
	char why[1400] = "";

	if (n < 0)
		return bl_h5_fail(err, BL_INPUT, "its filters cannot be read");
	bl_h5_put(f->index, (uint64_t)n);
	for (unsigned i = 0; i < (unsigned)n; i++) {
		unsigned flags = 0, value[32] = {0};
		size_t values = sizeof value / sizeof value[0];
		char name[80] = "";
		H5Z_filter_t id = H5Pget_filter2(f->plist, i, &flags, &values, value, sizeof name,
			name, NULL);

		name[sizeof name - 1] = '\0';
		if (id < 0)
			return bl_h5_fail(err, BL_INPUT, "its filters cannot be read");
		if ((id == 0 || id > BL_H5_FLETCHER32) && !why[0] && !can_undo(f, (unsigned)id))
			tell_filter(f, (unsigned)id, name, why, sizeof why);
		bl_h5_put(f->index, (uint64_t)id);
		bl_h5_put(f->index, values ? value[0] : 0);
	}
	bl_h5_put(f->index, why[0] == '\0');
	if (why[0])
		bl_h5_put_bytes(f->index, why, strlen(why));
	return 0;
}

/* Asks for the place of the chunk at coordinate. *size 0: not stored. */
static int find_chunk(struct facts *f, const hsize_t *coordinate, struct bl_h5_extent *e,
	struct bl_err *err)
{
	struct bl_h5_window *w = f->window;
	unsigned char untouched[8]; /* the driver only notes the place */
	hsize_t size = 0;
	herr_t rc;

	e->address = BL_H5_NOWHERE;
	e->size = 0;
	e->mask = 0;
	/* An error says that this chunk, of some, is not there: put_chunks counts what is. */
	if (H5Dget_chunk_storage_size(f->id, coordinate, &size) < 0 || size == 0)
		return 0;
	w->record = true;
	w->noted = 0;
	rc = H5Dread_chunk(f->id, H5P_DEFAULT, coordinate, &e->mask, untouched);
	w->record = false;
	if (rc < 0)
		return bl_h5_fail(err, BL_INPUT, "a chunk cannot be found");
	if (w->noted != 1 || w->length != size || size > UINT32_MAX)
		return bl_fail(err, BL_INPUT, "a chunk of %" PRIu64 " bytes cannot be found",
			(uint64_t)size);
	e->address = w->address;
	e->size = (uint32_t)size;
	return 0;
}

/* The coordinate of the next chunk in C order. */
static void next_chunk(const struct facts *f, hsize_t *coordinate)
{
	for (unsigned i = f->tensor.rank; i-- > 0;) {
		coordinate[i] += f->chunk[i];
		if (coordinate[i] < f->dim[i])
			return;
		coordinate[i] = 0;
	}
}

/* The places of all chunks, or that there is none. */
static int put_chunks(struct facts *f, uint64_t *chunks, struct bl_err *err)
{
	hsize_t coordinate[BL_H5_RANK] = {0};
	uint64_t found = 0;

	if (f->stored == 0) {
		bl_h5_put(f->index, 0);
		return 0;
	}
	if (f->tensor.chunks > BL_H5_CHUNKS - *chunks)
		return bl_fail(err, BL_INPUT, "over %" PRIu64 " chunks in one file", BL_H5_CHUNKS);
	*chunks += f->tensor.chunks;
	bl_h5_put(f->index, f->tensor.chunks);
	for (uint64_t i = 0; i < f->tensor.chunks; i++, next_chunk(f, coordinate)) {
		struct bl_h5_extent e = {BL_H5_NOWHERE, 0, 0};

		if (found < f->stored && find_chunk(f, coordinate, &e, err) != 0)
			return -1;
		found += e.size;
		bl_h5_put(f->index, e.address);
		bl_h5_put(f->index, (uint64_t)e.mask << 32 | e.size);
	}
	if (found != f->stored)
		return bl_fail(err, BL_INPUT, "its chunk index is damaged: chunks of %" PRIu64
			" bytes, of which %" PRIu64 " are found", f->stored, found);
	return 0;
}

/* The element that stands where nothing was written. */
static int put_fill(struct facts *f, struct bl_err *err)
{
	H5D_fill_value_t kind;
	unsigned char fill[16] = {0};

	if (f->tensor.dtype == BL_OTHER || f->element > sizeof fill) {
		bl_h5_put(f->index, 0);
		return 0;
	}
	if (H5Pfill_value_defined(f->plist, &kind) < 0)
		return bl_h5_fail(err, BL_INPUT, "its fill value cannot be read");
	if (kind != H5D_FILL_VALUE_USER_DEFINED) {
		bl_h5_put(f->index, 0);
		return 0;
	}
	if (H5Pget_fill_value(f->plist, f->type, fill) < 0)
		return bl_h5_fail(err, BL_INPUT, "its fill value cannot be read");
	bl_h5_put_bytes(f->index, fill, f->element);
	return 0;
}

/* Compact data stand in the object's header, so they travel in the index. */
static int put_inline(struct facts *f, struct bl_err *err)
{
	unsigned char *bytes;
	int rc = 0;

	if (f->tensor.dtype == BL_OTHER) { /* may lead elsewhere, and is never read */
		bl_h5_put(f->index, 0);
		return 0;
	}
	if (f->stored != f->tensor.bytes || f->stored > BL_H5_COMPACT)
		return bl_fail(err, BL_INPUT, "its shape needs %" PRIu64 " bytes, but %" PRIu64
			" are stored", f->tensor.bytes, f->stored);
	bytes = calloc(1, BL_H5_COMPACT);
	if (!bytes)
		return bl_fail_memory(err, BL_H5_COMPACT, "compact data");
	if (H5Dread(f->id, f->type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes) < 0)
		rc = bl_h5_fail(err, BL_INPUT, "its compact data cannot be read");
	else
		bl_h5_put_bytes(f->index, bytes, (size_t)f->stored);
	free(bytes);
	return rc;
}

static int put_chunked(struct facts *f, uint64_t *chunks, struct bl_err *err)
{
	unsigned options = 0;

	if (put_fill(f, err) != 0)
		return -1;
	for (unsigned i = 0; i < f->tensor.rank; i++)
		bl_h5_put(f->index, f->chunk[i]);
	if (H5Pget_chunk_opts(f->plist, &options) < 0)
		return bl_h5_fail(err, BL_INPUT, "its chunk options cannot be read");
	bl_h5_put(f->index, (options & H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS ? BL_H5_RAW_EDGES : 0) |
		(f->resizable ? BL_H5_RESIZABLE : 0));
	if (put_filters(f, err) != 0)
		return -1;
	return put_chunks(f, chunks, err);
}

/* The object header's bytes where it is in one piece, which it mostly is; else 0. */
static uint64_t header_bytes(hid_t id)
{
	H5O_info_t info;

	memset(&info, 0, sizeof info);
	if (H5Oget_info2(id, &info, H5O_INFO_HDR) < 0 || info.hdr.nchunks != 1)
		return 0;
	return info.hdr.space.total;
}

/* Type and size of an element. */
static int read_type(struct facts *f, struct bl_err *err)
{
	if (bl_h5_type(f->id, f->type, &f->told, &f->element, &f->swap, err) != 0)
		return -1;
	if (f->told == BL_H5_OPAQUE2 && f->window->opaque_bf16)
		f->told = BL_BF16;
	f->tensor.dtype = f->told == BL_H5_OPAQUE2 ? BL_OTHER : f->told;
	return 0;
}

static int put_row(struct facts *f, uint64_t header, uint64_t *chunks, struct bl_err *err)
{
	bl_h5_put(f->index, header);
	bl_h5_put(f->index, header_bytes(f->id));
	bl_h5_put(f->index, f->told);
	bl_h5_put(f->index, f->element);
	bl_h5_put(f->index, f->swap);
	bl_h5_put(f->index, f->stored);
	bl_h5_put(f->index, f->tensor.rank);
	for (unsigned i = 0; i < f->tensor.rank; i++)
		bl_h5_put(f->index, f->dim[i]);
	bl_h5_put(f->index, f->layout);
	switch (f->layout) {
	case BL_H5_CONTIGUOUS:
		bl_h5_put(f->index, f->address);
		return 0;
	case BL_H5_UNALLOCATED:
		return put_fill(f, err);
	case BL_H5_INLINE:
		return put_inline(f, err);
	case BL_H5_CHUNKED:
		return put_chunked(f, chunks, err);
	case BL_H5_EMPTY:
	case BL_H5_LAYOUTS:
		break;
	}
	return 0;
}

int bl_h5_describe(hid_t dataset, uint64_t header, struct bl_h5_window *window, uint64_t *chunks,
	struct bl_h5_words *index, struct bl_err *err)
{
	struct facts f = {.id = dataset, .type = -1, .plist = -1, .window = window, .index = index};
	int rc = -1;

	f.plist = H5Dget_create_plist(dataset);
	if (f.plist < 0) {
		bl_h5_fail(err, BL_INPUT, "its properties cannot be read");
		goto out;
	}
	if (bl_h5_refuse_elsewhere(f.plist, err) != 0)
		goto out;
	f.type = H5Dget_type(dataset);
	if (f.type < 0) {
		bl_h5_fail(err, BL_INPUT, "its type cannot be read");
		goto out;
	}
	if (read_type(&f, err) != 0)
		goto out;
	if (read_shape(&f, err) != 0 || bl_tensor_measure(&f.tensor, err) != 0)
		goto out;
	if (read_layout(&f, H5Pget_layout(f.plist), err) != 0)
		goto out;
	rc = put_row(&f, header, chunks, err);
out:
	bl_h5_drop(f.type);
	bl_h5_drop(f.plist);
	return rc;
}
