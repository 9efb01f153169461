/* test_axis.c - axes with ticks at round numbers. */
#include "axis.h"
#include "suite.h"
#include "text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The labels of an axis, and the unit behind them in brackets. */
static const char *labels(double low, double high, int64_t most, bool widen)
{
	static char text[1024];
	char label[BL_TEXT], unit[BL_TEXT];
	struct bl_axis a;
	size_t at = 0;

	bl_axis_make(&a, low, high, most, widen);
	text[0] = '\0';
	for (int64_t i = a.first; i <= a.last; i++)
		at += (size_t)snprintf(text + at, sizeof text - at, "%s%s", at ? " " : "",
			bl_axis_text(&a, i, label));
	bl_axis_unit(&a, unit);
	if (*unit)
		snprintf(text + at, sizeof text - at, " [%s]", unit);
	return text;
}

START_TEST(round_numbers)
{
	ck_assert_str_eq(labels(0, 1000, 6, false), "0 200 400 600 800 1000");
	ck_assert_str_eq(labels(0, 1000, 11, false), "0 100 200 300 400 500 600 700 800 900 1000");
	ck_assert_str_eq(labels(0, 14.6, 7, true), "0 5 10 15");
	ck_assert_str_eq(labels(-46.7, 9, 6, true), "-60 -40 -20 0 20");
	ck_assert_str_eq(labels(0, 2.44, 7, true), "0.0 0.5 1.0 1.5 2.0 2.5");
	ck_assert_str_eq(labels(0, 0.3, 4, true), "0.0 0.1 0.2 0.3");
	ck_assert_str_eq(labels(3, 97, 6, false), "20 40 60 80");
	ck_assert_str_eq(labels(3, 97, 6, true), "0 20 40 60 80 100");
	ck_assert_str_eq(labels(0.02, 0.021, 3, true), "0.0200 0.0205 0.0210");
}
END_TEST

START_TEST(units)
{
	ck_assert_str_eq(labels(0, 999999, 3, false), "0 500000");
	ck_assert_str_eq(labels(0, 1e6, 3, false), "0.0 0.5 1.0 [million]");
	ck_assert_str_eq(labels(0, 3e12, 4, false), "0 1 2 3 [trillion]");
	ck_assert_str_eq(labels(0, 5e9, 6, false), "0 1 2 3 4 5 [billion]");
	ck_assert_str_eq(labels(0, 5e16, 6, false), "0 10 20 30 40 50 [10^15]");
	ck_assert_str_eq(labels(0, 0.0005, 6, false), "0 100 200 300 400 500 [10^-6]");
	ck_assert_str_eq(labels(0, 0.001, 3, false), "0.0000 0.0005 0.0010");
}
END_TEST

/* What is a single number is put into the middle of an axis. */
START_TEST(no_stretch)
{
	struct bl_axis a;

	bl_axis_make(&a, 0, 0, 5, true);
	ck_assert(a.low <= -1 && a.high >= 1);
	bl_axis_make(&a, 500, 500, 5, false);
	ck_assert_double_eq(a.low, 250);
	ck_assert_double_eq(a.high, 750);
	ck_assert_double_eq(bl_axis_place(&a, 500), 0.5);
}
END_TEST

START_TEST(places)
{
	struct bl_axis a;

	bl_axis_make(&a, -10, 30, 5, true);
	ck_assert_double_eq(a.low, -10);
	ck_assert_double_eq(a.high, 30);
	ck_assert_double_eq(bl_axis_place(&a, -10), 0);
	ck_assert_double_eq(bl_axis_place(&a, 0), 0.25);
	ck_assert_double_eq(bl_axis_place(&a, 30), 1);
	bl_axis_make(&a, 0, 0.7, 8, true);
	for (int64_t i = a.first; i <= a.last; i++) { /* the double that the decimal is read as */
		char text[BL_TEXT];
		double read;

		ck_assert_int_eq(sscanf(bl_axis_text(&a, i, text), "%lf", &read), 1);
		ck_assert_double_eq(bl_axis_tick(&a, i), read);
	}
}
END_TEST

/* Whatever the numbers: few ticks, and ends that hold them. */
START_TEST(any_numbers)
{
	unsigned short seed[3] = {1, 2, 3};

	for (int i = 0; i < 20000; i++) {
		const double scale = pow(10, 24 * erand48(seed) - 12);
		const double low = scale * (erand48(seed) - 0.5);
		const double high = low + scale * erand48(seed), slack = 1e-8 * scale;
		const int64_t most = 3 + nrand48(seed) % 12;
		const bool widen = nrand48(seed) % 2;
		struct bl_axis a;

		if (!(low < high))
			continue;
		bl_axis_make(&a, low, high, most, widen);
		ck_assert_int_le(a.last - a.first + 1, most);
		ck_assert(a.mantissa == 1 || a.mantissa == 2 || a.mantissa == 5);
		if (widen) {
			ck_assert_int_ge(a.last - a.first, 1);
			ck_assert(a.low <= low + slack && a.high >= high - slack);
		} else {
			ck_assert(a.low == low && a.high == high);
			ck_assert(a.last < a.first || bl_axis_tick(&a, a.first) >= low - slack);
			ck_assert(a.last < a.first || bl_axis_tick(&a, a.last) <= high + slack);
		}
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("axis");
	TCase *tc = tcase_create("axis");

	tcase_add_test(tc, round_numbers);
	tcase_add_test(tc, units);
	tcase_add_test(tc, no_stretch);
	tcase_add_test(tc, places);
	tcase_add_test(tc, any_numbers);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
