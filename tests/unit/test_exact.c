/* test_exact.c - sums without an error: against whole numbers, in any order, by any loops. */
#include "arith.h"
#include "exact.h"
#include "suite.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static double sum_of(const double *term, size_t n)
{
	struct bl_exact sum = {0};

	for (size_t i = 0; i < n; i++)
		bl_exact_add(&sum, term[i]);
	return bl_exact_value(&sum);
}

#define SUM(...)                                                                                   \
	sum_of((const double[]){__VA_ARGS__},                                                      \
		sizeof((const double[]){__VA_ARGS__}) / sizeof(double))

START_TEST(known)
{
	ck_assert(SUM(0.0) == 0);
	ck_assert(SUM(-0.0) == 0);
	ck_assert(SUM(1e100, 1, -1e100) == 1);
	ck_assert(SUM(-1e100, -1, 1e100) == -1);
	ck_assert(SUM(1, 2, 3) == 6);
	ck_assert(SUM(DBL_MAX, 0x1p-1074, -DBL_MAX) == 0x1p-1074);
	ck_assert(SUM(0x1p-1074, 0x1p-1074, 0x1p-1073) == 0x1p-1072);
	ck_assert(SUM(-0x1p-1022, 0x1p-1074) == -0x1.ffffffffffffep-1023);
	ck_assert(SUM(DBL_MAX, DBL_MAX, -DBL_MAX) == DBL_MAX);
	ck_assert(SUM(DBL_MAX, DBL_MAX) == HUGE_VAL);
	ck_assert(SUM(-DBL_MAX, -DBL_MAX) == -HUGE_VAL);
	ck_assert(SUM(1, HUGE_VAL) == HUGE_VAL);
}
END_TEST

/* To nearest, ties to even, whatever far below decides. */
START_TEST(rounds_once)
{
	ck_assert(SUM(0x1p53, 1) == 0x1p53);
	ck_assert(SUM(0x1p53, 1, 0x1p-1074) == 0x1p53 + 2);
	ck_assert(SUM(0x1p53, 1, -0x1p-1074) == 0x1p53);
	ck_assert(SUM(0x1p53, 3) == 0x1p53 + 4);
	ck_assert(SUM(0x1p53, 3, -0x1p-400) == 0x1p53 + 2);
	ck_assert(SUM(-0x1p53, -1, -0x1p-40) == -0x1p53 - 2);
	ck_assert(SUM(0x1p1023, 0x1p970, 0x1p969, 0x1p-1074) == 0x1p1023 + 0x1p971);
	ck_assert(SUM(DBL_MAX, 0x1p969) == DBL_MAX);
	ck_assert(SUM(DBL_MAX, 0x1p970) == HUGE_VAL);
}
END_TEST

/* Whole numbers times a power of two add up to what their sum is. */
START_TEST(whole_numbers)
{
	uint64_t seed = 1;

	for (int power = -1074; power <= 960; power += 7) {
		struct bl_exact sum = {0};
		int64_t total = 0;

		for (size_t i = 0; i < 300; i++) {
			const int64_t n = (int64_t)(arith_draw(&seed) >> 12) - ((int64_t)1 << 51);

			total += n;
			bl_exact_add(&sum, ldexp((double)n, power));
		}
		if (power >= -1074 + 62)
			ck_assert(bl_exact_value(&sum) == ldexp((double)total, power));
		bl_exact_add(&sum, -bl_exact_value(&sum));
		ck_assert(fabs(bl_exact_value(&sum)) <= ldexp(1024, power));
	}
}
END_TEST

/* Terms whose exponents are spread over so many powers of two. */
static void draw(uint64_t *seed, int middle, uint64_t spread, double *term, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const int power = middle + (int)arith_below(seed, spread);
		const double part =
			(double)(arith_draw(seed) >> 11) * (arith_draw(seed) % 2 ? 1 : -1);

		term[i] = arith_below(seed, 9) ? ldexp(part, power - 53) : 0;
	}
}

static void expect_same(const struct bl_exact *a, const struct bl_exact *b)
{
	struct bl_exact difference = {0};

	/* They are the same number, however it is spread over the digits. */
	for (size_t k = 0; k < sizeof a->digit / sizeof *a->digit; k++)
		difference.digit[k] = a->digit[k] - b->digit[k];
	ck_assert(bl_exact_value(&difference) == 0);
	ck_assert(bl_exact_value(a) == bl_exact_value(b));
}

