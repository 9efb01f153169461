/*
 * hdf5_scout.h - a process that walks HDF5 files for this one, one after the other.
 *
 * One scout serves all files of a pool; a file that it dies of costs that file, the next one gets a
 * fresh scout. Not thread-safe.
 */
#ifndef BL_HDF5_SCOUT_H
#define BL_HDF5_SCOUT_H

#include "hdf5_child.h"
#include "hdf5_index.h"

struct bl_h5_scout {
	struct bl_h5_child child;
	const struct bl_h5_duty *duty;
};

/* Zero-initialised but for the duty, whose process is started when it is needed. */
extern const struct bl_h5_duty bl_h5_scouting;

/*
 * What bl_h5_walk() says of the size bytes at base of the file open on fd. index is zeroed by the
 * caller and freed by it, also after an error (BL_INPUT; BL_LIMIT). Nothing in it is checked.
 */
int bl_h5_scout_walk(struct bl_h5_scout *s, int fd, uint64_t base, uint64_t size,
	struct bl_h5_words *index, struct bl_err *err) BL_MUST_USE;

/* The scout of a file's pool, which frees it. NULL on error. */
struct bl_h5_scout *bl_h5_scout_of(struct bl_file *file, struct bl_err *err);

#endif
