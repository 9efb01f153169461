/*
 * diff.h - two checkpoints, a and b, of which b is the reference: which tensors differ, and how.
 *
 * Tensors are the same ones where their names are: those of a are spelled as b's (names.h). Where
 * both have one, and its shape is the same, the values are compared (compare.h), also where the
 * types are not the same.
 *
 * Values that have the same bits are only looked at as bits. So of a tensor that is all the same
 * nothing else is known. Of such as are the same in parts, RMS, cosine and NaN take a second look
 * (bl_diff_again).
 */
#ifndef BL_DIFF_H
#define BL_DIFF_H

#include "align.h"
#include "compare.h"
#include "run.h"
#include "settings.h"

#include <stdio.h>

/* What there is to say of a tensor. */
enum bl_diff_fate {
	BL_DIFF_SAME,     /* bit for bit */
	BL_DIFF_WITHIN,   /* differs, within the tolerance */
	BL_DIFF_VALUES,   /* differs beyond it: "differ" */
	BL_DIFF_TYPE,     /* has another type; its values may be as they like */
	BL_DIFF_SHAPE,    /* has another shape */
	BL_DIFF_ONLY_A,
	BL_DIFF_ONLY_B,
	BL_DIFF_LEFT_OUT, /* is no array of numbers, and not compared */
	BL_DIFF_FATES
};

/* "same", "within", "differ", "type", "shape", "only_a", "only_b", "left_out" */
const char *bl_diff_word(enum bl_diff_fate fate);

/* Does it set the checkpoints apart? */
static inline bool bl_diff_tells(enum bl_diff_fate fate)
{
	return fate >= BL_DIFF_VALUES && fate <= BL_DIFF_ONLY_B;
}

/* Tolerance of tensors whose name a pattern matches: what it says counts, the rest is as for all
 * others. */
struct bl_diff_rule {
	const char *glob; /* as fnmatch has them; * and ? also match . and / */
	bool abs, rel, ulp; /* says something of it */
	bool exact;         /* there is no tolerance at all */
	struct bl_tolerance tolerance;
	bool used; /* set: some tensor matches */
};

struct bl_diff_glob {
	const char *glob;
	bool used; /* set */
};

/* What the user has said. */
struct bl_diff_policy {
	struct bl_tolerance tolerance;
	struct bl_diff_rule *rule; /* the first that matches holds */
	size_t rules;
	struct bl_diff_glob *include; /* only what one of them matches; none of them: all */
	size_t includes;
	struct bl_diff_glob *exclude; /* nothing of what one of them matches */
	size_t excludes;
	bool any_type; /* another type is no difference, if the values agree */
	char *globs;   /* of the rules */
};

/* A tensor of a or b. */
struct bl_diff_of {
	const struct bl_tensor *tensor[2]; /* of a, of b; NULL: it has none */
	enum bl_diff_fate fate;
	struct bl_tolerance tolerance;
	bool compared;                     /* the values are */
	bool looked;                       /* found is known, all of it */
	uint64_t values;                   /* elements */
	struct bl_difference found;
};

/* Zero-initialised is empty; freed with bl_diff_free also after a failure. */
struct bl_diff {
	const struct bl_source *source; /* a and b; borrowed */
	struct bl_diff_of *of; /* those that were not excluded: b's, in its order, then what a has
	                          beside them */
	size_t tensors;
	size_t excluded;
	size_t count[BL_DIFF_FATES];  /* see bl_diff_finish */
	uint64_t values, beyond;      /* elements compared; scalars beyond the tolerance */

	/* For a run. */
	struct bl_catalog cat;        /* the tensors that are compared */
	size_t *map[2];
	size_t *place;                /* per tensor of cat: where it is in of */
	bool *needed;                 /* per tensor of cat */
	struct bl_survey survey;

	const struct bl_kernels *kernels;
	bool again;                   /* the second look */
	bool equal;                   /* a tile of the tensor under way was */
	struct bl_difference found;   /* of that tensor */
	struct bl_sums sums;
};

