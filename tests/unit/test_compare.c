/* test_compare.c - rows of values: what differs and by how much, by definition. */
#include "arith.h"
#include "compare.h"
#include "suite.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct bl_comparing c;

static void compare(enum bl_dtype dtype, const void *a, const void *b, uint64_t n)
{
	c.kernels = bl_kernels(NULL);
	c.dtype[0] = c.dtype[1] = dtype;
	bl_compare(&c, a, b, n);
	bl_compare_conclude(&c.found, &c.sums);
}

/* Two doubles: within the tolerance? */
static bool within(double x, double y, double abs, double rel, uint64_t ulp)
{
	c.tolerance = (struct bl_tolerance){true, abs, rel, ulp};
	compare(BL_F64, &x, &y, 1);
	return c.found.beyond == 0;
}

START_TEST(tolerances)
{
	const double nan_bits[2] = {ARITH_NAN, -ARITH_NAN};

	ck_assert(within(1, 1.5, 0.5, 0, 0) && !within(1, 1.5, 0.49, 0, 0));
	ck_assert(within(1.5, 1, 0, 0.5, 0) && !within(1, 1.5, 0, 0.33, 0));
	ck_assert(within(1, 1.5, 0, 0.34, 0)); /* b is the reference */
	ck_assert(within(-3, -2, 0.5, 0.25, 0) && !within(-3, -2, 0.5, 0.24, 0));
	ck_assert(within(0.0, -0.0, 0, 0, 0));
	ck_assert(within(nan_bits[0], nan_bits[1], 0, 0, 0));
	ck_assert(!within(ARITH_NAN, 1, 1e300, 1, 1));
	ck_assert_uint_eq(c.found.nonfinite, 1);
	ck_assert(!within(HUGE_VAL, 1.7e308, 1e308, 1, UINT64_MAX));
	ck_assert(!within(1, -HUGE_VAL, 1e308, 1, UINT64_MAX));
	ck_assert(!within(HUGE_VAL, -HUGE_VAL, 1e308, 1, UINT64_MAX));
	ck_assert(within(HUGE_VAL, HUGE_VAL, 0, 0, 0));
	ck_assert(within(1, 1 + 0x1p-52, 0, 0, 1) && !within(1, 1 + 0x1p-51, 0, 0, 1));
	ck_assert(within(-0x1p-1074, 0x1p-1074, 0, 0, 2));
	ck_assert(!within(-0x1p-1074, 0x1p-1074, 0, 0, 1));
	ck_assert(within(-0x1p-1074, -0.0, 0, 0, 1));
	ck_assert(within(1, 2, 0.5, 0, (uint64_t)1 << 52)); /* one of them is enough */
	c.tolerance = (struct bl_tolerance){0};
	compare(BL_F64, &(double){0.0}, &(double){-0.0}, 1);
	ck_assert_uint_eq(c.found.beyond, 1);
	compare(BL_F64, &nan_bits[0], &nan_bits[1], 1);
	ck_assert_uint_eq(c.found.beyond, 1);
	compare(BL_F64, &nan_bits[0], &nan_bits[0], 1);
	ck_assert_uint_eq(c.found.differing, 0);
}
END_TEST

