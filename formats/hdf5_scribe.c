/* hdf5_scribe.c - lets libhdf5 change a file whose raw data somebody else writes. */
#include "hdf5_scribe.h"
#include "hdf5_driver.h"
#include "hdf5_index.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

struct bl_h5_scribe {
	pthread_mutex_t *library;
	struct bl_h5_window window;
	hid_t file;
	hid_t dataset;   /* the last one used, or negative */
	uint64_t header; /* its header */
};

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

static void enter(struct bl_h5_scribe *s)
{
	pthread_mutex_lock(s->library);
	bl_h5_tame();
}

static int leave(struct bl_h5_scribe *s, int rc, struct bl_err *err)
{
	pthread_mutex_unlock(s->library);
	if (rc == 0 && s->window.failed)
		return bl_fail_errno(err, BL_OUTPUT, s->window.failed, "cannot be written");
	return rc;
}

int bl_h5_scribe_open(struct bl_h5_scribe **scribe, pthread_mutex_t *library, int fd, uint64_t base,
	uint64_t size, struct bl_err *err)
{
	struct bl_h5_scribe *s = calloc(1, sizeof *s);

	if (!s)
		return bl_fail_memory(err, sizeof *s, "an output");
	s->library = library;
	s->window.fd = fd;
	s->window.base = base;
	s->window.size = size;
	s->dataset = -1;
	enter(s);
	s->file = bl_h5_attach(&s->window, true, BL_OUTPUT, err);
	if (leave(s, s->file < 0 ? -1 : 0, err) != 0) {
		bl_h5_drop(s->file);
		free(s);
		return -1;
	}
	*scribe = s;
	return 0;
}

/* Opens a dataset unless it is the one that is open. The library is held, as in all below. */
static int turn_to(struct bl_h5_scribe *s, uint64_t header, struct bl_err *err)
{
	if (s->dataset >= 0 && s->header == header)
		return 0;
	bl_h5_drop(s->dataset);
	s->dataset = H5Oopen_by_addr(s->file, header);
	s->header = header;
	if (s->dataset < 0)
		return bl_h5_fail(err, BL_OUTPUT, "the HDF5 library cannot open it again");
	if (H5Iget_type(s->dataset) == H5I_DATASET)
		return 0;
	bl_h5_drop(s->dataset);
	s->dataset = -1;
	return bl_fail(err, BL_OUTPUT, "the HDF5 library finds no dataset there");
}

/* Writes the first element, which makes the library find room for all of them. The bytes stay with
 * the driver. */
static int write_first(struct bl_h5_scribe *s, struct bl_err *err)
{
	const hsize_t first[BL_H5_RANK] = {0}, single = 1;
	hid_t type = H5Dget_type(s->dataset), space = H5Dget_space(s->dataset);
	hid_t memory = H5Screate_simple(1, &single, NULL);
	void *element = type >= 0 ? calloc(1, H5Tget_size(type)) : NULL;
	int rc = 0;

	s->window.record = true;
	if (!element || space < 0 || memory < 0 ||
		(H5Sget_simple_extent_ndims(space) > 0 &&
			H5Sselect_elements(space, H5S_SELECT_SET, 1, first) < 0) ||
		H5Dwrite(s->dataset, type, memory, space, H5P_DEFAULT, element) < 0)
		rc = bl_h5_fail(err, BL_OUTPUT, "the HDF5 library finds no room for it");
	s->window.record = false;
	bl_h5_drop(memory);
	bl_h5_drop(space);
	bl_h5_drop(type);
	free(element);
	return rc;
}

static int allocate(struct bl_h5_scribe *s, uint64_t header, uint64_t *address, struct bl_err *err)
{
	if (turn_to(s, header, err) != 0 || write_first(s, err) != 0)
		return -1;
	*address = H5Dget_offset(s->dataset);
	if (*address == HADDR_UNDEF)
		return bl_h5_fail(err, BL_OUTPUT, "the HDF5 library finds no room for it");
	return 0;
}

int bl_h5_scribe_allocate(struct bl_h5_scribe *s, uint64_t header, uint64_t *address,
	struct bl_err *err)
{
	int rc;

	enter(s);
	rc = allocate(s, header, address, err);
	return leave(s, rc, err);
}

