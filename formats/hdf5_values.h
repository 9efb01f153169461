/*
 * hdf5_values.h - copies attributes and values that are no numbers from one open file to another,
 * with libhdf5. Included only where libhdf5 is called.
 */
#ifndef BL_HDF5_VALUES_H
#define BL_HDF5_VALUES_H

#include "hdf5_links.h"
#include "hdf5_skeleton.h"

/* The two files, and what is known of them. */
struct bl_h5_copying {
	hid_t from, to; /* files */
	struct bl_h5_map made; /* of every object of the old file: its address in the new one, with
	                        * BL_H5_MADE added; BL_H5_LEFT_OUT */
	uint64_t lost;         /* references that lead nowhere any more */

	/* A type for the new file that is what `type` is in the old one, a named one where that is;
	 * negative on failure. */
	hid_t (*type)(void *data, hid_t type);
	void *data;
};

enum { BL_H5_LEFT_OUT = 1, BL_H5_MADE = 2 };

/* The address of an open object; false where it cannot be had. */
bool bl_h5_address(hid_t id, uint64_t *address);

/* Copies all attributes for which wanted(name, data) is true. Errors: BL_INPUT, BL_OUTPUT,
 * BL_LIMIT; they name the attribute. */
int bl_h5_attributes_copy(struct bl_h5_copying *c, hid_t from, hid_t to,
	bool (*wanted)(const char *name, void *data), void *data, struct bl_err *err) BL_MUST_USE;

/* Copies the values of a dataset, some MiB at a time. */
int bl_h5_values_copy(struct bl_h5_copying *c, hid_t from, hid_t to, struct bl_err *err)
	BL_MUST_USE;

#endif
