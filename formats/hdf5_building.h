/*
 * hdf5_building.h - a new HDF5 file while it is made. Included only where libhdf5 is called.
 */
#ifndef BL_HDF5_BUILDING_H
#define BL_HDF5_BUILDING_H

#include "hdf5_made.h"
#include "hdf5_values.h"

/* An object of the template and what it has become. */
struct bl_h5_pair {
	uint64_t from, to;
	const struct bl_h5_wish *wish; /* of a dataset */
};

/* A group whose members are being made. */
struct bl_h5_making {
	hid_t from, to;
	struct bl_h5_links links;
	size_t next;
};

struct bl_h5_building {
	struct bl_h5_window *window; /* of the new file */
	const struct bl_h5_wishes *wishes;
	struct bl_h5_map wished; /* by the address in the template: number of the wish, + 1 */
	struct bl_h5_copying copying; /* the files; from is negative without a template */
	struct bl_h5_pair *pair;
	size_t pairs, pairs_room;
	struct bl_h5_making *group;
	size_t depth, room;
	hid_t naming[2]; /* of links: plain, UTF-8 */
	uint64_t lost_links, lost_names;
	struct bl_err *err;
};

/* Fails with what, and why the library did. */
int bl_h5_build_fail(const struct bl_h5_building *b, const char *what);

/* All objects of the template that are kept, and the links to them. */
int bl_h5_tree_make(struct bl_h5_building *b) BL_MUST_USE;

/* Ends with the groups that a failure has left open. */
void bl_h5_tree_end(struct bl_h5_building *b);

/* See struct bl_h5_copying; data is the building. */
hid_t bl_h5_type_for(void *data, hid_t type);

/* Makes a dataset: under its name where links, a property list, is given; negative: without a link.
 * Negative on failure. */
hid_t bl_h5_dataset_make(struct bl_h5_building *b, const struct bl_h5_stuff *s,
	const struct bl_h5_wish *wish, hid_t links);

#endif
