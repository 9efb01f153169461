/*
 * exact.h - sums of doubles without any error.
 *
 * A sum is kept as one long whole number, so that it is the same in whatever order and groups its
 * terms come, and is rounded once, when it is asked for.
 *
 * Terms that come many at a time are cut at powers of two: what stands above a cut is a multiple of
 * the same power, and a thousand of these add up in a double without rounding (S. M. Rump,
 * T. Ogita, S. Oishi, "Accurate floating-point summation", 2008). What comes of that goes into the
 * long number (R. M. Neal, "Fast exact summation using small and large superaccumulators", 2015).
 */
#ifndef BL_EXACT_H
#define BL_EXACT_H

#include "kernels.h"

/* The sum of digit[k] 2^(32 k - 1088), and how many doubles may have gone into a digit since all
 * were below 2^32. Zero-initialised is 0. No more than 2^60 terms. */
struct bl_exact {
	int64_t digit[69];
	uint64_t held;
	bool overflow; /* a term was not finite */
};

/* Terms that come at a time, and the multiple of which their number is. */
#define BL_EXACT_BLOCK 1024
#define BL_EXACT_LANES BL_KERNEL_LANES

void bl_exact_add(struct bl_exact *sum, double term);

/* Adds n terms, at most BL_EXACT_BLOCK and a multiple of BL_EXACT_LANES, none of them larger in
 * size than most. The terms are used up. */
void bl_exact_block(const struct bl_kernels *kernels, struct bl_exact *sum, double *term, size_t n,
	double most);

/* Adds another sum. */
void bl_exact_join(struct bl_exact *sum, const struct bl_exact *more);

/* The double nearest to the sum, ties to even; infinite where it, or a term, is too large. */
double bl_exact_value(const struct bl_exact *sum);

#endif
