/*
 * grow.h - what a growing run gives the engine.
 *
 * What is kept is linear in the checkpoints as the outputs are, and they are linear in what is
 * kept. So to the engine the vectors of a state are checkpoints more, in front of the others, and
 * the vectors of the next state are outputs more, behind the others; all of one pass.
 *
 *   sources   with a state: its vectors, and the last checkpoint as it holds it; the new ones.
 *             All as doubles.
 *   sinks     the outputs; the vectors; the last checkpoint, in its own types.
 *
 * Where nothing is new the outputs are made of the vectors alone, the one source beside them being
 * the last checkpoint, for what is copied; and no state is made.
 */
#ifndef BL_GROW_H
#define BL_GROW_H

#include "resume.h"
#include "run.h"
#include "select.h"
#include "state.h"
#include "widen.h"

/* Zero-initialised is empty; must not move once it is made. */
struct bl_grow {
	/* Set before it is made. Borrowed. */
	const struct bl_selection *selection; /* of the checkpoints that are open */
	const struct bl_plan *plan;           /* of all checkpoints */
	const struct bl_state *state;         /* what was kept; NULL: nothing yet */
	const struct bl_source *source;       /* the file of the state */
	size_t past;                          /* checkpoints of the plan that are not open */
	bool still;                           /* the one that is open is the state's last */

	struct bl_resume *resume; /* per row of the plan */
	size_t vectors;           /* of all rows together */
	size_t averages;          /* tensors averaged */
	size_t *number;           /* per tensor of the selection: which of these it is */
	struct bl_catalog file;   /* of the state that is made: mean/..., then last/... */
	struct bl_catalog doubles, lasts; /* as the selection's, in the types of the vectors and of
	                                     the last checkpoint */

	/* For the engine. */
	struct bl_source *from;
	size_t sources;
	const size_t **map;
	struct bl_sink *to;
	size_t sinks;
	const struct bl_catalog **own;
	struct bl_weights weights;
	uint64_t bytes; /* of memory */

	struct bl_wide wide;
	struct bl_grow_part *part; /* what the sources and sinks of vectors know */
	size_t *mean, *last;       /* per tensor of the selection: where the state has it */
	const double **row;
	double *value, *ones;
};

/*
 * Makes all of it for the outputs which[0..outputs) of the plan, but for the sinks' contents.
 * Errors: BL_INPUT, where the state is not of these tensors, naming the first that differs, or not
 * of this plan; BL_USAGE, where a row cannot be resumed; BL_LIMIT.
 */
int bl_grow_make(struct bl_grow *g, const size_t *which, size_t outputs, struct bl_err *err)
	BL_MUST_USE;

/* Lets the job's sources, sinks and weights be those of g. */
void bl_grow_job(const struct bl_grow *g, struct bl_job *job);

/* The outputs are made: takes their sinks, and leads the others into the sink of the state, whose
 * catalogue is g->file. */
void bl_grow_sinks(struct bl_grow *g, const struct bl_sink *output, size_t outputs,
	struct bl_sink *state);

void bl_grow_free(struct bl_grow *g);

#endif