/* Whole numbers that no double tells apart. */
START_TEST(whole)
{
	const int64_t a[] = {INT64_MIN, INT64_MAX, 9007199254740993, -5}, b[] = {INT64_MAX,
		INT64_MAX - 1, 9007199254740992, -5};
	const uint64_t u[] = {UINT64_MAX, 1}, v[] = {0, 2};
	char text[BL_CODE_TEXT];

	c.tolerance = (struct bl_tolerance){0};
	compare(BL_I64, a, b, 4);
	ck_assert_uint_eq(c.found.differing, 3);
	ck_assert_uint_eq(c.found.spot[BL_MOST_STEPS].steps, UINT64_MAX);
	ck_assert(c.found.spot[BL_MOST_ABS].size == 0x1p64);
	ck_assert_str_eq(bl_code_text(BL_I64, c.found.spot[BL_FIRST].code[0], text),
		"-9223372036854775808");
	c.tolerance.given = true; /* of zeros: as numbers, which doubles would not tell apart */
	compare(BL_I64, a, b, 4);
	ck_assert_uint_eq(c.found.beyond, 3);
	c.tolerance = (struct bl_tolerance){true, 1, 0, 0};
	compare(BL_I64, a, b, 4);
	ck_assert_uint_eq(c.found.beyond, 1);
	compare(BL_U64, u, v, 2);
	ck_assert_uint_eq(c.found.beyond, 1);
	ck_assert_uint_eq(c.found.spot[BL_MOST_STEPS].steps, UINT64_MAX);
	ck_assert_str_eq(bl_code_text(BL_U64, u[0], text), "18446744073709551615");
	compare(BL_I8, "\x80\x7f", "\x7f\x7f", 2);
	ck_assert_uint_eq(c.found.spot[BL_MOST_STEPS].steps, 255);
	ck_assert(c.found.spot[BL_MOST_REL].size == 255.0 / 127);
}
END_TEST

/* Of all pairs of a type of 8 bits or fewer: the steps are those of the sorted values. */
static void check_steps(enum bl_dtype dtype)
{
	const unsigned bits = bl_dtype(dtype)->bits, all = 1u << bits;

	c.tolerance = (struct bl_tolerance){0};
	for (unsigned i = 0; i < all; i++)
		for (unsigned j = 0; j < all; j++) {
			const double x = bl_code_value(dtype, i), y = bl_code_value(dtype, j);
			const double low = fmin(x, y), high = fmax(x, y);
			const unsigned char a = (unsigned char)i, b = (unsigned char)j;
			unsigned steps = 0;

			compare(dtype, &a, &b, 1);
			ck_assert_uint_eq(c.found.differing, i != j);
			if (!isfinite(x) || !isfinite(y)) {
				ck_assert(!c.found.spot[BL_MOST_STEPS].there);
				ck_assert_uint_eq(c.found.nonfinite, i != j);
				ck_assert_uint_eq(c.found.nan[0], isnan(x));
				ck_assert_uint_eq(c.found.nan[1], isnan(y));
				ck_assert_uint_eq(c.found.finite, 0);
				continue;
			}
			for (unsigned k = 0; k < all; k++) { /* -0 is none besides 0 */
				const double z = bl_code_value(dtype, k);

				steps += z > low && z <= high && !(z == 0 && signbit(z));
			}
			ck_assert_uint_eq(c.found.spot[BL_MOST_STEPS].steps, steps);
			ck_assert(c.found.spot[BL_MOST_ABS].size == fabs(x - y));
			ck_assert_uint_eq(c.found.spot[BL_MOST_REL].there, i != j && y != 0);
			if (i != j && y != 0)
				ck_assert(c.found.spot[BL_MOST_REL].size == fabs(x - y) / fabs(y));
		}
}

START_TEST(steps)
{
	static const enum bl_dtype type[] = {BL_F4, BL_F6_E2M3, BL_F6_E3M2, BL_U8, BL_I8,
		BL_F8_E5M2, BL_F8_E4M3, BL_F8_E8M0, BL_F8_E4M3FNUZ, BL_F8_E5M2FNUZ};

	for (size_t i = 0; i < sizeof type / sizeof type[0]; i++)
		check_steps(type[i]);
	ck_assert(bl_code_value(BL_F4, 7) == 6 && bl_code_value(BL_F4, 9) == -0.5);
	ck_assert(bl_code_value(BL_F6_E2M3, 31) == 7.5 && bl_code_value(BL_F6_E3M2, 31) == 28);
	ck_assert(bl_code_value(BL_F8_E8M0, 0) == 0x1p-127);
}
END_TEST

