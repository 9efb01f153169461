/*
 * hdf5_stretch.h - where in a file the values of its datasets lie.
 */
#ifndef BL_HDF5_STRETCH_H
#define BL_HDF5_STRETCH_H

#include "hdf5_index.h"

/* Bytes [first, end) of the window that hold values. */
struct bl_h5_stretch {
	uint64_t first, end;
};

/*
 * Lists, in the order of the file, all stretches that are written anew when these tensors get other
 * values: wanted, per tensor; NULL: all. Not so the chunks of filters that are not undone here, nor
 * what is no number. *list is malloc'd, NULL on error. Error: BL_LIMIT.
 */
int bl_h5_stretches(const struct bl_catalog *cat, const struct bl_h5_object *object,
	const bool *wanted, struct bl_h5_stretch **list, size_t *n, struct bl_err *err)
	BL_MUST_USE;

#endif
