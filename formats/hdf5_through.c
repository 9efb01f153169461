/* hdf5_through.c - chunks whose filters belay does not know, read and written through libhdf5. */
#include "hdf5_through.h"

#include "hdf5_index.h"

/* What a transfer needs to know. */
struct transfer {
	hid_t type, file, memory;
};

static void drop(struct transfer *t)
{
	bl_h5_drop(t->memory);
	bl_h5_drop(t->file);
	bl_h5_drop(t->type);
}

static int chunk_shape(hid_t dataset, unsigned rank, hsize_t *chunk)
{
	hid_t plist = H5Dget_create_plist(dataset);
	int got = plist >= 0 ? H5Pget_chunk(plist, BL_H5_RANK, chunk) : -1;

	bl_h5_drop(plist);
	return got == (int)rank ? 0 : -1;
}

/* Selects the chunk's part of the tensor in the file, and the same in a chunk in memory. */
static int prepare(struct transfer *t, hid_t dataset, const struct bl_h5_slab *slab)
{
	const hsize_t zero[BL_H5_RANK] = {0};
	hsize_t dim[BL_H5_RANK], chunk[BL_H5_RANK], first[BL_H5_RANK], count[BL_H5_RANK];
	const int rank = (int)slab->rank;
	size_t bytes;

	t->type = H5Dget_type(dataset);
	t->file = H5Dget_space(dataset);
	t->memory = -1;
	if (t->type < 0 || t->file < 0 || rank < 1 || rank > BL_H5_RANK ||
		H5Sget_simple_extent_ndims(t->file) != rank ||
		H5Sget_simple_extent_dims(t->file, dim, NULL) != rank ||
		chunk_shape(dataset, slab->rank, chunk) != 0)
		return -1;
	bytes = H5Tget_size(t->type);
	for (int i = 0; i < rank; i++) {
		first[i] = slab->coordinate[i];
		if (first[i] >= dim[i] || __builtin_mul_overflow(bytes, chunk[i], &bytes))
			return -1;
		count[i] = chunk[i] < dim[i] - first[i] ? chunk[i] : dim[i] - first[i];
	}
	t->memory = H5Screate_simple(rank, chunk, NULL);
	if (bytes != slab->bytes || t->memory < 0 ||
		H5Sselect_hyperslab(t->memory, H5S_SELECT_SET, zero, NULL, count, NULL) < 0 ||
		H5Sselect_hyperslab(t->file, H5S_SELECT_SET, first, NULL, count, NULL) < 0)
		return -1;
	return 0;
}

int bl_h5_through_read(hid_t dataset, const struct bl_h5_slab *slab, struct bl_err *err)
{
	struct transfer t;
	int rc = 0;

	if (prepare(&t, dataset, slab) != 0 ||
		H5Dread(dataset, t.type, t.memory, t.file, H5P_DEFAULT, slab->values) < 0)
		rc = bl_h5_fail(err, BL_INPUT, "the HDF5 library cannot read it");
	drop(&t);
	return rc;
}

int bl_h5_through_ready(hid_t plist, struct bl_err *err)
{
	const int n = plist >= 0 ? H5Pget_nfilters(plist) : -1;
	int rc = n < 0 ? bl_h5_fail(err, BL_OUTPUT, "its filters cannot be read") : 0;

	for (unsigned i = 0; rc == 0 && i < (unsigned)n; i++) {
		unsigned flags = 0, can = 0;
		size_t values = 0;
		const H5Z_filter_t id = H5Pget_filter2(plist, i, &flags, &values, NULL, 0, NULL,
			NULL);

		if (id < 0 || H5Zfilter_avail(id) <= 0 || H5Zget_filter_info(id, &can) < 0 ||
			!(can & H5Z_FILTER_CONFIG_ENCODE_ENABLED))
			rc = bl_fail(err, BL_OUTPUT, "its filter %d cannot be applied", id);
	}
	return rc;
}

int bl_h5_through_begin(hid_t dataset, struct bl_err *err)
{
	hid_t plist = H5Dget_create_plist(dataset);
	const int rc = bl_h5_through_ready(plist, err);

	bl_h5_drop(plist);
	return rc;
}

int bl_h5_through_write(hid_t dataset, const struct bl_h5_slab *slab, struct bl_err *err)
{
	struct transfer t;
	int rc = 0;

	if (prepare(&t, dataset, slab) != 0 ||
		H5Dwrite(dataset, t.type, t.memory, t.file, H5P_DEFAULT, slab->values) < 0)
		rc = bl_h5_fail(err, BL_OUTPUT, "the HDF5 library cannot write it");
	drop(&t);
	return rc;
}
