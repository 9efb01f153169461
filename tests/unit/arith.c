/* arith.c - arithmetic of the tests' own: values and rounding by definition, random numbers. */
#include "arith.h"

#include <math.h>
#include <string.h>

/* IEEE 754 layouts: a sign, exponent bits, fraction bits, the code of the largest value. The fnuz
 * types have one code, that of a negative zero, for NaN, and a bias that is larger by 1. */
static const struct {
	int exponent, fraction;
	uint64_t most;
	bool fnuz;
} layout[BL_SCALARS] = {
	[BL_SCALAR_F16] = {5, 10, 0x7bff, false},
	[BL_SCALAR_BF16] = {8, 7, 0x7f7f, false},
	[BL_SCALAR_F32] = {8, 23, 0x7f7fffff, false},
	[BL_SCALAR_F64] = {11, 52, UINT64_C(0x7fefffffffffffff), false},
	[BL_SCALAR_E5M2] = {5, 2, 0x7b, false},
	[BL_SCALAR_E4M3] = {4, 3, 0x7e, false},
	[BL_SCALAR_E4M3FNUZ] = {4, 3, 0x7f, true},
	[BL_SCALAR_E5M2FNUZ] = {5, 2, 0x7f, true},
};

uint64_t arith_draw(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

uint64_t arith_below(uint64_t *state, uint64_t n)
{
	return arith_draw(state) % n;
}

uint64_t arith_infinity(enum bl_scalar s)
{
	return ((UINT64_C(1) << layout[s].exponent) - 1) << layout[s].fraction;
}

static uint64_t sign_bit(enum bl_scalar s)
{
	return UINT64_C(1) << (layout[s].exponent + layout[s].fraction);
}

uint64_t arith_draw_bits(uint64_t *state, enum bl_scalar s)
{
	const uint64_t inf = arith_infinity(s), one = UINT64_C(1) << layout[s].fraction;
	const uint64_t edge[] = {
		0, 1, one - 1, one, inf - 1, inf, inf + 1, inf + one / 2, inf + one - 1};
	const uint64_t bits = arith_draw(state), which = arith_below(state, 40);

	if (bl_scalar_size(s) > 1 && which < sizeof edge / sizeof edge[0])
		return edge[which] | (bits & sign_bit(s));
	return bits & (2 * sign_bit(s) - 1);
}

uint64_t arith_draw_finite(uint64_t *state, enum bl_scalar s)
{
	uint64_t bits;

	do
		bits = arith_draw_bits(state, s);
	while (!isfinite(arith_value(s, bits)));
	return bits;
}

static double magnitude(enum bl_scalar s, uint64_t code)
{
	const int bias = (1 << (layout[s].exponent - 1)) - !layout[s].fnuz;
	const uint64_t one = UINT64_C(1) << layout[s].fraction;
	const int e = (int)(code >> layout[s].fraction);
	const double f = (double)(code & (one - 1));

	if (e == 0)
		return ldexp(f, 1 - bias - layout[s].fraction);
	return ldexp(f + (double)one, e - bias - layout[s].fraction);
}

double arith_value(enum bl_scalar s, uint64_t bits)
{
	const uint64_t code = bits & (sign_bit(s) - 1);
	const double sign = bits & sign_bit(s) ? -1.0 : 1.0;

	if (layout[s].fnuz && bits == sign_bit(s))
		return ARITH_NAN;
	if (code <= layout[s].most)
		return copysign(magnitude(s, code), sign);
	return s != BL_SCALAR_E4M3 && code == arith_infinity(s) ? copysign(HUGE_VAL, sign)
	                                                        : ARITH_NAN;
}

double arith_next(enum bl_scalar s, uint64_t bits)
{
	return magnitude(s, bits + 1);
}

/* The largest code whose value is at most a: for the narrow types. */
static uint64_t floor_code(enum bl_scalar s, double a)
{
	uint64_t low = 0, high = arith_infinity(s); /* value(low) <= a < value(high) */

	while (high - low > 1) {
		const uint64_t middle = low + (high - low) / 2;

		if (magnitude(s, middle) <= a)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* The middle between the largest value and what would follow. */
static double end_of(enum bl_scalar s)
{
	return (magnitude(s, layout[s].most) + magnitude(s, layout[s].most + 1)) / 2;
}

bool arith_saturates(enum bl_scalar s, double d)
{
	if (bl_scalar_size(s) != 1 || isnan(d) || (isinf(d) && s == BL_SCALAR_E5M2))
		return false;
	return fabs(d) > end_of(s) || (fabs(d) == end_of(s) && layout[s].most % 2 == 1);
}

static uint64_t round_f8(enum bl_scalar s, double d)
{
	const uint64_t sign = signbit(d) ? 0x80 : 0;
	uint64_t code = layout[s].most;
	double middle;

	if (isnan(d))
		return layout[s].fnuz ? 0x80 : s == BL_SCALAR_E4M3 ? 0x7f : 0x7e;
	if (isinf(d) && s == BL_SCALAR_E5M2)
		return 0x7c | sign;
	if (fabs(d) >= magnitude(s, code))
		return code | sign;
	while (magnitude(s, code) > fabs(d))
		code--;
	middle = (magnitude(s, code) + magnitude(s, code + 1)) / 2;
	if (fabs(d) > middle || (fabs(d) == middle && code % 2 == 1))
		code++;
	return code || !layout[s].fnuz ? code | sign : 0;
}

uint64_t arith_round(enum bl_scalar s, double d)
{
	const double a = fabs(d);
	uint64_t code, sign = signbit(d) ? sign_bit(s) : 0;
	double middle;

	if (bl_scalar_size(s) == 1)
		return round_f8(s, d);
	if (isnan(d))
		return arith_infinity(s) | UINT64_C(1) << (layout[s].fraction - 1);
	if (s == BL_SCALAR_F64) {
		memcpy(&code, &d, sizeof code);
		return code;
	}
	if (a >= magnitude(s, arith_infinity(s)))
		return arith_infinity(s) | sign;
	code = floor_code(s, a);
	middle = (magnitude(s, code) + magnitude(s, code + 1)) / 2; /* exact */
	if (a > middle || (a == middle && code % 2 == 1))
		code++;
	return code | sign;
}

uint64_t arith_get(enum bl_scalar s, const void *array, size_t j)
{
	uint64_t bits = 0;

	memcpy(&bits, (const char *)array + j * bl_scalar_size(s), bl_scalar_size(s));
	return bits;
}

void arith_put(enum bl_scalar s, void *array, size_t j, uint64_t bits)
{
	memcpy((char *)array + j * bl_scalar_size(s), &bits, bl_scalar_size(s));
}

bool arith_same(double a, double b)
{
	return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0;
}
