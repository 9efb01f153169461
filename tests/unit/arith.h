/*
 * arith.h - arithmetic of the tests' own: values and rounding by definition, random numbers.
 *
 * Nothing here shares a line with the kernels: values are made with ldexp, rounding is a search
 * among all values of the type.
 */
#ifndef BL_ARITH_H
#define BL_ARITH_H

#include "dtype.h"

/* The quiet one, as a double. */
#define ARITH_NAN __builtin_nan("")

/* Advances *state, returns 64 random bits (splitmix64, Steele et al. 2014). */
uint64_t arith_draw(uint64_t *state);

/* A number below n, n > 0. */
uint64_t arith_below(uint64_t *state, uint64_t n);

/* Bits of a scalar: any pattern, with a good share of zeros, limits, infinities and NaN. */
uint64_t arith_draw_bits(uint64_t *state, enum bl_scalar s);

/* The same, but finite. */
uint64_t arith_draw_finite(uint64_t *state, enum bl_scalar s);

/* What the bits of a scalar stand for. */
double arith_value(enum bl_scalar s, uint64_t bits);

/* The value behind a positive finite one; behind the last finite one what would follow if the
 * exponents went on. */
double arith_next(enum bl_scalar s, uint64_t bits);

/* Bits of the positive infinity. */
uint64_t arith_infinity(enum bl_scalar s);

/* Bits of d rounded to nearest, ties to even; NaN is positive and quiet without a payload. */
uint64_t arith_round(enum bl_scalar s, double d);

/* Does it round to beyond the largest value of an 8-bit type, which is then taken instead? */
bool arith_saturates(enum bl_scalar s, double d);

/* Scalar j of an array, as bits, and back. */
uint64_t arith_get(enum bl_scalar s, const void *array, size_t j);
void arith_put(enum bl_scalar s, void *array, size_t j, uint64_t bits);

/* The same bits, or both NaN. */
bool arith_same(double a, double b);

#endif
