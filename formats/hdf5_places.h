/*
 * hdf5_places.h - encoded chunks that wait for their places, so that the scribe is asked once for
 * many of them.
 *
 * The scribe hears of the chunks in the order in which they were added. Not thread-safe: whoever
 * adds has the turn.
 */
#ifndef BL_HDF5_PLACES_H
#define BL_HDF5_PLACES_H

#include "hdf5_scribe.h"
#include "output.h"

struct bl_h5_places;

/* Memory that they take. */
size_t bl_h5_places_size(void);

/* For chunks of the file that begins at base of out; none lies before first, counted from there.
 * scribe and out are borrowed. */
int bl_h5_places_new(struct bl_h5_places **places, struct bl_h5_scribe *scribe,
	struct bl_output *out, uint64_t base, uint64_t first, struct bl_err *err) BL_MUST_USE;
void bl_h5_places_free(struct bl_h5_places *p);

/*
 * Adds a chunk of place->size bytes. *offset 0: the bytes are copied, and written by this call or a
 * later one; else the caller writes them there, without the turn. An error may be that of a chunk
 * that was added before.
 */
int bl_h5_places_add(struct bl_h5_places *p, const struct bl_h5_place *place,
	const unsigned char *bytes, uint64_t *offset, struct bl_err *err) BL_MUST_USE;

/* Writes what still waits. */
int bl_h5_places_flush(struct bl_h5_places *p, struct bl_err *err) BL_MUST_USE;

/* A place from the scribe, who is not trusted with the superblock, which ends at first. */
int bl_h5_place_check(uint64_t first, uint64_t address, uint64_t bytes, struct bl_err *err)
	BL_MUST_USE;

#endif
