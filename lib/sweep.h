/*
 * sweep.h - lists and ranges of values.
 */
#ifndef BL_SWEEP_H
#define BL_SWEEP_H

#include "settings.h"

/* Most values that an option may have, and most outputs that they may make. */
#define BL_SWEEP_MAX 10000

/* Values and their texts. Zero-initialised is empty. */
struct bl_values {
	struct bl_value *value; /* n of them */
	size_t n;
	char *texts; /* each text with its NUL, one behind the other */
	size_t used; /* bytes in texts */
};

/*
 * Appends what text stands for: one value, or, where the option sweeps, a list a,b,c of values and
 * ranges A:B:N (evenly spaced) and A:B:logN (geometrically spaced). The points of a range are
 * decimal numbers, of 15 significant digits at most, and their texts the shortest that stand for
 * them: what a name shows is what was computed with, on every machine. The values' texts
 * are valid until the next call. After a failure there is still something to free. Errors BL_USAGE.
 */
int bl_values_parse(const struct bl_option_info *info, const char *text, struct bl_values *values,
	struct bl_err *err) BL_MUST_USE;
void bl_values_free(struct bl_values *values);

#endif
