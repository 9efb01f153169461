/*
 * worker.h - what one thread of the engine does with one tile. Private to the engine.
 */
#ifndef BL_WORKER_H
#define BL_WORKER_H

#include "tiles.h"

/* Formats that can meet in one run. */
#define BL_RUN_FORMATS 8

/* Checkpoints whose tiles are held at a time at most, but by a survey, which holds all. */
#define BL_RUN_INPUTS 16

/* What some weights say about reading, the same for all tensors that have them. Read-only once
 * made. */
struct bl_reading {
	size_t *used;   /* checkpoints with a weight that is not 0 in some output, ascending; for a
	                   survey all */
	size_t uses;
	size_t *ref;    /* distinct reference checkpoints: the last one used by some output */
	size_t refs;
	size_t *ref_of; /* per output: its place in ref */
};

/* One for each of the job's weights; *r is an array of job->n_weights. Error BL_BUG when an output
 * has no weight at all. Freed with bl_readings_free in any case. */
int bl_readings_make(const struct bl_job *job, struct bl_reading **r, struct bl_err *err)
	BL_MUST_USE;
void bl_readings_free(const struct bl_job *job, struct bl_reading *r);

/* The most references, and the most checkpoints used, that any of them has. */
size_t bl_readings_refs(const struct bl_job *job, const struct bl_reading *r);
size_t bl_readings_uses(const struct bl_job *job, const struct bl_reading *r);

/* One thread's buffers. */
struct bl_worker {
	const struct bl_job *job;
	const struct bl_tiling *tiling;
	const struct bl_reading *reading; /* one for each of the job's weights */
	size_t refs;          /* tiles in ref */
	struct bl_gate *gate; /* per sink, then per stream of digests */
	size_t inputs;        /* tiles in input */
	unsigned char *input; /* inputs tiles of tiling->largest bytes */
	unsigned char *ref;   /* of the references */
	unsigned char *out;   /* results: of each sink tiling->largest_out bytes */
	bool *wild;           /* per sink: some result is not finite, or saturated */
	struct bl_sums *sums; /* NULL: there are none */
	double *plain;        /* tiling->largest_scalars, as flag: of what is not finite */
	unsigned char *flag;
	const unsigned char **tile; /* of a survey: per checkpoint, in input or ref */
	void *room;                 /* of a survey */
	struct bl_digest *leaf;     /* of digests: of a tile */
	struct bl_turn *turn;       /* of digests: per stream, the tile's turn */
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

/* n things, zeroed; of none a byte, so that NULL always means that there is no memory. */
void *bl_room(size_t n, size_t size);

/* Reads, averages and writes tile n. */
int bl_worker_tile(struct bl_worker *w, uint64_t n, struct bl_err *err) BL_MUST_USE;

/* ---- sums (worker_sums.c) ---- */

/* Some checkpoints' tiles, ascending in time. */
struct bl_group {
	bool first, last; /* there are no sums yet; there will be results */
	size_t n;
	size_t checkpoint[BL_RUN_INPUTS];
	const unsigned char *tile[BL_RUN_INPUTS];
};

/* One tensor's way through the engine. */
struct bl_way {
	const struct bl_reading *reading;
	const struct bl_weights *weights;
	size_t tensor;     /* the tile's, of the outputs */
	enum bl_scalar in; /* of the checkpoints */
	size_t scalars;    /* in the tile */
};

uint64_t bl_worker_sums_bytes(const struct bl_job *job, const struct bl_tiling *tiling,
	const struct bl_reading *reading, size_t inputs);
int bl_worker_sums_make(struct bl_worker *w, struct bl_err *err) BL_MUST_USE;
void bl_worker_sums_free(struct bl_worker *w);

/* Adds a group to the sums of all outputs. Of the last one come results, rounded, in w->out, with
 * their verdicts in w->wild. */
void bl_worker_add(struct bl_worker *w, const struct bl_group *g, const struct bl_way *way);

/* ---- values ---- */

/* The results of sink p. */
static inline unsigned char *bl_worker_out(const struct bl_worker *w, size_t p)
{
	return w->out + p * w->tiling->largest_out;
}

/* Reads a tile as checkpoint t has it; messages are prefixed. */
int bl_worker_read(struct bl_worker *w, size_t t, const struct bl_tile *tile, void *dst,
	struct bl_err *err) BL_MUST_USE;

/*
 * Looks into those of the n results of output p that are not finite (nonfinite.c). A value of the
 * same bits in all checkpoints used is kept; any other, and an overflow, is BL_INPUT, or, with
 * keep_nonfinite, the plain weighted sum.
 */
int bl_worker_settle(struct bl_worker *w, const struct bl_tile *tile, size_t p, size_t n,
	struct bl_err *err) BL_MUST_USE;

/* ---- digests (worker_hash.c); none of this does anything where there are none ---- */

/* Streams that are digested, or 0. */
size_t bl_job_streams(const struct bl_job *job);

uint64_t bl_worker_hash_bytes(const struct bl_job *job, const struct bl_tiling *tiling);
int bl_worker_hash_make(struct bl_worker *w, struct bl_err *err) BL_MUST_USE;

/* Tile n begins. */
void bl_worker_hash_begin(struct bl_worker *w, uint64_t n);

/* A tile of a stream, whose first tensor is t, number place of its catalogue; each stream once at
 * most. -1 without a message where the run has failed. */
int bl_worker_hash(struct bl_worker *w, size_t stream, const struct bl_tile *tile,
	const struct bl_tensor *t, size_t place, const void *data) BL_MUST_USE;

/* The tile is done: lets the next one in where it had no values. -1 as above. */
int bl_worker_hash_end(struct bl_worker *w) BL_MUST_USE;

#endif
