/*
 * tiles.h - how a run is cut into tiles.
 *
 * A tile is a span of one tensor that all inputs can read and all outputs can write at one go: a
 * chunk, where all of them store the same chunks; else a range of whole rows of chunks. Small
 * tensors that follow one another everywhere and are treated alike share a tile, which then is a
 * range that goes on through them. Tiles are numbered along the outputs' catalogue.
 */
#ifndef BL_TILES_H
#define BL_TILES_H

#include "run.h"

struct bl_tile {
	size_t tensor; /* of the outputs; the first of several */
	struct bl_span span;
};

struct bl_tiling {
	size_t tensors;
	size_t usual;           /* the output of whose file most tiles are pieces; as many as there
	                           are: of none */
	uint64_t *first;        /* first tile of each tensor; [tensors] is the number of tiles */
	uint64_t *lead;         /* elements of its first tile; those of the others: */
	uint64_t *unit;         /* elements per tile of each tensor; more than it has: its tile
	                           holds the tensors that follow, too */
	bool *chunk;            /* tiles of this tensor are chunks */
	uint64_t largest;       /* values of one checkpoint in the largest tile, bytes, as the
	                           next rounded up to 64 */
	uint64_t largest_out;   /* the same of one output */
	uint64_t largest_scalars;
	size_t largest_tensor;  /* where that is */
	uint64_t largest_chunk; /* of any input or output, bytes; 0: none is chunked */
	size_t chunk_tensor;    /* where that is */
};

/* Cuts every needed tensor; target: bytes of a tile that no chunk sizes. Freed with
 * bl_tiling_free also after a failure. */
int bl_tiling_make(const struct bl_job *job, uint64_t target, struct bl_tiling *tiling,
	struct bl_err *err) BL_MUST_USE;
void bl_tiling_free(struct bl_tiling *tiling);

/* Tile number n, n < first[tensors]. */
struct bl_tile bl_tiling_get(const struct bl_job *job, const struct bl_tiling *tiling, uint64_t n);

/* The element that stands at place k of a tile: of which tensor, and which of its elements in C
 * order (of its chunk's in a chunk). */
struct bl_tile_element {
	size_t tensor;
	uint64_t element;
};

struct bl_tile_element bl_tile_element(
	const struct bl_job *job, const struct bl_tile *tile, uint64_t k);

/* Where checkpoint t has tensor i of the outputs; BL_NOWHERE: it lacks it. */
static inline size_t bl_job_tensor(const struct bl_job *job, size_t t, size_t i)
{
	return job->map[t] ? job->map[t][i] : i;
}

/* The checkpoint that tensor i is copied from. */
static inline size_t bl_job_from(const struct bl_job *job, size_t i)
{
	return job->from ? job->from[i] : job->sources - 1;
}

/* Which weights tensor i is averaged with. */
static inline size_t bl_job_weights(const struct bl_job *job, size_t i)
{
	return job->weights_of ? job->weights_of[i] : 0;
}

/* Does sink p take what is averaged only? */
static inline bool bl_job_owns(const struct bl_job *job, size_t p)
{
	return job->own && job->own[p];
}

/* Tensor i as sink p has it. */
static inline const struct bl_tensor *bl_job_output(const struct bl_job *job, size_t p, size_t i)
{
	return bl_job_owns(job, p) ? &job->own[p]->tensor[i] : &job->cat->tensor[i];
}

/* Tensor i as checkpoint t, which has it, stores it: where that is widened, in its own type. */
const struct bl_tensor *bl_job_stored(const struct bl_job *job, size_t t, size_t i);

/* Is nothing averaged, but only looked at? */
static inline bool bl_job_is_bare(const struct bl_job *job)
{
	return job->survey && job->survey->bare;
}

/* Are there sums? There are none, too, where what is needed is only read. */
static inline bool bl_job_sums(const struct bl_job *job)
{
	return job->n_weights > 0 && !bl_job_is_bare(job);
}

/* Tensor i as the checkpoints have it; of a bare survey, as the last one does. */
const struct bl_tensor *bl_job_input(const struct bl_job *job, size_t i);

#endif
