/*
 * hdf5_pen.h - changes a file with libhdf5, whose raw data somebody else writes. Included only
 * where libhdf5 is called.
 *
 * Objects are named by the address of their header. Of raw data only compact ones go through the
 * library. What comes out depends on the order of the calls and on nothing else, not even on the
 * clock. Errors are BL_OUTPUT.
 */
#ifndef BL_HDF5_PEN_H
#define BL_HDF5_PEN_H

#include "hdf5_driver.h"
#include "hdf5_index.h"

struct bl_h5_pen {
	struct bl_h5_window window;
	hid_t file;
	hid_t dataset;   /* the last one used, or negative */
	uint64_t header; /* its header */
	uint64_t coordinate[BL_H5_RANK]; /* of the chunk of it that is selected */
	unsigned rank;
};

/* The calls of hdf5_scribe.h, made by its process. */
int bl_h5_pen_open(struct bl_h5_pen *p, int fd, uint64_t base, uint64_t size, bool plugins,
	struct bl_err *err) BL_MUST_USE;
int bl_h5_pen_allocate(struct bl_h5_pen *p, uint64_t header, uint64_t *address,
	struct bl_err *err) BL_MUST_USE;
int bl_h5_pen_place(struct bl_h5_pen *p, uint64_t header, const uint64_t *coordinate, unsigned rank,
	uint64_t size, uint32_t mask, uint64_t *address, struct bl_err *err) BL_MUST_USE;
int bl_h5_pen_select(struct bl_h5_pen *p, uint64_t header, const uint64_t *coordinate,
	unsigned rank, struct bl_err *err) BL_MUST_USE;
int bl_h5_pen_write(struct bl_h5_pen *p, void *values, size_t bytes, struct bl_err *err)
	BL_MUST_USE;
int bl_h5_pen_store(struct bl_h5_pen *p, uint64_t header, const void *values, size_t bytes,
	struct bl_err *err) BL_MUST_USE;
int bl_h5_pen_attribute(struct bl_h5_pen *p, const char *name, const char *text,
	struct bl_err *err) BL_MUST_USE;
int bl_h5_pen_close(struct bl_h5_pen *p, uint64_t *size, struct bl_err *err) BL_MUST_USE;

#endif
