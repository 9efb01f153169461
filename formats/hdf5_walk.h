/*
 * hdf5_walk.h - the parts of the walk. Included only where libhdf5 is called.
 */
#ifndef BL_HDF5_WALK_H
#define BL_HDF5_WALK_H

#include "hdf5_driver.h"
#include "hdf5_index.h"

/* Writes an open dataset's row, without its name. *chunks counts the chunks of the whole file.
 * Errors do not name the dataset. */
int bl_h5_describe(hid_t dataset, uint64_t header, struct bl_h5_window *window, uint64_t *chunks,
	struct bl_h5_words *index, struct bl_err *err) BL_MUST_USE;

/* What a dataset's elements are: dtype, bytes of one as stored, bytes of big-endian scalars (0:
 * little-endian). What is not known is BL_OTHER, or BL_H5_OPAQUE2. */
int bl_h5_type(hid_t dataset, hid_t type, enum bl_dtype *dtype, uint64_t *element, unsigned *swap,
	struct bl_err *err) BL_MUST_USE;

/* The type that a new file has for elements of dtype; opaque: bfloat16 as Keras has it. Negative
 * where there is none. */
hid_t bl_h5_type_make(enum bl_dtype dtype, bool opaque);

/* Refuses data that are not in the file of their dataset. Error: BL_INPUT. */
int bl_h5_refuse_elsewhere(hid_t plist, struct bl_err *err) BL_MUST_USE;

/*
 * The value of an attribute that is one string or one number, as text: a number in its shortest
 * decimal form. *text is malloc'd and freed by the caller; NULL: the attribute is something else.
 */
int bl_h5_attribute_text(hid_t attribute, char **text, size_t *len, struct bl_err *err) BL_MUST_USE;

#endif
