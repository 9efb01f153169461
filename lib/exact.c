/* exact.c - sums of doubles without any error. */
#include "exact.h"

#include <math.h>
#include <string.h>

#define DIGITS (sizeof((struct bl_exact *)0)->digit / sizeof(int64_t))
#define LOWEST (-1088) /* the unit of digit 0 is 2 to this power */
#define MASK 0xffffffffu
#define HELD ((uint64_t)1 << 29) /* terms, below 2^33 in a digit: it has room for twice so many */

#define KEPT 42 /* bits of the largest term that a cut leaves above it */
#define ROOM 10 /* bits that the sum of a block has more than its terms */

/* Passes on what is more than 32 bits, so that all digits but the last are from 0 to 2^32 - 1. */
static void carry(struct bl_exact *sum)
{
	for (size_t k = 0; k + 1 < DIGITS; k++) {
		const int64_t low = (int64_t)((uint64_t)sum->digit[k] & MASK);

		sum->digit[k + 1] += (sum->digit[k] - low) / ((int64_t)1 << 32);
		sum->digit[k] = low;
	}
	sum->held = 1;
}

void bl_exact_add(struct bl_exact *sum, double term)
{
	uint64_t bits, low, high, exponent;
	int64_t part[3];

	memcpy(&bits, &term, sizeof bits);
	exponent = bits >> 52 & 0x7ff;
	bits &= ~((uint64_t)0xfff << 52);
	if (exponent == 0x7ff) {
		sum->overflow = true;
		return;
	}
	if (exponent > 0)
		bits |= (uint64_t)1 << 52;
	else
		exponent = 1;
	exponent += (uint64_t)(-1075 - LOWEST);
	low = (bits & MASK) << exponent % 32;
	high = (bits >> 32) << exponent % 32;
	part[0] = (int64_t)(low & MASK);
	part[1] = (int64_t)((low >> 32) + (high & MASK));
	part[2] = (int64_t)(high >> 32);
	for (size_t i = 0; i < 3; i++)
		sum->digit[exponent / 32 + i] += term < 0 ? -part[i] : part[i];
	if (++sum->held >= HELD)
		carry(sum);
}

void bl_exact_block(
	const struct bl_kernels *kernels, struct bl_exact *sum, double *term, size_t n, double most)
{
	_Static_assert(KEPT + ROOM <= 53 && 1 << ROOM == BL_EXACT_BLOCK, "a block's sum is exact");
	bool left = most > 0;
	int exponent = 0; /* the terms are below 2 to this power */

	if (left)
		frexp(most, &exponent);
	if (most - most != 0 || exponent + 52 - KEPT > 1022) {
		for (size_t j = 0; j < n; j++)
			bl_exact_add(sum, term[j]);
		return;
	}
	for (; left; exponent -= KEPT) {
		/* What is added to this is rounded to a multiple of 2^(exponent - KEPT), or to one
		 * of 2^-1074, which all doubles are. */
		const double cut = ldexp(1.5, exponent + 52 - KEPT);

		bl_exact_add(sum, kernels->sum.take(term, cut, n, &left));
		left = left && !sum->overflow;
	}
}

void bl_exact_join(struct bl_exact *sum, const struct bl_exact *more)
{
	for (size_t k = 0; k < DIGITS; k++)
		sum->digit[k] += more->digit[k];
	sum->held += more->held;
	sum->overflow |= more->overflow;
	if (sum->held >= HELD)
		carry(sum);
}

/* Digit k of a sum that is not negative, 0 below the lowest. */
static uint64_t digit(const struct bl_exact *sum, size_t top, size_t below)
{
	return below > top ? 0 : (uint64_t)sum->digit[top - below];
}

double bl_exact_value(const struct bl_exact *sum)
{
	struct bl_exact s = *sum;
	size_t top = DIGITS - 1;
	bool negative, more = false;
	uint64_t first, third;
	int shift;

	carry(&s);
	negative = s.digit[top] < 0;
	for (size_t k = 0; negative && k < DIGITS; k++)
		s.digit[k] = -s.digit[k];
	carry(&s);
	while (top > 0 && s.digit[top] == 0)
		top--;
	if (s.overflow || s.digit[top] > MASK)
		return negative ? -HUGE_VAL : HUGE_VAL;
	if (s.digit[top] == 0)
		return 0;
	/* The first 64 bits, the last of them set when anything follows: the conversion rounds. */
	for (size_t below = 3; below <= top; below++)
		more = more || digit(&s, top, below) != 0;
	shift = __builtin_clzll(digit(&s, top, 0)) - 32;
	first = (digit(&s, top, 0) << 32 | digit(&s, top, 1)) << shift;
	third = digit(&s, top, 2) << shift;
	first |= third >> 32;
	more = more || (third & MASK) != 0;
	first |= more;
	return ldexp(
		negative ? -(double)first : (double)first, 32 * ((int)top - 1) + LOWEST - shift);
}
