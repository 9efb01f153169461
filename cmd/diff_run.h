/*
 * diff_run.h - what belay-diff does: a function for each kind of comparison, and what they share.
 */
#ifndef BL_DIFF_RUN_H
#define BL_DIFF_RUN_H

#include "diff_pages.h"
#include "diff_report.h"
#include "sets.h"
#include "voice.h"

/* All that a run holds. Zero-initialised but for the program; freed with bl_diff_run_free. */
struct bl_diff_run {
	struct bl_settings settings;
	struct bl_args args;
	struct bl_events events;
	struct bl_voice voice;
	struct bl_diff_pages pages;
	const volatile sig_atomic_t *stop;
	struct bl_diff_policy policy;
	struct bl_sets sets; /* with --sets */
	struct bl_inputs in; /* the pair under way */
	const int64_t *time; /* of that pair; NULL: it is none of sets */
	struct bl_progress progress;

	/* What is known so far. */
	bool differ;
	size_t pairs, differing; /* compared; of these such as differ */
	size_t alone;            /* of sets: checkpoints of no pair */
	char *verdict;           /* for the pages: the last line of words; malloc'd */
	struct bl_count count[BL_DIFF_COUNTS];
};

void bl_diff_run_free(struct bl_diff_run *r);

/* ---- the kinds ---- */

/* The two operands. */
int bl_diff_two(struct bl_diff_run *r, struct bl_err *err) BL_MUST_USE;

/* All operands, against a list of digests. */
int bl_diff_against(struct bl_diff_run *r, struct bl_err *err) BL_MUST_USE;

/* Two sets, paired by time. */
int bl_diff_sets(struct bl_diff_run *r, struct bl_err *err) BL_MUST_USE;

/* ---- what they share ---- */

/* Compares two checkpoints, of which b is the reference, and tells of them. The policy is made.
 * Errors: BL_INPUT for what cannot be read; BL_USAGE where patterns leave nothing to compare; those
 * of a run. */
int bl_diff_pair(struct bl_diff_run *r, const char *a, const char *b, struct bl_err *err)
	BL_MUST_USE;

/* Are words wanted on standard output, which may hold something else? */
bool bl_diff_speaks(const struct bl_diff_run *r);

/* Tells of a checkpoint that only one of the sets has. */
void bl_diff_tell_alone(
	struct bl_diff_run *r, int64_t time, enum bl_diff_fate fate, const char *path);

/* Tells of a pair that has been compared: in words, in the report. Error: BL_LIMIT. */
int bl_diff_tell(struct bl_diff_run *r, const struct bl_diff_view *v, struct bl_err *err)
	BL_MUST_USE;

#endif
