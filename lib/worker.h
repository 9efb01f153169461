/*
 * worker.h - what one thread of the engine does with one tile. Private to the engine.
 */
#ifndef BL_WORKER_H
#define BL_WORKER_H

#include "tiles.h"

/* Formats that can meet in one run. */
#define BL_RUN_FORMATS 8

/* What the weights say about reading, the same for all tiles. Read-only once made. */
struct bl_reading {
	size_t *used;   /* checkpoints with a weight that is not 0 in some output, ascending */
	size_t uses;
	size_t *ref;    /* distinct reference checkpoints: the last one used by some output */
	size_t refs;
	size_t *ref_of; /* per output: its place in ref */
};

/* Error BL_BUG when an output has no weight at all. Freed with bl_reading_free in any case. */
int bl_reading_make(const struct bl_job *job, struct bl_reading *r, struct bl_err *err) BL_MUST_USE;
void bl_reading_free(struct bl_reading *r);

/* One thread's buffers. */
struct bl_worker {
	const struct bl_job *job;
	const struct bl_tiling *tiling;
	const struct bl_reading *reading;
	struct bl_gate *gate; /* per sink */
	size_t inputs;        /* tiles in input */
	unsigned char *input; /* inputs tiles of tiling->largest bytes */
	unsigned char *ref;   /* reading->refs tiles */
	unsigned char *out;   /* one tile */
	double *acc;          /* sinks rows of tiling->largest_scalars */
	unsigned char *flag;  /* tiling->largest_scalars */
	struct {
		const struct bl_format *format;
		void *memory;
	} work[BL_RUN_FORMATS];
	struct bl_tally tally;
};

/* Bytes that bl_worker_make will allocate; UINT64_MAX where no number holds them. */
uint64_t bl_worker_bytes(const struct bl_job *job, const struct bl_tiling *tiling,
	const struct bl_reading *reading, size_t inputs);

int bl_worker_make(struct bl_worker *w, struct bl_err *err) BL_MUST_USE; /* buffers from the rest */
void bl_worker_free(struct bl_worker *w);

/* Reads, averages and writes tile n. */
int bl_worker_tile(struct bl_worker *w, uint64_t n, struct bl_err *err) BL_MUST_USE;

/* Reads a span of tensor i of the last checkpoint as checkpoint t has it; messages are prefixed. */
int bl_worker_read(struct bl_worker *w, size_t t, const struct bl_tile *tile, void *dst,
	struct bl_err *err) BL_MUST_USE;

/*
 * Looks into the results of output p that are not finite (nonfinite.c). w->out holds the tile's n
 * scalars as rounded. A value of the same bits in all checkpoints used is kept; any other, and an
 * overflow, is BL_INPUT, or, with keep_nonfinite, the plain weighted sum.
 */
int bl_worker_settle(struct bl_worker *w, const struct bl_tile *tile, size_t p, size_t n,
	struct bl_err *err) BL_MUST_USE;

#endif
