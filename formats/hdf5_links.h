/*
 * hdf5_links.h - the links of a group, and the addresses that were reached by links. Included only
 * where libhdf5 is called.
 */
#ifndef BL_HDF5_LINKS_H
#define BL_HDF5_LINKS_H

#include "hdf5_driver.h"
#include "hdf5_index.h"

struct bl_h5_link {
	uint64_t address; /* of the object of a hard link; of others the bytes of the value */
	uint32_t name;    /* where it begins in the group's text */
	uint8_t kind;     /* H5L_type_t; what is none of the library's: H5L_TYPE_UD_MIN */
	bool utf8;        /* the name is marked as UTF-8 */
};

/* Zero-initialised is empty. */
struct bl_h5_links {
	struct bl_h5_link *link;
	size_t n, room;
	char *text; /* the names */
	size_t text_used, text_room;
};

/* Reads the links of a group, in the order of their names or, if that is wanted, of their
 * creation. Errors: BL_INPUT, BL_LIMIT. Freed by the caller, also after one. */
int bl_h5_links_read(hid_t group, bool by_creation, struct bl_h5_links *links, struct bl_err *err)
	BL_MUST_USE;
void bl_h5_links_free(struct bl_h5_links *links);

/* Addresses and what is known of each: open addressing, at most half full. Zero-initialised is
 * empty. */
struct bl_h5_map {
	uint64_t *slot; /* in pairs: address + 1, or 0 where it is empty; value */
	size_t used, room;
};

/* The value of an address, 0 if it is new; good until the next call. NULL: no memory. */
uint64_t *bl_h5_map_slot(struct bl_h5_map *map, uint64_t address, struct bl_err *err);

/* The same of one that may not be there: then 0. */
uint64_t bl_h5_map_get(const struct bl_h5_map *map, uint64_t address);
void bl_h5_map_free(struct bl_h5_map *map);

/* Makes room for n items of size bytes in an array of *room; NULL with err set when there is none.
 */
void *bl_h5_room_for(void *array, size_t *room, size_t n, size_t size, struct bl_err *err);

#endif