/* Types that share bytes: 2 elements in one, 4 in three. */
START_TEST(packed)
{
	unsigned char a[3] = {0}, b[3] = {0};

	c.tolerance = (struct bl_tolerance){0};
	b[1] = 0x70;
	compare(BL_F4, a, b, 6);
	ck_assert_uint_eq(c.found.differing, 1);
	ck_assert_uint_eq(c.found.spot[BL_FIRST].at, 3);
	ck_assert(c.found.spot[BL_MOST_ABS].size == 6);
	for (unsigned j = 0; j < 4; j++) {
		memset(b, 0, sizeof b);
		for (unsigned bit = 6 * j; bit < 6 * j + 5; bit++)
			b[bit / 8] |= (unsigned char)(1u << bit % 8);
		compare(BL_F6_E2M3, a, b, 4);
		ck_assert_uint_eq(c.found.differing, 1);
		ck_assert_uint_eq(c.found.spot[BL_FIRST].at, j);
		ck_assert(c.found.spot[BL_MOST_ABS].size == 7.5);
	}
}
END_TEST

/* Sums, counts and the first of equals, over several blocks; and in parts. */
START_TEST(rows)
{
	enum { N = 5000 };
	static float a[N], b[N];
	struct bl_difference found = {0};
	struct bl_sums sums = {{{0}, 0, false}, {{{0}, 0, false}}, {{0}, 0, false}};
	int64_t square = 0, norm[2] = {0}, product = 0;
	uint64_t seed = 3;

	for (size_t j = 0; j < N; j++) {
		a[j] = (float)arith_below(&seed, 200) - 100;
		b[j] = a[j] + (arith_below(&seed, 3) ? 0 : (float)arith_below(&seed, 20) - 10);
	}
	b[1000] = a[1000] + 30;
	b[3000] = a[3000] - 30;
	for (size_t j = 0; j < N; j++) {
		square += (int64_t)((a[j] - b[j]) * (a[j] - b[j]));
		norm[0] += (int64_t)(a[j] * a[j]);
		norm[1] += (int64_t)(b[j] * b[j]);
		product += (int64_t)(a[j] * b[j]);
	}
	c.tolerance = (struct bl_tolerance){true, 5, 0, 0};
	compare(BL_F32, a, b, N);
	ck_assert(c.found.rms == sqrt((double)square / N));
	ck_assert_double_eq_tol(c.found.cosine,
		(double)product / sqrt((double)norm[0] * (double)norm[1]), 1e-15);
	ck_assert_uint_eq(c.found.spot[BL_MOST_ABS].at, 1000);
	ck_assert_uint_eq(c.found.finite, N);
	for (size_t at = N; at > 0; at -= 1000) { /* from the back */
		struct bl_comparing part = {.kernels = bl_kernels("base"),
			.dtype = {BL_F32, BL_F32}, .tolerance = c.tolerance};

		bl_compare(&part, a + at - 1000, b + at - 1000, 1000);
		for (size_t k = 0; k < BL_EXTREMES; k++)
			part.found.spot[k].at += at - 1000;
		bl_difference_join(&found, &part.found);
		bl_sums_join(&sums, &part.sums);
	}
	bl_compare_conclude(&found, &sums);
	ck_assert_uint_eq(found.differing, c.found.differing);
	ck_assert_uint_eq(found.beyond, c.found.beyond);
	ck_assert(found.rms == c.found.rms && found.cosine == c.found.cosine);
	ck_assert_uint_eq(found.spot[BL_MOST_ABS].at, 1000);
	ck_assert_uint_eq(found.spot[BL_MOST_REL].at, c.found.spot[BL_MOST_REL].at);
	ck_assert_uint_eq(found.spot[BL_MOST_STEPS].at, c.found.spot[BL_MOST_STEPS].at);
	ck_assert(found.spot[BL_MOST_REL].size == c.found.spot[BL_MOST_REL].size);
}
END_TEST

/* ---- many at a time ---- */

enum { MANY = 2500 };

