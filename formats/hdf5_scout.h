/*
 * hdf5_scout.h - a process that walks HDF5 files for this one, one after the other, and reads
 * chunks whose filters are plugins.
 *
 * One scout serves all files of a pool; a file that it dies of costs that file, the next one gets a
 * fresh scout.
 */
#ifndef BL_HDF5_SCOUT_H
#define BL_HDF5_SCOUT_H

#include "hdf5_child.h"
#include "hdf5_index.h"

#include <pthread.h>

struct bl_h5_content; /* hdf5_state.h */

/* The file that was walked last, as long as it is open: the next one may well be like it. */
struct bl_h5_known {
	struct bl_file *file;
	uint64_t base, size; /* of HDF5 in it */
	struct bl_h5_content *content; /* NULL: there is none */
};

/* Zero-initialised but for the duty, whose process is started when it is needed. */
struct bl_h5_scout {
	struct bl_h5_child child;
	const struct bl_h5_duty *duty;
	const volatile sig_atomic_t *stop; /* as in the duty of the process; NULL: none */
	bool has_plugins;
	bool opaque_bf16; /* walks take two opaque bytes for bfloat16 */
	struct bl_h5_plugins plugins;
	struct bl_h5_known known;
	pthread_mutex_t lock; /* of a scout that reads */
};

extern const struct bl_h5_duty bl_h5_scouting;

/*
 * What bl_h5_walk() says of the size bytes at base of the file open on fd. index is zeroed by the
 * caller and freed by it, also after an error (BL_INPUT; BL_LIMIT). Nothing in it is checked. A
 * process may be started: there must be no other thread.
 */
int bl_h5_scout_walk(struct bl_h5_scout *s, int fd, uint64_t base, uint64_t size,
	struct bl_h5_words *index, struct bl_err *err) BL_MUST_USE;

/* A chunk of a dataset, in a file of size bytes at base. */
struct bl_h5_chunk {
	uint64_t base, size;
	uint64_t header; /* the dataset's */
	unsigned rank;
	uint64_t coordinate[BL_H5_RANK]; /* of its first element */
};

/* Reads the bytes bytes of a chunk without filters, those beyond the tensor as zeros. Thread-safe;
 * one at a time. Errors: BL_INPUT. */
int bl_h5_scout_read(struct bl_h5_scout *s, int fd, const struct bl_h5_chunk *chunk, void *dst,
	size_t bytes, struct bl_err *err) BL_MUST_USE;

/* The scout of a pool, which frees it. NULL on error. */
struct bl_h5_scout *bl_h5_scout_of(struct bl_files *pool, struct bl_err *err);

#endif
