/*
 * hdf5_fresh.h - how HDF5 outputs begin: as clones of their template, or as new files.
 */
#ifndef BL_HDF5_FRESH_H
#define BL_HDF5_FRESH_H

#include "hdf5_state.h"

/* Is an output of that format a clone of its template, but for the values? */
bool bl_h5_clones(const struct bl_sink_plan *plan, const struct bl_format *format);

/* Reserves a clone, and copies what will not be written. */
int bl_h5_clone(struct bl_sink *snk, struct bl_err *err) BL_MUST_USE;

/* An output that is none. */
struct bl_h5_fresh {
	struct bl_source made; /* what it is before the values come; its file is closed */
	size_t *place;         /* per tensor of the plan's catalogue: where it is in made, or
	                          BL_NOWHERE */
};

/*
 * Begins the HDF5 file at base of the output: everything but the numbers. Writes snk->note.
 * Processes are started: there must be no other thread. fresh is zeroed by the caller and freed by
 * bl_h5_fresh_free, also after an error.
 */
int bl_h5_fresh_make(struct bl_sink *snk, uint64_t base, struct bl_h5_fresh *fresh,
	struct bl_err *err) BL_MUST_USE;
void bl_h5_fresh_free(struct bl_h5_fresh *fresh);

#endif