/*
 * Finds the tensors of a and b, which must stay open, names spelled alike, and decides on all that
 * needs no values. Marks what of the policy matches. Errors: BL_INPUT for a tensor whose values
 * cannot be read; BL_LIMIT. d must stay where it is.
 */
int bl_diff_make(struct bl_diff *d, const struct bl_source *source, struct bl_diff_policy *policy,
	const struct bl_kernels *kernels, struct bl_err *err) BL_MUST_USE;
void bl_diff_free(struct bl_diff *d);

/* Bytes that it will take for two checkpoints: UINT64_MAX where no number holds them. */
uint64_t bl_diff_bytes(const struct bl_source *source);

/* Fills in what a run needs of it: source, catalogue, map, what is needed, the survey. */
void bl_diff_job(struct bl_diff *d, struct bl_job *job);

/* After the first run: is a second one worth it? Makes it one of the tensors that need it. */
bool bl_diff_again(struct bl_diff *d);

/* After the last one: decides, counts. */
void bl_diff_finish(struct bl_diff *d);

/* ---- what was said ---- */

/* Makes a policy of the settings of belay-diff, which must stay. Error: BL_USAGE for a rule that is
 * none; BL_LIMIT. Freed with bl_diff_policy_free also after a failure. */
int bl_diff_policy_make(
	struct bl_diff_policy *p, const struct bl_settings *s, struct bl_err *err) BL_MUST_USE;
void bl_diff_policy_free(struct bl_diff_policy *p);

/* Pattern number i that no tensor matches, as it was said: "--exclude x"; false: there are no more.
 * buf of cap bytes. */
bool bl_diff_unused(const struct bl_diff_policy *p, size_t i, char *buf, size_t cap);

/* ---- metadata ---- */

/* What a and b say differently under a key; NULL: it does not say anything. */
struct bl_diff_meta {
	const char *key, *value[2];
};

/* Lists it: b's keys in its order, then such as a has beside them; the record of names (names.h) is
 * left out. *list is malloc'd, freed by the caller. Error: BL_LIMIT. */
int bl_diff_metadata(const struct bl_source *source, struct bl_diff_meta **list, size_t *n,
	struct bl_err *err) BL_MUST_USE;

/* ---- showing it ---- */

#define BL_DIFF_RANK 64 /* of a tensor, at most */

/* Where scalar number `at` of a tensor is: its coordinates, rank of them; returns which part of a
 * complex number it is, 0 or 1. */
unsigned bl_diff_place(const struct bl_tensor *t, uint64_t at, uint64_t *coordinate);

/* The places in of, what says most first: what only one has, shapes, types, values that are not
 * finite, then by the largest difference; those that are the same last. *order is malloc'd, freed
 * by the caller. Error: BL_LIMIT. */
int bl_diff_order(const struct bl_diff *d, size_t **order, struct bl_err *err) BL_MUST_USE;

/* All there is to show, when it is finished. Borrowed. */
struct bl_diff_view {
	const struct bl_diff *diff;
	const struct bl_diff_meta *meta; /* n of them; NULL: they are not looked at */
	size_t metas;
	bool meta_tells; /* they are differences */
	size_t top;      /* tensors that differ, at most */
	bool all;        /* such as do not, too */
};

bool bl_diff_differ(const struct bl_diff_view *v);

/* Parts of it: what there is to say of a tensor behind its name, without a line break; its numbers,
 * in lines, none where nothing differs; how metadata differ, in lines; and the last line, the
 * verdict. */
void bl_diff_say(FILE *to, const struct bl_diff *d, const struct bl_diff_of *of);
void bl_diff_say_numbers(FILE *to, const struct bl_diff_of *of);
void bl_diff_say_metadata(FILE *to, const struct bl_diff_view *v);
void bl_diff_verdict_text(FILE *to, const struct bl_diff_view *v);

/* In words. Error: BL_LIMIT, no memory. */
int bl_diff_text(FILE *to, const struct bl_diff_view *v, struct bl_err *err) BL_MUST_USE;

#endif
