/*
 * compare.h - two rows of values, a and b, of which b is the reference: where they differ, and by
 * how much.
 *
 * Values are scalars, two of a complex number. Of one type they are the same where their bits are.
 * Of two types they are compared as doubles, to which a whole number above 2^53 is rounded, and are
 * the same where these have the same bits or both are NaN.
 *
 * A pair that is not the same is within a tolerance
 *
 *   where both are finite, if |a - b| <= abs + rel |b|, or there are at most ulp steps from one to
 *     the other;
 *   where none is a number (NaN);
 *
 * so that under the smallest tolerance, of zeros, numbers are compared: -0 is 0, NaN is NaN.
 * Without a tolerance no such pair is. |a - b| and the bound are computed in double, as numpy's
 * isclose() does with doubles; that of two whole numbers of one type is exact, then rounded.
 *
 * Steps lead from a value to the next one of its type, over zero too: from the smallest number
 * below zero there is one to zero, which both zeros are, and another one to the smallest above. Of
 * whole numbers they are the difference. Between two types there are none.
 *
 * All of it is the same for any machine, and for any cut of the rows.
 */
#ifndef BL_COMPARE_H
#define BL_COMPARE_H

#include "exact.h"

/* What may differ. Zero-initialised nothing may. */
struct bl_tolerance {
	bool given;
	double abs, rel; /* finite, not negative */
	uint64_t ulp;
};

/* A pair of values. */
struct bl_spot {
	bool there;
	uint64_t at;      /* which scalar */
	uint64_t code[2]; /* of a and of b: their bits */
	double size;      /* what it is the largest by */
	uint64_t steps;   /* the same of steps */
};

/* The first pair beyond the tolerance, and the first of these that is not finite; then those with
 * the largest |a - b|, |a - b| / |b| where b is not 0, and most steps, among finite pairs that are
 * not the same, within the tolerance or not; of equals the first. */
enum bl_extreme {
	BL_FIRST,
	BL_FIRST_WILD,
	BL_MOST_ABS,
	BL_MOST_REL,
	BL_MOST_STEPS,
	BL_EXTREMES
};

struct bl_difference {
	uint64_t differing; /* pairs that are not the same */
	uint64_t beyond;    /* of these such as are not within the tolerance */
	uint64_t nonfinite; /* of these such of which one is not finite */
	uint64_t nan[2];    /* of a and of b */
	uint64_t finite;    /* pairs of which both are finite; the following are of these */
	double rms;         /* root of the mean of (a - b)^2; NAN where there are none */
	double cosine;      /* of the angle between them; NAN where one of them is all zeros */
	struct bl_spot spot[BL_EXTREMES];
};

/* Sums of squares and products, of doubles, each rounded, and then exact: (a - b)^2, a^2, b^2,
 * -a b. */
struct bl_sums {
	struct bl_exact difference, norm[2], product;
};

/* What one thread compares with, and what it has found. */
struct bl_comparing {
	/* Set by the caller. */
	const struct bl_kernels *kernels;
	enum bl_dtype dtype[2]; /* both real or both complex, none of them BL_OTHER */
	struct bl_tolerance tolerance;

	/* What is found. spot.at counts from the first scalar of the rows. rms and cosine are left
	 * alone, see bl_compare_conclude. */
	struct bl_difference found;
	struct bl_sums sums;

	uint64_t code[2][BL_EXACT_BLOCK];
	double value[2][BL_EXACT_BLOCK], term[BL_EXACT_BLOCK];
};

/* Compares n elements of a and of b, packed and little-endian. found and sums are made anew. */
void bl_compare(struct bl_comparing *c, const void *a, const void *b, uint64_t n);

/* Adds what was found elsewhere, whose places are counted alike. */
void bl_difference_join(struct bl_difference *d, const struct bl_difference *more);
void bl_sums_join(struct bl_sums *s, const struct bl_sums *more);

/* Sets rms and cosine. */
void bl_compare_conclude(struct bl_difference *d, const struct bl_sums *s);

/* Can values of these types be compared? */
bool bl_comparable(enum bl_dtype a, enum bl_dtype b);

/* Are its values whole numbers? */
bool bl_dtype_is_whole(enum bl_dtype dtype);

/* What the bits of a scalar stand for; a whole number above 2^53 rounded. */
double bl_code_value(enum bl_dtype dtype, uint64_t code);

#define BL_CODE_TEXT 40

/* The same as text: whole numbers exact; others to as many digits as the type can have need of,
 * "nan", "inf". buf has BL_CODE_TEXT bytes. Returns buf. */
const char *bl_code_text(enum bl_dtype dtype, uint64_t code, char *buf);

#endif
