/*
 * widen.h - checkpoints whose averaged tensors are seen as doubles.
 *
 * What a growing run keeps are doubles, and the engine wants one type of a tensor in all sources.
 * Every value is the same number; a NaN keeps its sign and payload, so that two values have the
 * same bits as doubles just where they have them in a narrower type.
 */
#ifndef BL_WIDEN_H
#define BL_WIDEN_H

#include "io.h"

#define BL_WIDE_FORMATS 8

/* Views on sources of up to BL_WIDE_FORMATS formats. Zero-initialised is empty. */
struct bl_wide {
	struct bl_format format[BL_WIDE_FORMATS]; /* like those of the sources, but for reading */
	const struct bl_format *of[BL_WIDE_FORMATS];
	size_t formats;
	struct bl_tensor **tensor; /* one list for each view */
	size_t views;
	uint64_t bytes; /* of all of it */
};

/*
 * Makes view one more view on a source, which must stay open: averaged[i] of n says that tensor
 * map[i] of the source (map NULL: i) is seen as doubles. Errors: BL_LIMIT. The views are read, and
 * never closed; they go with bl_wide_free, and w must not move before.
 */
int bl_wide_add(struct bl_wide *w, const struct bl_source *source, const size_t *map,
	const bool *averaged, size_t n, struct bl_source *view, struct bl_err *err) BL_MUST_USE;
void bl_wide_free(struct bl_wide *w);

/* A tensor of a view as its source has it; of any other source, as it is. */
const struct bl_tensor *bl_wide_stored(const struct bl_source *view, size_t tensor);

/* Writes a NaN that was widened (of 8 bytes at from) as one of type s again, with its sign and as
 * much of its payload as there is room for. False where from is no NaN, or s has 8 bytes. */
bool bl_narrow_nan(enum bl_scalar s, void *to, const void *from);

#endif
