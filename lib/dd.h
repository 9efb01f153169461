/*
 * dd.h - double-double arithmetic: about 106 bits from two doubles.
 *
 * Only + - * / and sqrt of IEEE doubles, and exact operations (frexp, ldexp), so the results are
 * the same bits on every machine; exp, log and their kin of libm are not. A value is h + l with
 * |l| at most half a unit in the last place of h. Relative errors are a few times 2^-104. Operands
 * must stay within 1e-150..1e150 in size, or be 0. All functions are pure and thread-safe.
 *
 * T. J. Dekker, "A floating-point technique for extending the available precision" (1971).
 */
#ifndef BL_DD_H
#define BL_DD_H

#include <stdint.h>

struct bl_dd {
	double h, l;
};

struct bl_dd bl_dd(double a);
struct bl_dd bl_dd_whole(int64_t a); /* exact */
struct bl_dd bl_dd_sum(double a, double b); /* exact */
double bl_dd_round(struct bl_dd a); /* to the nearest double */

struct bl_dd bl_dd_neg(struct bl_dd a);
struct bl_dd bl_dd_add(struct bl_dd a, struct bl_dd b);
struct bl_dd bl_dd_sub(struct bl_dd a, struct bl_dd b);
struct bl_dd bl_dd_mul(struct bl_dd a, struct bl_dd b);
struct bl_dd bl_dd_div(struct bl_dd a, struct bl_dd b); /* b must not be 0 */
struct bl_dd bl_dd_sqrt(struct bl_dd a);                /* a >= 0 */

struct bl_dd bl_dd_ln2(void);
struct bl_dd bl_dd_log(struct bl_dd a);   /* natural; a > 0 */
struct bl_dd bl_dd_log1p(struct bl_dd a); /* log(1 + a); a > -1 */
struct bl_dd bl_dd_expm1(struct bl_dd a); /* e^a - 1; a <= 1 */

/* e^(x + iy) - 1 for x <= 1; the error is small against its modulus. */
void bl_dd_cexpm1(struct bl_dd x, struct bl_dd y, struct bl_dd *re, struct bl_dd *im);

#endif
