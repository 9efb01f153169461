/* hdf5_pen.c - changes a file with libhdf5, whose raw data somebody else writes. */
#include "hdf5_pen.h"

#include "hdf5_made.h"
#include "hdf5_through.h"

#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

/*
 * HDF5 notes the time in the headers of some objects whenever it changes them, and asks these two
 * for it. They stand in front of the C library's for the whole program and always tell the same:
 * the bytes of an average depend on its inputs alone. Clocks are read with clock_gettime().
 */
time_t time(time_t *t)
{
	if (t)
		*t = 0;
	return 0;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
	(void)zone;
	now->tv_sec = 0;
	now->tv_usec = 0;
	return 0;
}

int bl_h5_pen_open(struct bl_h5_pen *p, int fd, uint64_t base, uint64_t size, bool plugins,
	struct bl_err *err)
{
	memset(p, 0, sizeof *p);
	p->window.fd = fd;
	p->window.base = base;
	p->window.size = size;
	p->window.plugins = plugins;
	p->dataset = -1;
	bl_h5_tame(plugins);
	p->file = bl_h5_attach(&p->window, true, BL_OUTPUT, err);
	return p->file < 0 ? -1 : 0;
}

/* Opens a dataset unless it is the one that is open. */
static int turn_to(struct bl_h5_pen *p, uint64_t header, struct bl_err *err)
{
	if (p->dataset >= 0 && p->header == header)
		return 0;
	bl_h5_drop(p->dataset);
	p->dataset = H5Oopen_by_addr(p->file, header);
	p->header = header;
	if (p->dataset < 0)
		return bl_h5_fail(err, BL_OUTPUT, "the HDF5 library cannot open it again");
	if (H5Iget_type(p->dataset) == H5I_DATASET)
		return 0;
	bl_h5_drop(p->dataset);
	p->dataset = -1;
	return bl_fail(err, BL_OUTPUT, "the HDF5 library finds no dataset there");
}

int bl_h5_pen_allocate(struct bl_h5_pen *p, uint64_t header, uint64_t *address, struct bl_err *err)
{
	if (turn_to(p, header, err) != 0 || bl_h5_allocate(p->dataset, &p->window, err) != 0)
		return -1;
	*address = H5Dget_offset(p->dataset);
	if (*address == HADDR_UNDEF)
		return bl_h5_fail(err, BL_OUTPUT, "the HDF5 library finds no room for it");
	return 0;
}

int bl_h5_pen_place(struct bl_h5_pen *p, uint64_t header, const uint64_t *coordinate, unsigned rank,
	uint64_t size, uint32_t mask, uint64_t *address, struct bl_err *err)
{
	const unsigned char untouched[8] = {0}; /* the driver only notes the place */
	hsize_t at[BL_H5_RANK] = {0};
	herr_t rc;

	for (unsigned i = 0; i < rank && i < BL_H5_RANK; i++)
		at[i] = coordinate[i];
	if (turn_to(p, header, err) != 0)
		return -1;
	p->window.record = true;
	p->window.noted = 0;
	rc = H5Dwrite_chunk(p->dataset, H5P_DEFAULT, mask, at, (size_t)size, untouched);
	p->window.record = false;
	if (rc < 0)
		return bl_h5_fail(err, BL_OUTPUT, "the HDF5 library finds no room for a chunk");
	if (p->window.noted == 0 || p->window.length != size)
		return bl_fail(err, BL_OUTPUT, "the HDF5 library did not say where a chunk goes");
	*address = p->window.address;
	return 0;
}

int bl_h5_pen_select(struct bl_h5_pen *p, uint64_t header, const uint64_t *coordinate,
	unsigned rank, struct bl_err *err)
{
	const bool same = p->dataset >= 0 && p->header == header;

	if (turn_to(p, header, err) != 0 || (!same && bl_h5_through_begin(p->dataset, err) != 0))
		return -1;
	p->rank = rank < BL_H5_RANK ? rank : BL_H5_RANK;
	for (unsigned i = 0; i < p->rank; i++)
		p->coordinate[i] = coordinate[i];
	return 0;
}

int bl_h5_pen_write(struct bl_h5_pen *p, void *values, size_t bytes, struct bl_err *err)
{
	const struct bl_h5_slab slab = {p->coordinate, p->rank, values, bytes};

	return bl_h5_through_write(p->dataset, &slab, err);
}

/* What is there already is left alone: its header keeps the time of its last change. */
static bool holds(hid_t dataset, hid_t type, const void *values, size_t bytes)
{
	void *now = malloc(bytes ? bytes : 1);
	const bool same = now && H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, now) >= 0 &&
		memcmp(now, values, bytes) == 0;

	free(now);
	return same;
}

int bl_h5_pen_store(struct bl_h5_pen *p, uint64_t header, const void *values, size_t bytes,
	struct bl_err *err)
{
	hid_t type = -1;
	int rc = -1;

	if (turn_to(p, header, err) != 0)
		return -1;
	type = H5Dget_type(p->dataset);
	if (type >= 0 && H5Dget_storage_size(p->dataset) == bytes &&
		(holds(p->dataset, type, values, bytes) ||
			H5Dwrite(p->dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0))
		rc = 0;
	else
		bl_h5_fail(err, BL_OUTPUT, "the HDF5 library cannot write its compact data");
	bl_h5_drop(type);
	return rc;
}

int bl_h5_pen_attribute(struct bl_h5_pen *p, const char *name, const char *text, struct bl_err *err)
{
	hid_t root = H5Gopen2(p->file, "/", H5P_DEFAULT);
	int rc = 0;

	if (root < 0)
		rc = bl_h5_fail(err, BL_OUTPUT, "the HDF5 library cannot open the root");
	else if (H5Aexists(root, name) > 0 && H5Adelete(root, name) < 0)
		rc = bl_h5_fail(err, BL_OUTPUT, "the HDF5 library cannot remove an attribute");
	else if (text)
		rc = bl_h5_attribute_put(root, name, text, err);
	bl_h5_drop(root);
	return rc;
}

int bl_h5_pen_close(struct bl_h5_pen *p, uint64_t *size, struct bl_err *err)
{
	int rc = 0;

	if (p->dataset >= 0 && H5Dclose(p->dataset) < 0)
		rc = bl_h5_fail(err, BL_OUTPUT, "the HDF5 library cannot close a dataset");
	if (H5Fclose(p->file) < 0 && rc == 0)
		rc = bl_h5_fail(err, BL_OUTPUT, "the HDF5 library cannot close the file");
	*size = p->window.end;
	p->file = p->dataset = -1;
	return rc;
}
