/*
 * hdf5_skeleton.h - a new HDF5 file that lacks nothing but numbers.
 *
 * With a template it has the groups, links, attributes, named types and datasets of that one, but
 * for what the wishes say: whatever the links say is one object stays one, and references lead to
 * the new objects. Values that are no numbers are copied by the library.
 */
#ifndef BL_HDF5_SKELETON_H
#define BL_HDF5_SKELETON_H

#include "hdf5_index.h"
#include "io.h"

enum bl_h5_fate {
	BL_H5_LEAVE_OUT,
	BL_H5_NUMBERS, /* made, with room for the values */
	BL_H5_THROUGH, /* made, and the values are copied by the library */
	BL_H5_FATES
};

/* What becomes of one dataset. */
struct bl_h5_wish {
	uint64_t header; /* of the template's; BL_H5_NOWHERE: the template lacks it */
	enum bl_h5_fate fate;
	const char *name;      /* of one that the template lacks: its path */
	enum bl_dtype dtype;   /* BL_DTYPES: the template's type, as it is */
	unsigned rank;         /* of one that the template lacks */
	const uint64_t *dim;
	const uint64_t *chunk; /* to be compressed in chunks of these extents; NULL: not */
};

/*
 * The wishes travel as words like those of an index:
 *
 *   file     compression, level, Keras, attributes, datasets, then these
 *   attribute  name, text (both bytes, with a 0 behind them)
 *   dataset  header, fate, name, dtype, rank, extents, whether there are chunks, chunk extents
 */
struct bl_h5_wishes {
	enum bl_compression compression;
	unsigned level;
	bool keras; /* bfloat16 as Keras has it */
	const struct bl_meta *attribute; /* of the root, for a file without a template */
	size_t attributes;
	struct bl_h5_wish *wish;
	size_t n;
};

/* What could not be kept. */
struct bl_h5_losses {
	uint64_t references; /* that lead to what is left out: they are null now */
	uint64_t links;      /* of kinds that the library does not know */
	uint64_t names;      /* further ones of what is left out */
};

void bl_h5_wishes_put(struct bl_h5_words *words, const struct bl_h5_wishes *wishes);

/* Takes them from the words, which they point into. Freed with bl_h5_wishes_free, also after an
 * error (BL_BUG, BL_LIMIT). */
int bl_h5_wishes_take(const uint64_t *word, size_t words, struct bl_h5_wishes *wishes,
	struct bl_err *err) BL_MUST_USE;

/* Of wishes that were taken. */
void bl_h5_wishes_free(struct bl_h5_wishes *wishes);

struct bl_h5_window; /* hdf5_driver.h */

/* Writes the file into the window `to`, from the template in `from` (NULL: none), and closes it.
 * Errors: BL_INPUT, of the template; BL_OUTPUT, BL_LIMIT. */
int bl_h5_skeleton(struct bl_h5_window *to, struct bl_h5_window *from,
	struct bl_h5_wishes *wishes, struct bl_h5_losses *lost, struct bl_err *err) BL_MUST_USE;

#endif
