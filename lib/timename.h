/*
 * timename.h - the time that the name of a checkpoint tells.
 *
 * The last whole number in the part of the path that differs between the inputs. Known suffixes
 * (.weights.h5, .safetensors.index.json, ...) and closing slashes are no part of it, and it begins
 * and ends at whole numbers: ckpt_15 and ckpt_25 differ in 15 and 25, not in 1 and 2. A decimal
 * number (loss0.45, lr3e-5) is no whole number and is passed over; a hyphen is never a minus. One
 * input alone has no part that differs: there the last whole number of its base name counts, or
 * where that is no more than a model, as in checkpoint-500/model.safetensors, of its folder's.
 *
 * A last number is only the time if it stands for the same thing in all names. So names with
 * several numbers must follow one pattern (epoch=3-step=1200 beside epoch=4-step=1500-v1 do not),
 * and no number before the last may order the checkpoints otherwise (epoch_1/batch_900 and
 * epoch_2/batch_100).
 */
#ifndef BL_TIMENAME_H
#define BL_TIMENAME_H

#include "err.h"

#include <stdbool.h>

/* The number of one name. */
struct bl_name_time {
	const char *text; /* its digits, in the path; NULL: there is none */
	size_t length;
	bool exponent; /* "1e4", which could be ten thousand or the fourth of something */
};

/* What the names are together. */
enum bl_names {
	BL_NAMES_CLEAR,
	BL_NAMES_MIXED,     /* no one pattern: the last numbers may not be the same thing */
	BL_NAMES_CONTRADICT /* another number orders the checkpoints otherwise */
};

/*
 * Fills time[i] for path[i], count >= 1 of them; the texts point into the paths. *names is only
 * meaningful where every name has its number. Errors: BL_LIMIT, out of memory.
 */
int bl_names_find(const char *const *path, size_t count, struct bl_name_time *time,
	enum bl_names *names, struct bl_err *err) BL_MUST_USE;

#endif
