/*
 * sets.h - two sets of checkpoints, each named by a word: what is in them, and when it was saved.
 */
#ifndef BL_SETS_H
#define BL_SETS_H

#include "inputs.h"

/* Zero-initialised is empty; freed with bl_sets_free also after a failure. */
struct bl_sets {
	const char **path; /* those of a, then those of b; malloc'd; each by time */
	int64_t *time;     /* of each */
	size_t n[2];       /* of a, of b: at least 1 */
};

/*
 * Finds what the words of a and b name: a pattern, what matches it; a folder, the checkpoints in
 * it, which are files of a format's suffix and folders that hold one checkpoint, or itself where it
 * is one in shards. Opens them with in, which is left without them, to find the times, of each set
 * by itself, and lets c open them once more. After a failure in has what a message may be about.
 * Errors: BL_USAGE for a word that names nothing, for times (timeline.h); BL_INPUT for what cannot
 * be read; BL_LIMIT.
 */
int bl_sets_find(struct bl_sets *sets, const char *const word[2], struct bl_inputs *in,
	const volatile sig_atomic_t *stop, const struct bl_settings *s, struct bl_confine *c,
	struct bl_err *err) BL_MUST_USE;

void bl_sets_free(struct bl_sets *sets);

#endif
