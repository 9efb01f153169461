/*
 * kernels.h - the inner loops: one plain C template compiled per instruction set.
 *
 * All sets give the same bytes: the arithmetic is +, -, *, / and conversions of IEEE 754, each
 * correctly rounded, in a fixed order per element, and never contracted.
 */
#ifndef BL_KERNELS_H
#define BL_KERNELS_H

#include "dtype.h"

/* Outputs whose sums one call makes at most, and the weights of a checkpoint in them. */
#define BL_KERNEL_OUTPUTS 8
typedef double bl_factors[BL_KERNEL_OUTPUTS];

/* Elements of which the loop for several outputs takes a multiple. */
#define BL_KERNEL_STEP 64

/* Of what the loops over sums and pairs take, the number is a multiple of this. */
#define BL_KERNEL_LANES 32

/* The loops for one scalar type, n scalars each. Arrays need no alignment but their element's. */
struct bl_kernel {
	/* out[j] = x[j], as double. */
	void (*load)(double *out, const void *x, size_t n);

	/* out[j] = ref[j] - x[j]. */
	void (*gap)(double *out, const double *ref, const void *x, size_t n);

	/* Adds to the sum of one output: acc[j] += w[0][0] (ref[j] - x[0][j]), then w[1][0] ...,
	 * for inputs of them; fresh: to zero, whatever acc holds. */
	void (*add_one)(double *acc, bool fresh, const double *ref, const void *const *x,
		size_t inputs, const bl_factors *w, size_t n);

	/* out[j] = scale ref[j] - acc[j] / divisor, rounded once to the type, to nearest, ties to
	 * even. Returns whether all results are finite. A NaN comes out as the positive quiet one.
	 * The 8-bit types saturate: a finite result that is too large becomes the largest value, as
	 * does an infinite one where the type has no infinity; then, too, false is returned. */
	bool (*store)(void *out, const double *acc, const double *ref, double scale, double divisor,
		size_t n);
};

/*
 * Adds gaps to the sums of 2, 4 or 8 outputs, which share all loads: acc[p * stride + j] +=
 * w[0][p] d[0][j], then w[1][p] d[1][j] ..., for inputs of them; fresh: to zero, whatever acc
 * holds. n is a multiple of BL_KERNEL_STEP.
 */
typedef void (*bl_add_loop)(double *acc, size_t stride, size_t outputs, bool fresh,
	const double *const *d, size_t inputs, const bl_factors *w, size_t n);

/* The loops over terms of a sum (exact.h), n of them: a multiple of BL_KERNEL_LANES. */
struct bl_sum_kernel {
	/* term[j] = (x[j] - y[j])^2. Returns the largest; NaN may be passed over. */
	double (*square)(double *term, const double *x, const double *y, size_t n);

	/* term[j] = (x[j] - y[j]) (y[j] - z[j]). Returns the largest size, likewise. */
	double (*product)(
		double *term, const double *x, const double *y, const double *z, size_t n);

	/* Takes from each term what (cut + term) - cut is, and returns the sum of that; *left:
	 * something is left of some term. */
	double (*take)(double *term, double cut, size_t n, bool *left);

	/* How many are not finite. */
	size_t (*wild)(const double *x, size_t n);
};

/* Pairs of values: what is asked of them, and what a loop found (compare.h). */
struct bl_pairs {
	/* Set by the caller: how far the farthest pair before these was apart, -1 where there was
	 * none; the tolerance. */
	double most_abs, most_rel;
	uint64_t most_steps;
	bool given;
	double abs, rel;
	uint64_t ulp;

	size_t differing, beyond; /* pairs */
	bool more; /* one is farther apart than those before, in some way */
};

/* Compares x[j] with y[j], n pairs of finite values: a multiple of BL_KERNEL_LANES. a and b are
 * their codes. */
typedef void (*bl_pair_loop)(struct bl_pairs *p, const double *x, const double *y, const void *a,
	const void *b, size_t n);

#define BL_CODE_BYTES 8 /* at most */

/* One instruction set. */
struct bl_kernels {
	const char *name; /* "base", "avx2", "avx512" */
	bl_add_loop add_several;
	struct bl_sum_kernel sum;
	/* By bytes of a code, which is a sign and a size: 1, 2, 4, 8; 0: codes are not looked at.
	 * The others are NULL. */
	bl_pair_loop pairs[BL_CODE_BYTES + 1];
	struct bl_kernel kernel[BL_SCALARS]; /* by enum bl_scalar; BL_SCALAR_NONE is empty */
};

/* Does a result saturate in an 8-bit type? NaN does not, nor an infinity where the type has one. */
bool bl_f8_saturates(enum bl_scalar s, double result);

/* The best set that this machine has and mask (the value of BELAY_CPU; NULL: no mask) allows. An
 * unknown mask is an error of the caller's: NULL. */
const struct bl_kernels *bl_kernels(const char *mask);

#endif
