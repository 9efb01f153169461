/*
 * axis.h - an axis with ticks at round numbers.
 */
#ifndef BL_AXIS_H
#define BL_AXIS_H

#include <stdbool.h>
#include <stdint.h>

/* Ticks stand at i * mantissa * 10^exponent, i = first .. last. */
struct bl_axis {
	double low, high; /* the ends, low < high */
	int mantissa;     /* 1, 2 or 5 */
	int exponent;
	int64_t first, last; /* of the ticks between the ends */
	int thousands;       /* labels count in units of 1000 to this power */
};

/*
 * An axis from low to high (finite, low <= high, below 1e100 in size; where they are equal, a
 * stretch around them) with at most `most` (>= 3) ticks. widen: the ends move outwards to ticks.
 */
void bl_axis_make(struct bl_axis *a, double low, double high, int64_t most, bool widen);

/* The value at tick i, the double nearest to the decimal. */
double bl_axis_tick(const struct bl_axis *a, int64_t i);

/* Its label, in units of 1000^thousands: "0.25", "-40". buf: BL_TEXT bytes (text.h). Returns buf.
 */
const char *bl_axis_text(const struct bl_axis *a, int64_t i, char *buf);

/* What the labels count in: "" for ones, "thousand", "million", ..., "10^-6" and the like. */
const char *bl_axis_unit(const struct bl_axis *a, char *buf);

/* Where a value stands between the ends: 0 at low, 1 at high. */
double bl_axis_place(const struct bl_axis *a, double value);

#endif
