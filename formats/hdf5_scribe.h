/*
 * hdf5_scribe.h - a process that lets libhdf5 change a file whose raw data this one writes.
 *
 * Sizes go in, addresses come out, which nobody has checked. Objects are named by the address of
 * their header. Of raw data only compact ones, and chunks with the filters of plugins, go through
 * the library. What comes out depends on the order of the calls and on nothing else, not even on
 * the clock. Thread-safe, but for opening and closing. Errors are BL_OUTPUT, or BL_LIMIT.
 */
#ifndef BL_HDF5_SCRIBE_H
#define BL_HDF5_SCRIBE_H

#include "hdf5_child.h"
#include "hdf5_index.h"
#include "hdf5_skeleton.h"

struct bl_h5_scribe;

/* What a scribe's process does. */
extern const struct bl_h5_duty bl_h5_scribing;

/* Opens size bytes at base of the file on fd, which is borrowed for the call and open for reading
 * and writing. plugins: that the library may use; NULL: none. A process is started: there must be
 * no other thread. */
int bl_h5_scribe_open(struct bl_h5_scribe **scribe, const struct bl_h5_duty *duty,
	const struct bl_h5_plugins *plugins, int fd, uint64_t base, uint64_t size,
	struct bl_err *err) BL_MUST_USE;

/* The HDF5 file that a new one is made after. */
struct bl_h5_template {
	int fd; /* borrowed; -1: there is none */
	uint64_t base, size;
};

/* Has a process begin a new file at base of fd, as bl_h5_skeleton() does, and end: *size bytes of
 * it are there then, but for holes. wishes: the words of bl_h5_wishes_put(). BL_INPUT: the
 * template cannot be read. */
int bl_h5_scribe_make(const struct bl_h5_duty *duty, const struct bl_h5_plugins *plugins, int fd,
	uint64_t base, const struct bl_h5_template *template, const struct bl_h5_words *wishes,
	uint64_t *size, struct bl_h5_losses *lost, struct bl_err *err) BL_MUST_USE;

/* Room for a contiguous dataset that has none yet: *address of its first byte. */
int bl_h5_scribe_allocate(struct bl_h5_scribe *s, uint64_t header, uint64_t *address,
	struct bl_err *err) BL_MUST_USE;

/* A chunk that needs room for its bytes. */
struct bl_h5_place {
	uint64_t header, size;
	uint32_t mask; /* filters that are left out; for a chunk that is there already, those that
			* were left out then (the library forgets to note new ones where the size
			* stays) */
	uint32_t rank;
	uint64_t coordinate[BL_H5_RANK]; /* of its first element */
	uint64_t address;                /* set by bl_h5_scribe_place */
};

#define BL_H5_BATCH 32 /* chunks in one call, at most */

/* Room for n chunks, one after the other. What a chunk had before is free again. */
int bl_h5_scribe_place(struct bl_h5_scribe *s, struct bl_h5_place *place, size_t n,
	struct bl_err *err) BL_MUST_USE;

/* Writes a chunk through the filters of the library: its place->size bytes without filters. Not
 * thread-safe. */
int bl_h5_scribe_write(struct bl_h5_scribe *s, const struct bl_h5_place *place, const void *values,
	struct bl_err *err) BL_MUST_USE;

/* Writes a compact dataset: all of its values as stored. */
int bl_h5_scribe_store(struct bl_h5_scribe *s, uint64_t header, const void *values, size_t bytes,
	struct bl_err *err) BL_MUST_USE;

/* Sets a string attribute of the root group, in place of an older one; text NULL: removes it. */
int bl_h5_scribe_attribute(struct bl_h5_scribe *s, const char *name, const char *text,
	struct bl_err *err) BL_MUST_USE;

/* Brings everything to the file: *size is where it ends now. Frees s, also on failure. */
int bl_h5_scribe_close(struct bl_h5_scribe *s, uint64_t *size, struct bl_err *err) BL_MUST_USE;

/* Ends the process, whatever becomes of the file, and frees s; NULL is legal. */
void bl_h5_scribe_abandon(struct bl_h5_scribe *s);

#endif
