/*
 * hdf5_made.h - datasets and attributes that are made, with libhdf5, for values that come later.
 * Included only where libhdf5 is called. Errors are BL_OUTPUT.
 */
#ifndef BL_HDF5_MADE_H
#define BL_HDF5_MADE_H

#include "hdf5_driver.h"
#include "hdf5_index.h"
#include "hdf5_skeleton.h"

/* Has the library find room for all values of a contiguous dataset, which has none yet. */
int bl_h5_allocate(hid_t dataset, struct bl_h5_window *window, struct bl_err *err) BL_MUST_USE;

/* Makes a string attribute. */
int bl_h5_attribute_put(hid_t object, const char *name, const char *text, struct bl_err *err)
	BL_MUST_USE;

/* A property list for names, of links and attributes: marks them as UTF-8. */
hid_t bl_h5_naming(hid_t class, bool utf8);
bool bl_h5_beyond_ascii(const char *name);

/* Gives a new list of creation properties those of a group: the library's own list of them has
 * the addresses of the group's links, too. */
bool bl_h5_group_like(hid_t group, hid_t list);

/* What a dataset is made of: all of the template's, or such as are new. */
struct bl_h5_stuff {
	hid_t type, space, list;
	bool retyped; /* the type is not the one that the list was made for */
};

void bl_h5_stuff_drop(const struct bl_h5_stuff *s);

/* Makes the list of stuff what the wish and the file's compression ask for. */
int bl_h5_adapt(const struct bl_h5_stuff *stuff, const struct bl_h5_wish *wish,
	enum bl_compression compression, unsigned level, struct bl_err *err) BL_MUST_USE;

#endif
