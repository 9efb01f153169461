/* test_diff.c - two checkpoints: what sets them apart, the same however a run is cut. */
#include "arith.h"
#include "diff.h"
#include "scene.h"
#include "suite.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TENSORS 8

static struct scene sc;
static struct bl_diff diff;
static struct bl_diff_policy policy;
static struct bl_err err;

static const enum bl_dtype type[TENSORS] = {
	BL_F16, BL_F32, BL_F6_E2M3, BL_F64, BL_C64, BL_I64, BL_F32, BL_BOOL};

/* A tensor of each type, then one that is empty and one that is a scalar; every second one in
 * chunks. */
static void make_scene(bool chunked)
{
	const uint64_t dim[] = {208, 136}, chunk[] = {48, 40}, none[] = {0, 3};

	scene_init(&sc, 2, 1);
	for (size_t i = 0; i < TENSORS; i++) {
		const char name[] = {(char)('a' + i), '\0'};
		const bool whole = i != 2; /* others are in no chunks */

		if (i < 6)
			scene_tensors(&sc, name, type[i], 2, dim,
				chunked && whole && i % 2 == 0 ? chunk : NULL);
		else
			scene_tensors(&sc, name, type[i], i == 6 ? 2 : 0, none, NULL);
	}
	scene_ready(&sc);
}

/* The same in both, but for tensors a (in one place), b (everywhere), e (here and there). */
static void fill(void)
{
	uint64_t seed = 5;

	for (size_t i = 0; i < TENSORS; i++) {
		const size_t n = sc.source[0].cat.tensor[i].bytes;
		unsigned char *x = sc.in[0].value[i], *y = sc.in[1].value[i];

		for (size_t k = 0; k < n; k++)
			x[k] = (unsigned char)(arith_draw(&seed) & 0xbf); /* few are not finite */
		memcpy(y, x, n);
		for (size_t k = 0; k < n; k++)
			if (i == 1 ? k % 4 == 1 : i == 4 && (k / 1000) % 10 == 3)
				y[k] ^= (unsigned char)arith_draw(&seed) & 0x3f;
	}
	sc.in[1].value[0][2 * 25001 + 1] ^= 1;
}

static void run(void)
{
	struct bl_tally tally;
	struct bl_budget budget;

	if (bl_diff_make(&diff, sc.source, &policy, sc.job.kernels, &err) != 0)
		ck_abort_msg("%s", err.text);
	bl_diff_job(&diff, &sc.job);
	do {
		if (bl_run_budget(&sc.job, &budget, &err) != 0 ||
			bl_run(&sc.job, &tally, &err) != 0)
			ck_abort_msg("%s", err.text);
		ck_assert_uint_eq(budget.written_bytes, 0);
	} while (!diff.again && bl_diff_again(&diff));
}

static void clear(void)
{
	bl_diff_free(&diff);
	scene_free(&sc);
}

/* The tensors that differ, from their values. */
static void check_numbers(size_t i)
{
	const struct bl_difference *found = &diff.of[i].found;
	const enum bl_scalar s = bl_dtype(type[i])->scalar;
	const uint64_t n = sc.cat.tensor[i].count * bl_dtype(type[i])->lanes;
	uint64_t differing = 0, finite = 0, first = n, largest = n, nan_a = 0;
	double most = -1, square = 0;

	for (uint64_t j = 0; j < n; j++) {
		const uint64_t p = arith_get(s, sc.in[0].value[i], j);
		const uint64_t q = arith_get(s, sc.in[1].value[i], j);
		const double x = arith_value(s, p), y = arith_value(s, q);

		nan_a += isnan(x);
		first = p != q && first == n ? j : first;
		differing += p != q;
		if (!isfinite(x) || !isfinite(y))
			continue;
		finite++;
		square += (x - y) * (x - y);
		if (p != q && fabs(x - y) > most) {
			most = fabs(x - y);
			largest = j;
		}
	}
	ck_assert(diff.of[i].looked);
	ck_assert_uint_eq(diff.of[i].fate, BL_DIFF_VALUES);
	ck_assert_uint_eq(found->differing, differing);
	ck_assert_uint_eq(found->beyond, differing);
	ck_assert_uint_eq(found->finite, finite);
	ck_assert_uint_eq(found->nan[0], nan_a);
	ck_assert_uint_eq(found->spot[BL_FIRST].at, first);
	ck_assert_uint_eq(found->spot[BL_MOST_ABS].at, largest);
	ck_assert(found->spot[BL_MOST_ABS].size == most);
	ck_assert_double_eq_tol(found->rms, sqrt(square / (double)finite), found->rms * 1e-12);
}

START_TEST(numbers)
{
	make_scene(true);
	fill();
	run();
	bl_diff_finish(&diff);
	ck_assert_uint_eq(diff.count[BL_DIFF_VALUES], 3);
	ck_assert_uint_eq(diff.count[BL_DIFF_SAME], TENSORS - 3);
	for (size_t i = 0; i < TENSORS; i++) {
		if (i == 0 || i == 1 || i == 4)
			check_numbers(i);
		else
			ck_assert_uint_eq(diff.of[i].fate, BL_DIFF_SAME);
	}
	ck_assert_uint_eq(diff.of[0].found.spot[BL_FIRST].at, 25001);
	clear();
}
END_TEST

