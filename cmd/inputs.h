/*
 * inputs.h - the checkpoints of a run: opened, in time order.
 */
#ifndef BL_INPUTS_H
#define BL_INPUTS_H

#include "choose.h"
#include "formats.h"
#include "profile.h"
#include "settings.h"
#include "state.h"
#include "timeline.h"

/* Zero-initialised is empty; freed with bl_inputs_free also after a failure. */
struct bl_inputs {
	/* Set before they are opened. */
	const volatile sig_atomic_t *stop; /* a signal's number once it came; NULL: none */
	size_t leave;                      /* descriptors that the outputs will need */
	bool snapshots; /* they are averages whose profiles count: several may have one time */
	bool look; /* they are only looked at: averages and the same file twice are fine, names
	              stay as they are, and where times cannot be found, without having been asked
	              for, the order is that given and there are none */
	bool timed; /* looked at or not, they must have times */
	bool as_given; /* the order is that given, and there are no times; names are spelled alike,
	                  though they may be only looked at */
	const struct bl_state *state;      /* checkpoints that are folded in; NULL: none are */

	struct bl_files *pool;
	struct bl_source *source; /* by ascending time, snapshots of one time by profile; of a
	                             state, such as are new */
	size_t n;
	int64_t *time; /* NULL: there are none, see look */
	struct bl_profile *profile; /* of each; NULL: they are no snapshots */
	size_t past; /* the state's checkpoints, which come before the sources */
	bool still;  /* nothing is new: the source is the state's last, which past then lacks; or
	                there is none */
	struct bl_chosen chosen; /* of those that were given */
	enum bl_time_origin origin;
	const char *time_key; /* for BL_TIME_KEY */
};

/*
 * Opens path[0..n), orders them, and keeps those that the settings ask for (choice.h). The names of
 * their tensors are spelled as the last one has them (names.h). What a state has seen is known by
 * its time, and must have its name and size. Errors: BL_USAGE for the same file twice, an input
 * that is an average, times (timeline.h), profiles (profiles.h), where nothing is left, and such as
 * a state can no longer take; BL_INPUT for files; BL_OK without a text where a signal came. The
 * paths are borrowed.
 */
int bl_inputs_open(struct bl_inputs *in, const char *const *path, size_t n,
	const struct bl_settings *s, struct bl_err *err) BL_MUST_USE;

/* The times of all checkpoints, those of the state first; malloc'd, NULL when there is no memory,
 * with err set. */
int64_t *bl_inputs_times(const struct bl_inputs *in, struct bl_err *err) BL_MUST_USE;

/* The end of what was done with the inputs, which had the result rc: fails when a file is not what
 * it was when it was opened; then that is said, whatever else seemed to be wrong with an input. */
int bl_inputs_unchanged(const struct bl_inputs *in, int rc, struct bl_err *err) BL_MUST_USE;

/* Memory taken, in bytes. */
uint64_t bl_inputs_bytes(const struct bl_inputs *in);

void bl_inputs_free(struct bl_inputs *in);

#endif