/* A pair of values that are near each other, or not; or with the same bits. */
static void draw_pair(uint64_t *seed, unsigned kind, double *x, double *y)
{
	static const double odd[] = {0.0, -0.0, 0x1p-130, 1};
	static const double wild[] = {HUGE_VAL, -HUGE_VAL, ARITH_NAN};
	const double size = ldexp(1, (int)arith_below(seed, 12) - 8);

	*x = ((double)arith_below(seed, 2001) - 1000) * size / 512;
	*y = *x;
	if (kind == 0)
		*y = *x + ((double)arith_below(seed, 3) - 1) * size / 128;
	else if (kind == 1 && arith_below(seed, 40) == 0)
		*y = -*x;
	else if (kind == 2) /* all are as far apart, by share */
		*y = 2 * *x;
	else if (kind == 3)
		*x = odd[arith_below(seed, 4)], *y = odd[arith_below(seed, 4)];
	else if (kind == 4 && arith_below(seed, 300) == 0)
		*y = wild[arith_below(seed, 3)];
	else if (kind == 5 && arith_below(seed, 100) == 0) /* three steps of bfloat16 */
		*x = 63.25, *y = 64;
	else if (kind == 5) /* two that are larger, by share too */
		*x = (double)(128 + arith_below(seed, 64)), *y = *x + 2;
	else if (kind == 6)
		*y = ((double)arith_below(seed, 2001) - 1000) * size / 512;
}

static void put(enum bl_dtype dtype, void *to, const double *from)
{
	const struct bl_kernel *k = &bl_kernels("base")->kernel[bl_dtype(dtype)->scalar];
	static const double none[MANY];

	k->store(to, none, from, 1, 1, MANY);
}

static void expect_found(const struct bl_difference *a, const struct bl_difference *b)
{
	ck_assert_uint_eq(a->differing, b->differing);
	ck_assert_uint_eq(a->beyond, b->beyond);
	ck_assert_uint_eq(a->nonfinite, b->nonfinite);
	ck_assert_uint_eq(a->finite, b->finite);
	for (size_t k = 0; k < BL_EXTREMES; k++) {
		const struct bl_spot *s = &a->spot[k], *t = &b->spot[k];

		ck_assert_int_eq(s->there, t->there);
		ck_assert_uint_eq(s->at, t->at);
		ck_assert_uint_eq(s->steps, t->steps);
		ck_assert(s->size == t->size);
		ck_assert_mem_eq(s->code, t->code, sizeof s->code);
	}
}

/* Rows at once, by every set of loops, are their pairs one by one. */
static void check_rows(const enum bl_dtype *dtype, const struct bl_tolerance *t, unsigned kind)
{
	static const char *const set[] = {"base", "avx2", "avx512"};
	static double x[2][MANY];
	static unsigned char row[2][8 * MANY + 8];
	static struct bl_comparing one;
	struct bl_difference all = {0};
	uint64_t seed = 7 + kind;

	for (size_t j = 0; j < MANY; j++)
		draw_pair(&seed, kind, &x[0][j], &x[1][j]);
	one = (struct bl_comparing){.kernels = bl_kernels("base"),
		.dtype = {dtype[0], dtype[1]}, .tolerance = *t};
	c = one;
	for (size_t i = 0; i < 2; i++) /* not aligned, as in a file */
		put(dtype[i], row[i] + bl_dtype(dtype[i])->bits / 8, x[i]);
	for (size_t j = 0; j < MANY; j++) {
		bl_compare(&one, row[0] + bl_dtype(dtype[0])->bits / 8 * (j + 1),
			row[1] + bl_dtype(dtype[1])->bits / 8 * (j + 1), 1);
		for (size_t k = 0; k < BL_EXTREMES; k++)
			one.found.spot[k].at += one.found.spot[k].there ? j : 0;
		bl_difference_join(&all, &one.found);
	}
	for (size_t i = 0; i < 3; i++) {
		c.kernels = bl_kernels(set[i]);
		bl_compare(&c, row[0] + bl_dtype(dtype[0])->bits / 8,
			row[1] + bl_dtype(dtype[1])->bits / 8, MANY);
		expect_found(&c.found, &all);
	}
}