/* The same with one thread, large tiles, plain loops and no chunks as with anything else. */
START_TEST(however_cut)
{
	static const char *const set[] = {"base", "avx2", "avx512"};
	struct bl_difference want[TENSORS];

	for (unsigned c = 0; c < 12; c++) {
		make_scene(c % 2 == 1);
		fill();
		sc.job.threads = 1 + c % 4;
		sc.job.kernels = bl_kernels(set[c % 3]);
		if (c > 5) {
			ck_assert_int_eq(bl_diff_make(
				&diff, sc.source, &policy, sc.job.kernels, &err), 0);
			bl_diff_job(&diff, &sc.job);
			sc.job.memory = scene_least_memory(&sc);
			bl_diff_free(&diff);
		}
		run();
		for (size_t i = 0; i < TENSORS; i++) {
			struct bl_difference found = diff.of[i].found;

			if (c == 0)
				want[i] = found;
			ck_assert(arith_same(found.rms, want[i].rms));
			ck_assert(arith_same(found.cosine, want[i].cosine));
			found.rms = want[i].rms; /* NaN has many forms */
			found.cosine = want[i].cosine;
			ck_assert_mem_eq(&found, &want[i], sizeof found);
		}
		clear();
	}
}
END_TEST

/* What is the same is read once, what differs in parts twice. */
START_TEST(reads)
{
	make_scene(true);
	fill();
	run();
	for (size_t t = 0; t < 2; t++)
		for (size_t i = 0; i < TENSORS; i++) {
			unsigned least, most;

			memory_counts(&sc.in[t], i, &least, &most);
			ck_assert_uint_eq(most, i == 6 ? 0 : i == 0 ? 2 : least);
			ck_assert_uint_ge(most, i != 6);
		}
	clear();
}
END_TEST

/* One bit, wherever it is. */
START_TEST(one_bit)
{
	uint64_t seed = 9;

	for (unsigned c = 0; c < 40; c++) {
		size_t i, bit;

		make_scene(c % 2);
		sc.job.threads = 1 + c % 2;
		do {
			i = arith_below(&seed, TENSORS);
		} while (sc.source[0].cat.tensor[i].bytes == 0);
		bit = arith_below(&seed, sc.source[0].cat.tensor[i].bytes * 8);
		sc.in[c / 2 % 2].value[i][bit / 8] = (unsigned char)(1u << bit % 8);
		run();
		bl_diff_finish(&diff);
		ck_assert_uint_eq(diff.count[BL_DIFF_VALUES], 1);
		ck_assert_uint_eq(diff.of[i].found.beyond, 1);
		ck_assert_uint_eq(diff.of[i].found.spot[BL_FIRST].at,
			bit * bl_dtype(type[i])->lanes / bl_dtype(type[i])->bits);
		clear();
	}
}
END_TEST

/* Whichever of the two types is wider, there is room for its values. */
START_TEST(two_types)
{
	static const enum bl_dtype pair[][2] = {
		{BL_F64, BL_F16}, {BL_F16, BL_F64}, {BL_U8, BL_F32}};
	const uint64_t dim[] = {1000};

	for (size_t c = 0; c < 3; c++) {
		struct bl_tally tally;
		struct bl_budget budget;
		uint64_t most = 0;

		scene_init(&sc, 2, 1);
		scene_tensors(&sc, "w", BL_F64, 1, dim, NULL);
		scene_ready(&sc);
		for (size_t t = 0; t < 2; t++) {
			struct bl_tensor *w = &sc.source[t].cat.tensor[0];

			w->dtype = pair[c][t];
			ck_assert_int_eq(bl_tensor_measure(w, &err), 0);
			most = w->bytes > most ? w->bytes : most;
		}
		sc.in[0].value[0][999 * bl_dtype(pair[c][0])->bits / 8] = 1;
		ck_assert_int_eq(
			bl_diff_make(&diff, sc.source, &policy, sc.job.kernels, &err), 0);
		bl_diff_job(&diff, &sc.job);
		ck_assert_int_eq(bl_run_budget(&sc.job, &budget, &err), 0);
		ck_assert_uint_ge(budget.tile, most);
		ck_assert_int_eq(bl_run(&sc.job, &tally, &err), 0);
		bl_diff_finish(&diff);
		ck_assert_uint_eq(diff.count[BL_DIFF_TYPE], 1);
		ck_assert_uint_eq(diff.of[0].found.differing, 1);
		ck_assert_uint_eq(diff.of[0].found.spot[BL_FIRST].at, 999);
		clear();
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("diff");
	TCase *tc = tcase_create("diff");

	tcase_add_test(tc, numbers);
	tcase_add_test(tc, however_cut);
	tcase_add_test(tc, reads);
	tcase_add_test(tc, one_bit);
	tcase_add_test(tc, two_types);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
