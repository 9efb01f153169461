/*
 * posthoc.h - the mix of profiles that comes nearest to another one.
 *
 * Of n profiles p_j with the inner products G_jk = <p_j, p_k> and a target t with r_j = <p_j, t>,
 * the weights c_j with the sum 1 for which |sum c_j p_j - t| is least:
 *   c = c0 + h (1 - sum c0) / sum h,   c0 = G^-1 r,   h = G^-1 1.
 * G is scaled to a diagonal of ones and factored by Cholesky in double; a refinement with residues
 * in double-double brings c0 and h to about the accuracy of G, r. The same bits everywhere.
 */
#ifndef BL_POSTHOC_H
#define BL_POSTHOC_H

#include "dynamics.h"

#define BL_POSTHOC_MOST 1000 /* profiles; a mix of so many is long out of reach of doubles */

/* Everything is borrowed. */
struct bl_posthoc {
	const struct bl_dd *gram;  /* n x n, symmetric, all of it */
	const struct bl_dd *right; /* n */
	struct bl_dd square;       /* <t, t> */
	size_t n;                  /* 1 .. BL_POSTHOC_MOST */
	bool divide;               /* c = c0 / sum c0 instead, as EDM2 has it */
};

/*
 * Fills c[0 .. n-1] and residual, share and condition of *fit. *dependent is n, or the first
 * profile that is a mix of those before it, up to rounding: then there is no c. Error: BL_LIMIT, no
 * memory.
 */
int bl_posthoc_solve(const struct bl_posthoc *p, double *c, struct bl_fit *fit, size_t *dependent,
	struct bl_err *err) BL_MUST_USE;

#endif
