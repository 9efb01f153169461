/*
 * select.h - which tensors the outputs hold, what becomes of each, and in which type.
 */
#ifndef BL_SELECT_H
#define BL_SELECT_H

#include "align.h"
#include "overlay.h"

enum bl_fate { BL_FATE_COPY, BL_FATE_AVERAGE, BL_FATE_SKIP };

/* What the user has said of some tensors. */
struct bl_rule {
	enum bl_fate fate;
	const char *glob; /* as fnmatch has them; * and ? also match . and / */
	bool used;        /* set: some tensor matches */
	enum bl_option option;            /* that it is of */
	const struct bl_overlay *overlay; /* settings of its own; NULL: those of the output */
	const char *from;                 /* --copy-from of its own; NULL: that of the policy */
	size_t copy_from;                 /* the checkpoint that from names */
};

/* For tensors that not all checkpoints have. */
enum bl_missing {
	BL_MISSING_REFUSE,
	BL_MISSING_COPY, /* copied where the last one has it, else left out */
	BL_MISSING_SKIP, /* left out */
	BL_MISSING_UNION /* averaged over those that have it */
};

enum bl_f8_policy { BL_F8_REFUSE, BL_F8_COPY, BL_F8_AVERAGE };

struct bl_policy {
	struct bl_rule *rule; /* the first that matches holds */
	size_t rules;
	enum bl_missing missing;
	enum bl_f8_policy f8;
	size_t copy_from; /* the checkpoint that tensors are copied from; where it lacks one, the
	                     last that has it */
	bool retype;      /* averages are stored as dtype */
	enum bl_dtype dtype;
	bool (*holds)(enum bl_dtype); /* the output's format; NULL: everything */
};

/* What becomes of the tensors of an alignment, entry by entry. Zero-initialised is empty. */
struct bl_selection {
	struct bl_alignment all;
	struct bl_catalog cat; /* with the types of the outputs; names and extents are borrowed from
	                          the sources, chunks are the last checkpoint's; its extras are
	                          what the outputs do not keep */
	bool *averaged, *skipped;
	size_t *from;          /* what is copied: the checkpoint it comes from */
	size_t *overlay_of;    /* of an average: 0, or 1 + the place of its settings in overlay */
	size_t averages, copies, skips;
	size_t partial;        /* of the averages: such as not all checkpoints have */
	const struct bl_overlay **overlay; /* those that averages have, of the policy's rules */
	size_t *overlay_tensors;           /* how many have each */
	size_t overlays;
	bool retype;           /* as the policy has them */
	enum bl_dtype dtype;
};

/*
 * Selects among the tensors of n > 0 checkpoints, which must stay open. Marks the policy's rules
 * that match. Errors: BL_INPUT for tensors that differ, for such as are to be averaged and cannot
 * be read, and for 8-bit floats that policy refuses.
 * Freed with bl_selection_free also after a failure.
 */
int bl_select(const struct bl_source *source, size_t n, struct bl_policy *policy,
	struct bl_selection *s, struct bl_err *err) BL_MUST_USE;
void bl_selection_free(struct bl_selection *s);

/* Averages that have the settings of the output. */
size_t bl_selection_plain(const struct bl_selection *s);

/* Bytes that one of these checkpoints will take, at least. */
uint64_t bl_selection_least(const struct bl_source *source, size_t n);

/* Bytes that it takes. */
uint64_t bl_selection_bytes(const struct bl_selection *s);

#endif