START_TEST(many)
{
	static const enum bl_dtype type[][2] = {{BL_F64, BL_F64}, {BL_F32, BL_F32},
		{BL_F16, BL_F16}, {BL_BF16, BL_BF16}, {BL_F8_E4M3, BL_F8_E4M3},
		{BL_F8_E5M2, BL_F8_E5M2}, {BL_F8_E5M2FNUZ, BL_F8_E5M2FNUZ}, {BL_BF16, BL_F32},
		{BL_F64, BL_F16}};
	static const struct bl_tolerance tolerance[] = {{false, 0, 0, 0}, {true, 0, 0, 0},
		{true, 0.01, 0, 0}, {true, 0, 0.02, 0}, {true, 0.001, 0.01, 1},
		{true, 0, 0, 1000}};

	for (size_t i = 0; i < sizeof type / sizeof type[0]; i++)
		for (size_t k = 0; k < sizeof tolerance / sizeof tolerance[0]; k++)
			for (unsigned kind = 0; kind < 7; kind++)
				check_rows(type[i], &tolerance[k], kind);
}
END_TEST

/* ---- types ---- */

/* As doubles; the same where they are the same numbers. */
START_TEST(two_types)
{
	const float a[] = {1, 2, ARITH_NAN, 0.0f, 16777217};
	const double b[] = {1, 2.5, -ARITH_NAN, -0.0, 16777217};

	c.kernels = bl_kernels(NULL);
	c.dtype[0] = BL_F32;
	c.dtype[1] = BL_F64;
	c.tolerance = (struct bl_tolerance){0};
	bl_compare(&c, a, b, 5);
	ck_assert_uint_eq(c.found.differing, 3); /* 2, the zeros, and what no float is */
	ck_assert_uint_eq(c.found.beyond, 3);
	ck_assert(!c.found.spot[BL_MOST_STEPS].there);
	ck_assert(c.found.spot[BL_MOST_ABS].size == 1 && c.found.spot[BL_MOST_ABS].at == 4);
	c.tolerance = (struct bl_tolerance){true, 0, 0, 1000};
	bl_compare(&c, a, b, 5);
	ck_assert_uint_eq(c.found.beyond, 2);
	ck_assert(bl_comparable(BL_C64, BL_C128) && !bl_comparable(BL_C64, BL_F32));
	ck_assert(!bl_comparable(BL_OTHER, BL_OTHER) && bl_comparable(BL_BOOL, BL_I64));
}
END_TEST

START_TEST(texts)
{
	char text[BL_CODE_TEXT];

	ck_assert_str_eq(bl_code_text(BL_F32, 0x3dcccccd, text), "0.1");
	ck_assert_str_eq(bl_code_text(BL_F32, 0x3dccccce, text), "0.10000001");
	ck_assert_str_eq(bl_code_text(BL_F64, 0x3fb999999999999a, text), "0.1");
	ck_assert_str_eq(bl_code_text(BL_F64, 0x3fd3333333333334, text), "0.30000000000000004");
	ck_assert_str_eq(bl_code_text(BL_BF16, 0x3dcd, text), "0.1001");
	ck_assert_str_eq(bl_code_text(BL_F16, 0xfc00, text), "-inf");
	ck_assert_str_eq(bl_code_text(BL_F16, 0x7e00, text), "nan");
	ck_assert_str_eq(bl_code_text(BL_F32, 0x80000000, text), "-0");
	ck_assert_str_eq(bl_code_text(BL_I16, 0xffff, text), "-1");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("compare");
	TCase *tc = tcase_create("compare");

	tcase_add_test(tc, tolerances);
	tcase_add_test(tc, whole);
	tcase_add_test(tc, steps);
	tcase_add_test(tc, packed);
	tcase_add_test(tc, rows);
	tcase_add_test(tc, many);
	tcase_add_test(tc, two_types);
	tcase_add_test(tc, texts);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
