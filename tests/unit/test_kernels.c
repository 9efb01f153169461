/* test_kernels.c - the inner loops: exact conversions, the same bits from every instruction set. */
#include "arith.h"
#include "sets.h"
#include "suite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 4096

static const enum bl_scalar scalars[] = {
	BL_SCALAR_F16, BL_SCALAR_BF16, BL_SCALAR_F32, BL_SCALAR_F64,
};
#define SCALARS (sizeof scalars / sizeof scalars[0])

START_TEST(masks)
{
	const struct bl_kernels *set[SETS + 1];
	size_t n = 0;

	sets_here(set);
	ck_assert_str_eq(set[0]->name, "base");
	while (set[n])
		n++;
	ck_assert_ptr_eq(bl_kernels(NULL), set[n - 1]);
	ck_assert_ptr_eq(bl_kernels(""), set[n - 1]);
	ck_assert_ptr_null(bl_kernels("sse9"));
	ck_assert_ptr_null(bl_kernels("avx"));
#if defined(__x86_64__)
	if (__builtin_cpu_supports("avx2"))
		ck_assert_str_eq(bl_kernels("avx2")->name, "avx2");
	if (__builtin_cpu_supports("avx512bw"))
		ck_assert_str_eq(bl_kernels("avx512")->name, "avx512");
#endif
}
END_TEST

/* All patterns of a 2-byte type, against the definition. */
static void load_all(const struct bl_kernel *k, enum bl_scalar s)
{
	uint16_t *x = malloc(65536 * sizeof *x);
	double *out = malloc(65536 * sizeof *out);

	for (size_t i = 0; i < 65536; i++)
		x[i] = (uint16_t)i;
	k->load(out, x, 65536);
	for (size_t i = 0; i < 65536; i++)
		if (!arith_same(out[i], arith_value(s, i)))
			ck_abort_msg("%#zx is loaded as %a, not %a", i, out[i], arith_value(s, i));
	free(x);
	free(out);
}

START_TEST(loads_all_halves)
{
	const struct bl_kernels *set[SETS + 1];

	sets_here(set);
	for (size_t i = 0; set[i]; i++) {
		load_all(&set[i]->kernel[BL_SCALAR_F16], BL_SCALAR_F16);
		load_all(&set[i]->kernel[BL_SCALAR_BF16], BL_SCALAR_BF16);
	}
}
END_TEST

/* Stores n <= BATCH doubles with every set and compares with the search. */
/* Values that every set is to store at the first attempt: finite, and for bf16 no tie of floats. */
static void store_at_once(enum bl_scalar s, const double *d, size_t n)
{
	const struct bl_kernels *set[SETS + 1];
	static double acc[BATCH], ref[BATCH];
	static uint64_t expected[BATCH], out[BATCH];
	size_t m = 0;

	for (size_t j = 0; j < n; j++) {
		const float f = (float)d[j];
		const uint64_t code = arith_round(s, d[j]);
		uint32_t bits;

		memcpy(&bits, &f, sizeof bits);
		if ((code & arith_infinity(s)) == arith_infinity(s) ||
			(s == BL_SCALAR_BF16 && (bits & 0xffff) == 0x8000))
			continue;
		acc[m] = -d[j];
		ref[m] = -0.0;
		expected[m++] = code;
	}
	sets_here(set);
	for (size_t i = 0; set[i]; i++) {
		ck_assert(set[i]->kernel[s].store(out, acc, ref, 1.0, 1.0, m));
		for (size_t j = 0; j < m; j++)
			if (arith_get(s, out, j) != expected[j])
				ck_abort_msg("%s, type %d: %a is stored as %#llx, not %#llx",
					set[i]->name, (int)s, -acc[j],
					(unsigned long long)arith_get(s, out, j),
					(unsigned long long)expected[j]);
	}
}

static void store_batch(enum bl_scalar s, const double *d, size_t n)
{
	const struct bl_kernels *set[SETS + 1];
	static double acc[BATCH];
	static uint64_t expected[BATCH], out[BATCH];
	static double ref[BATCH];
	bool finite = true;

	sets_here(set);
	for (size_t j = 0; j < n; j++) {
		acc[j] = -d[j]; /* -0 - -d is d, for both zeros too */
		ref[j] = -0.0;
		expected[j] = arith_round(s, d[j]);
		finite = finite && (expected[j] & arith_infinity(s)) != arith_infinity(s);
	}
	for (size_t i = 0; set[i]; i++) {
		const bool said = set[i]->kernel[s].store(out, acc, ref, 1.0, 1.0, n);

		if (said != finite)
			ck_abort_msg("%s, type %d: the flag is %d", set[i]->name, (int)s, said);
		for (size_t j = 0; j < n; j++)
			if (arith_get(s, out, j) != expected[j])
				ck_abort_msg("%s, type %d: %a is stored as %#llx, not %#llx",
					set[i]->name, (int)s, d[j],
					(unsigned long long)arith_get(s, out, j),
					(unsigned long long)expected[j]);
	}
}

