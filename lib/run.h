/*
 * run.h - the engine: one pass over the checkpoints writes all outputs.
 *
 *   out = s x_r - (sum_t w_t (x_r - x_t)) / d,  in double, t ascending, the sum starting at +0,
 *   zero weights left out; x_r: the last checkpoint whose weight is not 0; one rounding to the
 *   type of the output. d is 1, but for weights that are ratios of whole numbers: a mean of m has
 *   w = 1, d = m, and its sum is exact, so that a mean halfway between two floats is rounded as
 *   such.
 *
 * The same bytes for any number of threads, any tile size, any instruction set.
 */
#ifndef BL_RUN_H
#define BL_RUN_H

#include "io.h"
#include "kernels.h"

#include <signal.h>
#include <stdatomic.h>

struct bl_hashing; /* hashing.h */

/* Counters another thread may look at while a run goes on. */
struct bl_progress {
	_Atomic uint64_t read_bytes;    /* values read so far, after decoding */
	_Atomic uint64_t written_bytes; /* values written so far */
	uint64_t read_total, written_total;
};

/* The weights of a tensor in all outputs. */
struct bl_weights {
	const double *const *weight; /* weight[p][t]; 0 where checkpoint t lacks the tensor */
	const double *divisor;       /* d of each output */
	const double *scale;         /* s of each output */
};

/* A tile of an averaged tensor in all checkpoints. */
struct bl_sight {
	size_t tensor; /* of the job's catalogue */
	struct bl_span span;
	enum bl_scalar scalar;            /* of a bare survey BL_SCALAR_NONE: see there */
	size_t n;                         /* scalars; of a bare survey elements */
	const unsigned char *const *tile; /* per checkpoint; what of a chunk lies beyond the
	                                     tensor's edge is 0 */
	const double *average;            /* n; of a bare survey NULL */
};

/* What looks at values where a run writes nothing. */
struct bl_survey {
	size_t room; /* bytes that look() has for itself, in every thread; zeroed at first */
	void *state;
	bool bare;   /* there is no average, and the weights are not looked at: values of any type
	                but BL_OTHER, which may be another in each checkpoint, as they are stored */

	/* Looks at a tile, and leaves in room what there is to know of it. Called by several
	 * threads at once. */
	void (*look)(const struct bl_survey *s, const struct bl_sight *sight, void *room);

	/* Takes that over: tile after tile in their order, never twice at once. last: of its
	 * tensor. */
	void (*take)(struct bl_survey *s, size_t tensor, bool last, void *room);
};

/* What to run. Everything is borrowed. With no sinks and no weights nothing is averaged: what is
 * needed is only read. */
struct bl_job {
	const struct bl_source *source; /* checkpoints, in time order */
	size_t sources;
	const struct bl_catalog *cat; /* the outputs' tensors, with their types there */
	const size_t *const *map; /* map[t][i]: where tensor i of cat stands in checkpoint t,
	                             BL_NOWHERE: it lacks it; map[t] NULL: in the same places */
	struct bl_sink *sink;
	size_t sinks;
	const struct bl_weights *weights; /* those that occur */
	size_t n_weights;
	const size_t *weights_of;    /* per tensor of cat: which of them; NULL: the first for all */
	const bool *averaged;        /* per tensor of cat; others are copied, in their own type */
	const struct bl_catalog *const *own; /* per sink: cat with other types, for a sink that
	                                        takes averaged tensors only, in ranges; NULL: it
	                                        is as cat has it; own NULL: all are */
	bool widened;                /* what is averaged comes as doubles (widen.h) */
	const size_t *from;          /* per tensor: where it is copied from; NULL: the last one */
	const bool *needed;          /* per tensor: comes through the sinks' write() */
	bool runs;                   /* the outputs take ranges through several tensors */
	const struct bl_kernels *kernels;
	uint64_t memory;             /* bound on what the process allocates, bytes */
	uint64_t overhead;           /* what of that is taken already: catalogues, weights */
	unsigned threads;            /* >= 1 */
	bool keep_nonfinite;         /* --nonfinite=keep */
	const volatile sig_atomic_t *stop; /* a signal's number once it came; NULL: none */
	struct bl_progress *progress;
	struct bl_hashing *hashing;    /* digests what is read, and averages that are written, of
	                                  those streams that it says; NULL: none. of sources
	                                  not where something is widened */
	struct bl_survey *survey; /* NULL: none. Else it takes the place of the one sink, which is
	                             not looked at; checkpoints without a weight are read as well,
	                             all have all averaged tensors, whose type in cat is F64 or
	                             C128, and no other tensors are needed. Of a bare one those
	                             count as averaged that are looked at, and their types in
	                             cat are those of some checkpoint; weights are NULL,
	                             n_weights is 1 */
};

/* How a run will be cut. */
struct bl_budget {
	uint64_t tile; /* bytes of one checkpoint's values in a tile that nothing else sizes */
	size_t inputs;       /* checkpoints whose tiles are held at once */
	unsigned threads;    /* as many of those asked for as the memory bound allows */
	uint64_t peak;       /* bytes allocated at most, overhead included */
	uint64_t read_bytes; /* values read, decoded */
	uint64_t written_bytes;
};

/* Cuts the run to the memory bound. Error BL_LIMIT with the size needed when not even one thread
 * fits. Of the sinks only their number counts. */
int bl_run_budget(
	const struct bl_job *job, struct bl_budget *budget, struct bl_err *err) BL_MUST_USE;

struct bl_tally {
	uint64_t kept_nonfinite;  /* elements that were not finite and kept; not in own sinks */
	uint64_t overflowed;      /* results that overflowed their type, with keep_nonfinite */
	uint64_t saturated;       /* results that are the largest value of an 8-bit type instead */
};

/*
 * Runs. The first error wins; the sinks are then abandoned by the caller. Interrupted by a signal:
 * -1 with code BL_OK.
 */
int bl_run(const struct bl_job *job, struct bl_tally *tally, struct bl_err *err) BL_MUST_USE;

#endif
