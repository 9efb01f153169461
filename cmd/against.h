/*
 * against.h - checkpoints against a list of digests that was kept (golden.h).
 *
 * A list of one checkpoint is held against the one that is named. Else they are paired by their
 * times, or where some have none, in their order.
 */
#ifndef BL_AGAINST_H
#define BL_AGAINST_H

#include "digests.h"

/* A checkpoint of the list, and one of those that are named; BL_NOWHERE: there is none. */
struct bl_against_pair {
	size_t was, is;
	size_t other, missing, more; /* tensors that differ; only the list, only the other has */
};

/* Zero-initialised is empty; freed with bl_against_free also after a failure. */
struct bl_against {
	struct bl_goldens list;
	struct bl_inputs in;
	struct bl_golden *now;        /* of each input */
	struct bl_against_pair *pair; /* those of the list in its order, then such as it lacks */
	size_t pairs;
	size_t differ;                /* of them */
};

/* Reads the list, - is standard input, and opens the n checkpoints path. Errors: BL_INPUT, naming
 * the file, for a list that is none; those of bl_inputs_open. */
int bl_against_open(struct bl_against *a, const char *list, const char *const *path, size_t n,
	const struct bl_settings *s, const volatile sig_atomic_t *stop,
	struct bl_err *err) BL_MUST_USE;

/* Reads all values, and holds one against the other. progress: zeroed; it is counted there. Errors:
 * those of bl_digests_of_inputs; BL_OK without a text where a signal came. */
int bl_against_make(struct bl_against *a, const struct bl_settings *s,
	struct bl_progress *progress, struct bl_err *err) BL_MUST_USE;
void bl_against_free(struct bl_against *a);

/* Is there a difference in a pair? */
bool bl_against_differs(const struct bl_against_pair *pair);

/* Parts of the words: the checkpoint of a pair; what there is to say of it, in lines; the last
 * line, the verdict. */
void bl_against_name(FILE *to, const struct bl_against *a, const struct bl_against_pair *pair);
void bl_against_say(FILE *to, const struct bl_against *a, const struct bl_against_pair *pair,
	size_t top);
void bl_against_verdict(FILE *to, const struct bl_against *a);

/* In words: of each pair at most so many tensors that differ. */
void bl_against_text(FILE *to, const struct bl_against *a, size_t top);

#endif