/* Every value of the 2-byte types, the midpoint above it, and their neighbours. */
START_TEST(stores_all_halves)
{
	const enum bl_scalar s = scalars[_i];
	double d[BATCH];
	size_t n = 0;

	for (uint64_t code = 0; code < arith_infinity(s); code++) {
		const double value = arith_value(s, code);
		const double middle = (value + arith_next(s, code)) / 2;
		const double near[] = {value, nextafter(value, 0), nextafter(value, INFINITY),
			middle, nextafter(middle, 0), nextafter(middle, INFINITY),
			middle * (1 + 0x1p-40), middle * (1 - 0x1p-40)};

		for (size_t i = 0; i < sizeof near / sizeof near[0]; i++) {
			d[n++] = near[i];
			d[n++] = -near[i];
		}
		if (n == BATCH || code + 1 == arith_infinity(s)) {
			store_batch(s, d, n);
			store_at_once(s, d, n);
			n = 0;
		}
	}
}
END_TEST

/* A double that is interesting to round to s. */
static double draw_double(uint64_t *seed, enum bl_scalar s)
{
	const uint64_t code = arith_below(seed, arith_infinity(s));
	const double value = arith_value(s, code);
	const double sign = arith_draw(seed) & 1 ? -1 : 1;
	const double fraction = ldexp((double)(arith_draw(seed) >> 11), -53);
	const double middle = value / 2 + arith_next(s, code) / 2;

	switch (arith_below(seed, 6)) {
	case 0: /* anywhere between two neighbours */
		return sign * (value + fraction * (arith_next(s, code) - value));
	case 1: /* also beyond both ends */
		return sign * fraction * ldexp(value, (int)arith_below(seed, 60) - 30);
	case 2:
		return sign * nextafter(middle, arith_draw(seed) & 1 ? 0 : INFINITY);
	case 3:
		return sign * middle;
	case 4: /* rounded by way of float these would come out wrong */
		return sign * middle * (1 + (fraction - 0.5) * 0x1p-24);
	default:
		return sign * value;
	}
}

START_TEST(stores_random)
{
	static const size_t batches[SCALARS] = {300, 300, 200, 100};
	uint64_t seed = (uint64_t)_i + 1;
	static double d[BATCH];

	for (size_t b = 0; b < batches[_i]; b++) {
		for (size_t j = 0; j < BATCH; j++)
			d[j] = draw_double(&seed, scalars[_i]);
		store_batch(scalars[_i], d, BATCH);
		store_at_once(scalars[_i], d, BATCH);
	}
}
END_TEST

START_TEST(stores_known)
{
	static const struct {
		enum bl_scalar s;
		double d;
		uint64_t bits;
	} known[] = {
		{BL_SCALAR_F16, 65504, 0x7bff},
		{BL_SCALAR_F16, 65519.99, 0x7bff},
		{BL_SCALAR_F16, 65520, 0x7c00},
		{BL_SCALAR_F16, -65520, 0xfc00},
		{BL_SCALAR_F16, 1e300, 0x7c00},
		{BL_SCALAR_F16, 0x1p-24, 0x0001},
		{BL_SCALAR_F16, 0x1p-25, 0x0000},
		{BL_SCALAR_F16, -0x1p-25, 0x8000},
		{BL_SCALAR_F16, 0x1.0000000000001p-25, 0x0001},
		{BL_SCALAR_F16, 0x1.8p-24, 0x0002},
		{BL_SCALAR_F16, 0x1p-14, 0x0400},
		{BL_SCALAR_F16, -0.0, 0x8000},
		{BL_SCALAR_F16, -1e-300, 0x8000},
		{BL_SCALAR_F16, 1 + 0x1p-11 + 0x1p-40, 0x3c01}, /* 1 by way of float */
		{BL_SCALAR_BF16, 1 + 0x1p-8 + 0x1p-40, 0x3f81}, /* 1 by way of float */
		{BL_SCALAR_BF16, 1 + 0x1p-8, 0x3f80},
		{BL_SCALAR_BF16, 0x1.fep127, 0x7f7f},
		{BL_SCALAR_BF16, 0x1.feffffffp127, 0x7f7f},
		{BL_SCALAR_BF16, 0x1.ffp127, 0x7f80},
		{BL_SCALAR_BF16, 0x1.ffffffp127, 0x7f80},
		{BL_SCALAR_BF16, 1e308, 0x7f80},
		{BL_SCALAR_BF16, -1e308, 0xff80},
		{BL_SCALAR_BF16, 0x1p-133, 0x0001},
		{BL_SCALAR_BF16, 0x1p-134, 0x0000},
		{BL_SCALAR_BF16, -0x1p-1074, 0x8000},
		{BL_SCALAR_F32, 0x1.fffffefffffffp127, 0x7f7fffff},
		{BL_SCALAR_F32, 0x1.ffffffp127, 0x7f800000},
		{BL_SCALAR_F32, 0x1p-149, 0x00000001},
		{BL_SCALAR_F32, 0x1p-150, 0x00000000},
		{BL_SCALAR_F32, 0x1.0000000000001p-150, 0x00000001},
		{BL_SCALAR_F32, -0.0, 0x80000000},
		{BL_SCALAR_F64, -0.0, UINT64_C(0x8000000000000000)},
		{BL_SCALAR_F64, 0x1p-1074, 1},
	};

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		ck_assert_uint_eq(arith_round(known[i].s, known[i].d), known[i].bits);
		store_batch(known[i].s, &known[i].d, 1);
	}
}
END_TEST