/* A block at once, by every set of loops, is its terms one by one. */
START_TEST(blocks)
{
	static const char *const set[] = {"base", "avx2", "avx512"};
	static const int middle[] = {-1074, -1030, -300, 0, 500, 960, 1020};
	static const uint64_t spread[] = {1, 3, 40, 90, 400};
	static double term[BL_EXACT_BLOCK], copy[BL_EXACT_BLOCK];
	uint64_t seed = 2;

	for (size_t c = 0; c < 7 * 5 * 3; c++) {
		const struct bl_kernels *kernels = bl_kernels(set[c % 3]);
		const int low = middle[c / 15];
		const size_t n = BL_EXACT_LANES *
			(1 + arith_below(&seed, BL_EXACT_BLOCK / BL_EXACT_LANES));
		struct bl_exact one = {0}, all = {0};
		double most = 0;

		draw(&seed, low, low > 1000 ? 4 : spread[c / 3 % 5], term, n);
		for (size_t i = 0; i < n; i++) {
			bl_exact_add(&one, term[i]);
			most = fmax(most, fabs(term[i]));
		}
		memcpy(copy, term, sizeof copy);
		bl_exact_block(kernels, &all, copy, n, most);
		expect_same(&one, &all);
	}
}
END_TEST

/* The largest of a block decides where it is cut: as many of it as there can be. */
START_TEST(full_blocks)
{
	static const double most[] = {1, 0x1.fffffffffffffp0, 0x1.5555555555555p-500, 0x1p-1074};
	static double term[BL_EXACT_BLOCK];

	for (size_t k = 0; k < sizeof most / sizeof *most; k++)
		for (int sign = -1; sign <= 1; sign += 2) {
			struct bl_exact sum = {0};

			for (size_t i = 0; i < BL_EXACT_BLOCK; i++)
				term[i] = sign * most[k];
			bl_exact_block(bl_kernels(NULL), &sum, term, BL_EXACT_BLOCK, most[k]);
			ck_assert(bl_exact_value(&sum) == sign * 1024 * most[k]);
		}
}
END_TEST

/* Sums of parts make the sum, however the parts are chosen; as many as digits must give way. */
START_TEST(joins)
{
	static double term[4096];
	uint64_t seed = 3;
	struct bl_exact all = {0}, joined = {0}, doubled = {0};

	draw(&seed, -40, 300, term, 4096);
	for (size_t i = 0; i < 4096; i++)
		bl_exact_add(&all, term[4095 - i]);
	for (size_t i = 0; i < 4096;) {
		struct bl_exact part = {0};
		const size_t end = i + 1 + arith_below(&seed, 4096 - i);

		for (; i < end; i++)
			bl_exact_add(&part, term[i]);
		bl_exact_join(&joined, &part);
	}
	expect_same(&all, &joined);
	bl_exact_add(&doubled, 0x1.fffffffffffffp-2);
	bl_exact_add(&doubled, -0x1p-300);
	for (int i = 0; i < 100; i++) {
		const struct bl_exact copy = doubled;

		bl_exact_join(&doubled, &copy);
	}
	bl_exact_add(&doubled, 0x1p-200);
	ck_assert(bl_exact_value(&doubled) == 0x1.fffffffffffffp98);
}
END_TEST

START_TEST(too_large)
{
	double term[BL_EXACT_LANES] = {1, HUGE_VAL};
	struct bl_exact sum = {0}, other = {0};

	bl_exact_block(bl_kernels(NULL), &sum, term, BL_EXACT_LANES, HUGE_VAL);
	ck_assert(bl_exact_value(&sum) == HUGE_VAL);
	bl_exact_join(&other, &sum);
	ck_assert(bl_exact_value(&other) == HUGE_VAL);
	/* As products have them, none of which is infinite. */
	term[1] = ARITH_NAN;
	memset(&sum, 0, sizeof sum);
	bl_exact_block(bl_kernels(NULL), &sum, term, BL_EXACT_LANES, 1);
	ck_assert(bl_exact_value(&sum) == HUGE_VAL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("exact");
	TCase *tc = tcase_create("exact");

	tcase_add_test(tc, known);
	tcase_add_test(tc, rounds_once);
	tcase_add_test(tc, whole_numbers);
	tcase_add_test(tc, blocks);
	tcase_add_test(tc, full_blocks);
	tcase_add_test(tc, joins);
	tcase_add_test(tc, too_large);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
