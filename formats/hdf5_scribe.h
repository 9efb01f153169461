/*
 * hdf5_scribe.h - lets libhdf5 change a file whose raw data somebody else writes.
 *
 * Sizes go in, addresses come out; no handle, no pointer into the library. Objects are named by the
 * address of their header. Of raw data only compact ones go through the library. What comes out
 * depends on the order of the calls and on nothing else, not even on the clock: time() and
 * gettimeofday() are constant in a program that this is part of. Thread-safe.
 */
#ifndef BL_HDF5_SCRIBE_H
#define BL_HDF5_SCRIBE_H

#include "err.h"

#include <pthread.h>
#include <stdint.h>

struct bl_h5_scribe;

/* Opens size bytes at base of the file on fd, which is borrowed and open for reading and writing.
 * library: what all scribes that live at one time hold while they call libhdf5. */
int bl_h5_scribe_open(struct bl_h5_scribe **scribe, pthread_mutex_t *library, int fd, uint64_t base,
	uint64_t size, struct bl_err *err) BL_MUST_USE;

/* Room for a contiguous dataset that has none yet: *address of its first byte. */
int bl_h5_scribe_allocate(struct bl_h5_scribe *s, uint64_t header, uint64_t *address,
	struct bl_err *err) BL_MUST_USE;

/*
 * Room for size bytes of the chunk whose first element is at coordinate (one per axis): *address.
 * What the chunk had before is free again. mask: filters that are left out; for a chunk that is
 * there already, those that were left out then (the library forgets to note new ones where the size
 * stays).
 */
int bl_h5_scribe_place(struct bl_h5_scribe *s, uint64_t header, const uint64_t *coordinate,
	unsigned rank, uint64_t size, uint32_t mask, uint64_t *address, struct bl_err *err)
	BL_MUST_USE;

/* Writes a compact dataset: all of its values as stored. */
int bl_h5_scribe_store(struct bl_h5_scribe *s, uint64_t header, const void *values,
	struct bl_err *err) BL_MUST_USE;

/* Sets a string attribute of the root group, in place of an older one; text NULL: removes it. */
int bl_h5_scribe_attribute(struct bl_h5_scribe *s, const char *name, const char *text,
	struct bl_err *err) BL_MUST_USE;

/* Brings everything to the file: *size is where it ends now. Frees s, also on failure. */
int bl_h5_scribe_close(struct bl_h5_scribe *s, uint64_t *size, struct bl_err *err) BL_MUST_USE;

/* Closes and frees without a word; NULL is legal. */
void bl_h5_scribe_abandon(struct bl_h5_scribe *s);

#endif