/* Whatever NaN comes in, by the sum or by the reference, the same one comes out. */
START_TEST(stores_nan)
{
	static const uint64_t quiet[SCALARS] = {
		0x7e00, 0x7fc0, 0x7fc00000, UINT64_C(0x7ff8000000000000),
	};
	const enum bl_scalar s = scalars[_i];
	const struct bl_kernels *set[SETS + 1];
	const uint64_t loud = arith_infinity(s) | 1;
	const uint64_t negative =
		(UINT64_C(1) << (8 * bl_scalar_size(s) - 1)) | arith_infinity(s) | 3;
	const uint64_t given[] = {loud, negative, quiet[_i], arith_infinity(s)};
	const double sums[] = {ARITH_NAN, -ARITH_NAN, 1, INFINITY};

	sets_here(set);
	for (size_t i = 0; set[i]; i++) {
		for (size_t a = 0; a < 4; a++) {
			for (size_t b = 0; b < 4; b++) {
				uint64_t x = 0, out = 0;
				double ref;

				if (a == 3 && b == 2)
					continue; /* infinity less 1 */
				arith_put(s, &x, 0, given[a]);
				set[i]->kernel[s].load(&ref, &x, 1);
				ck_assert(!set[i]->kernel[s].store(
					&out, &sums[b], &ref, 1.0, 1.0, 1));
				ck_assert_uint_eq(arith_get(s, &out, 0), quiet[_i]);
			}
		}
	}
}
END_TEST

/* One value that is not finite, at every place of every length. */
START_TEST(flag_is_exact)
{
	const enum bl_scalar s = scalars[_i];
	const struct bl_kernels *set[SETS + 1];
	const double wild[] = {INFINITY, -INFINITY, ARITH_NAN};
	double acc[71], out[71], ref[71] = {0};

	sets_here(set);
	for (size_t j = 0; j < 71; j++)
		acc[j] = -arith_value(s, arith_infinity(s) - 1); /* the largest value */
	for (size_t i = 0; set[i]; i++) {
		for (size_t n = 0; n <= 70; n++) {
			ck_assert(set[i]->kernel[s].store(out, acc, ref, 1.0, 1.0, n));
			for (size_t at = 0; at <= n; at++) {
				const double kept = acc[at];

				acc[at] = wild[(n + at) % 3];
				if (set[i]->kernel[s].store(out, acc, ref, 1.0, 1.0, n) !=
					(at == n))
					ck_abort_msg("%s: %zu of %zu", set[i]->name, at, n);
				acc[at] = kept;
			}
		}
	}
}
END_TEST

/* Room for arrays that start anywhere and must not be left. */
#define LONGEST 70
#define ROOM (LONGEST + 16)

START_TEST(loads_anything)
{
	const enum bl_scalar s = scalars[_i];
	const struct bl_kernels *set[SETS + 1];
	uint64_t seed = 5, x[ROOM];
	double out[ROOM];

	sets_here(set);
	for (size_t round = 0; round < 2 * (LONGEST + 1) * 8; round++) {
		const size_t n = round % (LONGEST + 1), at = round / (LONGEST + 1) % 8;

		for (size_t j = 0; j < ROOM; j++)
			arith_put(s, x, j, arith_draw_bits(&seed, s));
		for (size_t i = 0; set[i]; i++) {
			for (size_t j = 0; j < ROOM; j++)
				out[j] = 42;
			set[i]->kernel[s].load(
				out + at, (const char *)x + at * bl_scalar_size(s), n);
			for (size_t j = 0; j < ROOM; j++)
				if (!arith_same(out[j], j >= at && j < at + n
						? arith_value(s, arith_get(s, x, j)) : 42))
					ck_abort_msg("%s: value %zu of %zu", set[i]->name, j, n);
		}
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernels");
	TCase *t = tcase_create("kernels");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, masks);
	tcase_add_test(t, loads_all_halves);
	tcase_add_loop_test(t, loads_anything, 0, SCALARS);
	tcase_add_test(t, stores_known);
	tcase_add_loop_test(t, stores_all_halves, 0, 2);
	tcase_add_loop_test(t, stores_random, 0, SCALARS);
	tcase_add_loop_test(t, stores_nan, 0, SCALARS);
	tcase_add_loop_test(t, flag_is_exact, 0, SCALARS);
	suite_add_tcase(s, t);
	return suite_run(s);
}
