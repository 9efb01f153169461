/*
 * hdf5_through.h - chunks whose filters belay does not know, read and written through libhdf5.
 * Included only where libhdf5 is called.
 */
#ifndef BL_HDF5_THROUGH_H
#define BL_HDF5_THROUGH_H

#include "hdf5_driver.h"

/* A chunk of an open dataset: its first element, and all its bytes as they would be stored without
 * filters, in C order over the chunk. */
struct bl_h5_slab {
	const uint64_t *coordinate;
	unsigned rank;
	unsigned char *values;
	size_t bytes;
};

/* Reads what of the chunk is in the tensor; the rest is left as it is. Errors: BL_INPUT. */
int bl_h5_through_read(hid_t dataset, const struct bl_h5_slab *slab, struct bl_err *err)
	BL_MUST_USE;

/* Before the first chunk of a dataset is written: makes sure that all filters can be applied. The
 * library loads no plugin for writing, and leaves out filters that are optional and not there. */
int bl_h5_through_begin(hid_t dataset, struct bl_err *err) BL_MUST_USE;

/* The same for the creation properties of a dataset. */
int bl_h5_through_ready(hid_t plist, struct bl_err *err) BL_MUST_USE;

/* Writes what of the chunk is in the tensor. Errors: BL_OUTPUT. */
int bl_h5_through_write(hid_t dataset, const struct bl_h5_slab *slab, struct bl_err *err)
	BL_MUST_USE;

#endif