static int place(struct bl_h5_scribe *s, uint64_t header, const hsize_t *coordinate, uint64_t size,
	uint32_t mask, uint64_t *address, struct bl_err *err)
{
	const unsigned char untouched[8] = {0}; /* the driver only notes the place */
	herr_t rc;

	if (turn_to(s, header, err) != 0)
		return -1;
	s->window.record = true;
	s->window.noted = 0;
	rc = H5Dwrite_chunk(s->dataset, H5P_DEFAULT, mask, coordinate, (size_t)size, untouched);
	s->window.record = false;
	if (rc < 0)
		return bl_h5_fail(err, BL_OUTPUT, "the HDF5 library finds no room for a chunk");
	if (s->window.noted == 0 || s->window.length != size)
		return bl_fail(err, BL_OUTPUT, "the HDF5 library did not say where a chunk goes");
	*address = s->window.address;
	return 0;
}

int bl_h5_scribe_place(struct bl_h5_scribe *s, uint64_t header, const uint64_t *coordinate,
	unsigned rank, uint64_t size, uint32_t mask, uint64_t *address, struct bl_err *err)
{
	hsize_t at[BL_H5_RANK] = {0};
	int rc;

	for (unsigned i = 0; i < rank && i < BL_H5_RANK; i++)
		at[i] = coordinate[i];
	enter(s);
	rc = place(s, header, at, size, mask, address, err);
	return leave(s, rc, err);
}

int bl_h5_scribe_store(struct bl_h5_scribe *s, uint64_t header, const void *values,
	struct bl_err *err)
{
	hid_t type = -1;
	int rc = -1;

	enter(s);
	if (turn_to(s, header, err) != 0)
		goto out;
	type = H5Dget_type(s->dataset);
	if (type >= 0 && H5Dwrite(s->dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0)
		rc = 0;
	else
		bl_h5_fail(err, BL_OUTPUT, "the HDF5 library cannot write its compact data");
	bl_h5_drop(type);
out:
	return leave(s, rc, err);
}

/* A variable-length string: a fixed one cannot be longer than 64 KiB in older headers. */
static int set_attribute(hid_t root, const char *name, const char *text, struct bl_err *err)
{
	hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR), attribute = -1;
	int rc = 0;

	if (type >= 0 && space >= 0 && H5Tset_size(type, H5T_VARIABLE) >= 0 &&
		H5Tset_cset(type, H5T_CSET_UTF8) >= 0)
		attribute = H5Acreate2(root, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
	if (attribute < 0 || H5Awrite(attribute, type, &text) < 0)
		rc = bl_h5_fail(err, BL_OUTPUT, "the HDF5 library cannot write an attribute");
	bl_h5_drop(attribute);
	bl_h5_drop(space);
	bl_h5_drop(type);
	return rc;
}

int bl_h5_scribe_attribute(struct bl_h5_scribe *s, const char *name, const char *text,
	struct bl_err *err)
{
	hid_t root;
	int rc = 0;

	enter(s);
	root = H5Gopen2(s->file, "/", H5P_DEFAULT);
	if (root < 0)
		rc = bl_h5_fail(err, BL_OUTPUT, "the HDF5 library cannot open the root");
	else if (H5Aexists(root, name) > 0 && H5Adelete(root, name) < 0)
		rc = bl_h5_fail(err, BL_OUTPUT, "the HDF5 library cannot remove an attribute");
	else if (text)
		rc = set_attribute(root, name, text, err);
	bl_h5_drop(root);
	return leave(s, rc, err);
}

int bl_h5_scribe_close(struct bl_h5_scribe *s, uint64_t *size, struct bl_err *err)
{
	int rc = 0;

	enter(s);
	if (s->dataset >= 0 && H5Dclose(s->dataset) < 0)
		rc = bl_h5_fail(err, BL_OUTPUT, "the HDF5 library cannot close a dataset");
	if (H5Fclose(s->file) < 0 && rc == 0)
		rc = bl_h5_fail(err, BL_OUTPUT, "the HDF5 library cannot close the file");
	rc = leave(s, rc, err);
	*size = s->window.end;
	free(s);
	return rc;
}

void bl_h5_scribe_abandon(struct bl_h5_scribe *s)
{
	struct bl_err ignored;
	uint64_t size;

	if (s && bl_h5_scribe_close(s, &size, &ignored) != 0)
		return;
}
