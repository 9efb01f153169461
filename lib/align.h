/*
 * align.h - the same tensors in all checkpoints of a sequence.
 */
#ifndef BL_ALIGN_H
#define BL_ALIGN_H

#include "io.h"

/* One tensor of the sequence; name, shape and type are those in the last checkpoint that has it. */
struct bl_aligned {
	size_t last;    /* that checkpoint */
	size_t index;   /* where it stands there */
	size_t holders; /* checkpoints that have it */
	bool differs;   /* one of them has another shape or type */
};

/* The tensors of all checkpoints together: first those of the last one, in its order, then what the
 * others have beside them, the later checkpoints first. Zero-initialised is empty. */
struct bl_alignment {
	const struct bl_source *source; /* borrowed */
	size_t sources;
	struct bl_aligned *tensor;
	size_t tensors;
	size_t **map; /* map[t][i]: where tensor i stands in checkpoint t, BL_NOWHERE: nowhere;
	                 map[t] NULL: all of them in the same places; one array for neighbours
	                 that share their tensors */
};

/* Aligns n > 0 checkpoints by name. Error: BL_LIMIT, no memory. Freed with bl_alignment_free also
 * after a failure. The sources must stay open. */
int bl_align(const struct bl_source *source, size_t n, struct bl_alignment *a, struct bl_err *err)
	BL_MUST_USE;
void bl_alignment_free(struct bl_alignment *a);

/* Where checkpoint t has tensor i; BL_NOWHERE: it lacks it. */
static inline size_t bl_aligned_place(const struct bl_alignment *a, size_t t, size_t i)
{
	return a->map[t] ? a->map[t][i] : i;
}

/* Tensor i as the last checkpoint that has it describes it. */
const struct bl_tensor *bl_aligned_tensor(const struct bl_alignment *a, size_t i);

/* Bytes that it takes. */
uint64_t bl_alignment_bytes(const struct bl_alignment *a);

/*
 * Refuses differences of shape or type, and with missing_too tensors that not all checkpoints have.
 * ignored: tensors whose differences do not matter; NULL: none. Each is told once, with the first
 * checkpoint that differs and the number of the others; ten of them, then how many more there are.
 * Error: BL_INPUT.
 */
int bl_alignment_check(const struct bl_alignment *a, const bool *ignored, bool missing_too,
	struct bl_err *err) BL_MUST_USE;

#endif
