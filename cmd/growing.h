/*
 * growing.h - runs that grow: --state.
 *
 * The state of the run before is read first, and tells which checkpoints are new (inputs.h). The
 * state of this run is made beside the outputs, in the same pass, and gets its name last: whatever
 * ends a run, the state is the old one or the new one, and no output is older than it.
 */
#ifndef BL_GROWING_H
#define BL_GROWING_H

#include "grow.h"
#include "inputs.h"
#include "outputs.h"
#include "remarks.h"

/* Zero-initialised is empty: a run without a state, for which all of this does nothing. Freed with
 * bl_growing_free also after a failure. Must not move once the job is made. */
struct bl_growing {
	const char *path; /* NULL: no --state */
	bool exists;
	struct bl_files *pool;
	struct bl_source source; /* where it exists */
	struct bl_state old, now;
	struct bl_grow grow;
	unsigned flags; /* enum bl_output_flag */

	char *text; /* of now */
	struct bl_source none; /* the template of what is made */
	struct bl_output *file;
	struct bl_sink sink;
};

/* Reads the state that --state names, if it is there. Errors: BL_USAGE, for options and names that
 * do not go with it; BL_INPUT, where it is none. The cases are those of the run. */
int bl_growing_open(struct bl_growing *g, const struct bl_settings *s, const struct bl_case *cases,
	size_t n, struct bl_err *err) BL_MUST_USE;

/* What was folded in; NULL: nothing. */
const struct bl_state *bl_growing_past(const struct bl_growing *g);

/* Refuses a plan that is not the one that the state is of, or whose lengths would change with every
 * checkpoint, and where there are no inputs an output that is not there: BL_USAGE. */
int bl_growing_compare(struct bl_growing *g, const struct bl_inputs *in,
	const struct bl_plan *plan, const struct bl_settings *s, struct bl_err *err) BL_MUST_USE;

/* Gives the job sources, sinks and weights; the outputs are chosen. Errors: those of
 * bl_grow_make. */
int bl_growing_job(struct bl_growing *g, const struct bl_inputs *in,
	const struct bl_selection *selection, const struct bl_plan *plan,
	const struct bl_outputs *out, struct bl_job *job, struct bl_err *err) BL_MUST_USE;

/* Makes the temporary of the state, which keeps other runs out, before those of the outputs.
 * Errors: BL_OUTPUT; BL_INPUT, where another run has changed the state. */
int bl_growing_create(
	struct bl_growing *g, const volatile sig_atomic_t *stop, struct bl_err *err) BL_MUST_USE;

/* The outputs are created: leads the vectors into the state. */
void bl_growing_join(struct bl_growing *g, const struct bl_outputs *out);

/* As bl_inputs_unchanged, for the state; also one that appeared where there was none. */
int bl_growing_unchanged(const struct bl_growing *g, int rc, struct bl_err *err) BL_MUST_USE;

/* Lets c do what is still to be done with the old state and the new one. */
void bl_growing_confine(const struct bl_growing *g, struct bl_confine *c);

/* All values are written: completes and syncs the state. */
int bl_growing_complete(struct bl_growing *g, struct bl_err *err) BL_MUST_USE;

/* Gives it its name; the outputs have theirs. */
int bl_growing_publish(struct bl_growing *g, struct bl_err *err) BL_MUST_USE;

/* Says what is in the state, and whether any of it is new. */
void bl_growing_tell(const struct bl_growing *g, const struct bl_inputs *in,
	const struct bl_voice *voice);

/* Removes a state that was not published. */
void bl_growing_abandon(struct bl_growing *g);

void bl_growing_free(struct bl_growing *g);

#endif
