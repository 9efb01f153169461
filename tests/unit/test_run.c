/* test_run.c - the engine: its formula, and the same bytes however a run is cut. */
#include "arith.h"
#include "scene.h"
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct scene sc;

static const struct bl_catalog *outputs(void)
{
	return &sc.cat;
}

/* Runs; the outputs must be what the formula says, every byte written once. */
static void run_and_compare(unsigned char *want[SCENE_SINKS][16], const struct bl_tally *expected)
{
	struct bl_tally tally = {9, 9, 9};
	struct bl_budget budget;
	struct bl_err err = {0};

	scene_clear(&sc);
	if (bl_run_budget(&sc.job, &budget, &err) != 0 || bl_run(&sc.job, &tally, &err) != 0)
		ck_abort_msg("%s", err.text);
	ck_assert_uint_eq(sc.progress.read_bytes, budget.read_bytes);
	ck_assert_uint_eq(sc.progress.written_bytes, budget.written_bytes);
	ck_assert_uint_eq(tally.kept_nonfinite, expected->kept_nonfinite);
	ck_assert_uint_eq(tally.overflowed, expected->overflowed);
	ck_assert_uint_eq(tally.saturated, expected->saturated);
	for (size_t p = 0; p < sc.job.sinks; p++) {
		for (size_t i = 0; i < outputs()->tensors; i++) {
			const struct bl_tensor *t = &outputs()->tensor[i];
			unsigned least, most, once = t->bytes && sc.needed[i] ? 1 : 0;

			memory_counts(&sc.out[p], i, &least, &most);
			if (least != once || most != once)
				ck_abort_msg("%s: %s: written %u to %u times", sc.sink[p].path,
					t->name, least, most);
			if (memcmp(sc.out[p].value[i], want[p][i], t->bytes) != 0)
				ck_abort_msg("%s: %s: wrong", sc.sink[p].path, t->name);
		}
	}
}

/* Is tensor i of source t read? */
static bool is_used(size_t t, size_t i)
{
	if (!sc.needed[i])
		return false;
	if (!sc.averaged[i])
		return t == sc.from[i];
	for (size_t p = 0; p < sc.job.sinks; p++)
		if (scene_weight(&sc, i, p, t) != 0)
			return true;
	return false;
}

/* Every byte that is used was read once, no other; more often only where wild results were. */
static void check_reads(bool wild)
{
	const size_t last = sc.job.sources - 1;

	for (size_t t = 0; t <= last; t++) {
		for (size_t i = 0; i < outputs()->tensors; i++) {
			unsigned least, most, once = scene_input(&sc, i)->bytes && is_used(t, i);

			if (scene_place(&sc, t, i) == BL_NOWHERE)
				continue;
			memory_counts(&sc.in[t], scene_place(&sc, t, i), &least, &most);
			if (least < once || (most > once && !(wild && once)))
				ck_abort_msg("%s: %s: read %u to %u times, not %u",
					sc.source[t].path, outputs()->tensor[i].name, least, most,
					once);
		}
	}
}

/* One scene, cut in many ways. */
static void run_all_ways(unsigned char *want[SCENE_SINKS][16], const struct bl_tally *tally)
{
	const struct bl_kernels *best = bl_kernels(NULL);
	const uint64_t least = scene_least_memory(&sc);
	const struct {
		unsigned threads;
		uint64_t memory;
		const struct bl_kernels *kernels;
	} way[] = {
		{1, UINT64_MAX / 4, best},
		{1, least, bl_kernels("base")},
		{2, 2 * least, best},
		{4, 5 * least, best},
		{3, UINT64_MAX / 4, bl_kernels("avx2")},
	};

	for (size_t k = 0; k < sizeof way / sizeof way[0]; k++) {
		sc.job.threads = way[k].threads;
		sc.job.memory = way[k].memory;
		sc.job.kernels = way[k].kernels;
		run_and_compare(want, tally);
		check_reads(tally->kept_nonfinite || tally->overflowed);
	}
}

static void random_scene(uint64_t seed, bool tame)
{
	unsigned char *want[SCENE_SINKS][16] = {{NULL}};
	struct bl_tally tally = {0};

	scene_random(&sc, seed, tame);
	sc.job.keep_nonfinite = !tame;
	for (size_t p = 0; p < sc.job.sinks; p++)
		for (size_t i = 0; i < outputs()->tensors; i++)
			want[p][i] = scene_expect(&sc, p, i, &tally);
	if (tame)
		ck_assert_uint_eq(tally.kept_nonfinite + tally.overflowed + tally.saturated, 0);
	run_all_ways(want, &tally);
	for (size_t p = 0; p < sc.job.sinks; p++)
		for (size_t i = 0; i < outputs()->tensors; i++)
			free(want[p][i]);
	scene_free(&sc);
}

START_TEST(random_runs)
{
	for (uint64_t seed = 0; seed < 60; seed++)
		random_scene(seed, true);
}
END_TEST

START_TEST(random_wild_runs)
{
	for (uint64_t seed = 1000; seed < 1030; seed++)
		random_scene(seed, false);
}
END_TEST

static const enum bl_dtype floats[] = {BL_F16, BL_BF16, BL_F32, BL_F64, BL_C64, BL_C128};
#define FLOATS (sizeof floats / sizeof floats[0])

/* Two tensors of every type, the second one of many chunks. */
static void make_floats(size_t sources, size_t sinks)
{
	const uint64_t dim[] = {30, 7}, chunk[] = {4, 3};
	char name[8];

	scene_init(&sc, sources, sinks);
	for (size_t k = 0; k < FLOATS; k++) {
		snprintf(name, sizeof name, "a%zu", k);
		scene_tensors(&sc, name, floats[k], 2, dim, NULL);
		snprintf(name, sizeof name, "b%zu", k);
		scene_tensors(&sc, name, floats[k], 2, dim, chunk);
	}
	scene_ready(&sc);
}

static uint64_t scalars_of(size_t i)
{
	const struct bl_tensor *t = &outputs()->tensor[i];

	return t->count * bl_dtype(t->dtype)->lanes;
}

static enum bl_scalar scalar_of(size_t i)
{
	return bl_dtype(outputs()->tensor[i].dtype)->scalar;
}

/* Output p must hold the bits of checkpoint t. */
static void check_copied(size_t p, size_t t)
{
	for (size_t i = 0; i < outputs()->tensors; i++)
		ck_assert_mem_eq(sc.out[p].value[i], sc.in[t].value[i],
			outputs()->tensor[i].bytes);
}

/* A value that never changed comes out as it was, whatever it is and whatever the weights, as long
 * as s is 1; their sum may differ from it by rounding. */
START_TEST(constants_stay)
{
	struct bl_tally tally;
	struct bl_err err;
	uint64_t seed = 3;

	make_floats(9, 5);
	for (size_t i = 0; i < outputs()->tensors; i++) {
		for (uint64_t j = 0; j < scalars_of(i); j++) {
			const uint64_t bits = arith_draw_bits(&seed, scalar_of(i));

			for (size_t t = 0; t < 9; t++)
				scene_put(&sc, t, i, j, bits);
		}
	}
	for (size_t p = 0; p < 5; p++)
		for (size_t t = 0; t < 9; t++)
			sc.weight[p][t] = p == 0 ? 1.0 / 9
			                         : arith_value(BL_SCALAR_F64,
							 arith_draw_finite(&seed, BL_SCALAR_F64));
	if (bl_run(&sc.job, &tally, &err) != 0)
		ck_abort_msg("%s", err.text);
	ck_assert_uint_gt(tally.kept_nonfinite, 0);
	ck_assert_uint_eq(tally.overflowed, 0);
	for (size_t p = 0; p < 5; p++)
		check_copied(p, 3);
	scene_free(&sc);
}
END_TEST

/* A row of one 1 copies that checkpoint's bits, NaN payloads and all, and reads no other. */
START_TEST(one_hot_copies)
{
	struct bl_tally tally;
	struct bl_err err;
	uint64_t seed = 4;

	make_floats(6, 3);
	for (size_t t = 0; t < 6; t++)
		for (size_t i = 0; i < outputs()->tensors; i++)
			for (uint64_t j = 0; j < scalars_of(i); j++)
				scene_put(&sc, t, i, j, arith_draw_bits(&seed, scalar_of(i)));
	sc.weight[0][2] = sc.weight[1][5] = sc.weight[2][0] = 1;
	if (bl_run(&sc.job, &tally, &err) != 0)
		ck_abort_msg("%s", err.text);
	ck_assert_uint_gt(tally.kept_nonfinite, 0);
	check_copied(0, 2);
	check_copied(1, 5);
	check_copied(2, 0);
	for (size_t t = 0; t < 6; t++)
		if (t == 1 || t == 3 || t == 4)
			ck_assert_uint_eq(sc.in[t].calls, 0);
	scene_free(&sc);
}
END_TEST

/* A row of one 1 converts that checkpoint's values: every pattern of the small types, and what is
 * drawn of the others, to every type that an output may have. */
START_TEST(one_hot_converts)
{
	static const enum bl_dtype from[] = {BL_F16, BL_BF16, BL_F32, BL_F64, BL_C64, BL_F8_E5M2,
		BL_F8_E4M3, BL_F8_E4M3FNUZ, BL_F8_E5M2FNUZ};
	static const enum bl_dtype to[] = {BL_F16, BL_BF16, BL_F32, BL_F64};
	const uint64_t dim[] = {65536};
	uint64_t seed = 6;

	for (size_t k = 0; k < 4 * sizeof from / sizeof from[0]; k++) {
		const enum bl_dtype d = from[k / 4], as = bl_dtype_as(d, to[k % 4]);
		const enum bl_scalar in = bl_dtype(d)->scalar, out = bl_dtype(as)->scalar;
		struct bl_tally tally;
		struct bl_err err;

		if (as == d)
			continue;
		scene_init(&sc, 1, 1);
		scene_tensors(&sc, "w", d, 1, dim, NULL);
		scene_ready(&sc);
		scene_retype(&sc, 0, as);
		sc.averaged[0] = true;
		sc.weight[0][0] = 1;
		sc.job.keep_nonfinite = true;
		for (uint64_t j = 0; j < 65536; j++)
			scene_put(&sc, 0, 0, j, bl_scalar_size(in) <= 2
				? j & (in >= BL_SCALAR_E5M2 ? 0xff : 0xffff)
				: arith_draw_bits(&seed, in));
		if (bl_run(&sc.job, &tally, &err) != 0)
			ck_abort_msg("%s", err.text);
		for (uint64_t j = 0; j < 65536; j++)
			ck_assert_uint_eq(arith_get(out, sc.out[0].value[0], j), arith_round(out,
				arith_value(in, arith_get(in, sc.in[0].value[0], j))));
		scene_free(&sc);
	}
}
END_TEST

/* Values and weights of so few bits that every step is exact: the result is the weighted average
 * itself, rounded once. */
START_TEST(averages_exactly)
{
	static const double weight[] = {3, 9, 1, 20, 31}; /* 64ths */
	struct bl_tally tally;
	struct bl_err err;
	uint64_t seed = 5;

	make_floats(5, 1);
	for (size_t t = 0; t < 5; t++) {
		sc.weight[0][t] = weight[t] / 64;
		for (size_t i = 0; i < outputs()->tensors; i++)
			for (uint64_t j = 0; j < scalars_of(i); j++)
				scene_put(&sc, t, i, j, arith_round(scalar_of(i),
					(double)arith_below(&seed, 256) - 128));
	}
	ck_assert_int_eq(bl_run(&sc.job, &tally, &err), 0);
	for (size_t i = 0; i < outputs()->tensors; i++) {
		for (uint64_t j = 0; j < scalars_of(i); j++) {
			double sum = 0;

			for (size_t t = 0; t < 5; t++)
				sum += weight[t] * arith_value(scalar_of(i),
					arith_get(scalar_of(i), sc.in[t].value[i], j));
			ck_assert_uint_eq(arith_get(scalar_of(i), sc.out[0].value[i], j),
				arith_round(scalar_of(i), sum / 64 + 0.0));
		}
	}
	scene_free(&sc);
}
END_TEST

/* What the plan is told is what happens. */
START_TEST(progress_counts)
{
	const uint64_t dim[] = {1000, 9}, small[] = {7};
	struct bl_budget budget;
	struct bl_tally tally;
	struct bl_err err;

	scene_init(&sc, 5, 3);
	scene_tensors(&sc, "w", BL_F32, 2, dim, NULL);
	scene_tensors(&sc, "n", BL_I64, 1, small, NULL);
	scene_tensors(&sc, "gone", BL_U8, 2, dim, NULL);
	scene_ready(&sc);
	sc.needed[2] = false;
	sc.weight[0][1] = sc.weight[0][3] = sc.weight[1][3] = sc.weight[2][0] = 0.5;
	sc.job.memory = 2 * scene_least_memory(&sc);
	sc.job.threads = 2;
	ck_assert_int_eq(bl_run_budget(&sc.job, &budget, &err), 0);
	ck_assert_uint_eq(budget.read_bytes, 3 * 36000 + 56);
	ck_assert_uint_eq(budget.written_bytes, 3 * (36000 + 56));
	ck_assert_int_eq(bl_run(&sc.job, &tally, &err), 0);
	ck_assert_uint_eq(sc.progress.read_bytes, budget.read_bytes);
	ck_assert_uint_eq(sc.progress.written_bytes, budget.written_bytes);
	scene_free(&sc);
}
END_TEST

/* Nothing to do is no error; an output without weights is the caller's. */
START_TEST(nothing_to_do)
{
	const uint64_t dim[] = {0, 5};
	struct bl_tally tally;
	struct bl_err err;

	scene_init(&sc, 2, 1);
	scene_ready(&sc);
	sc.weight[0][0] = 1;
	sc.job.threads = 3;
	ck_assert_int_eq(bl_run(&sc.job, &tally, &err), 0);
	scene_free(&sc);
	scene_init(&sc, 2, 1);
	scene_tensors(&sc, "w", BL_F32, 2, dim, NULL);
	scene_tensors(&sc, "s", BL_OTHER, 0, NULL, NULL);
	scene_ready(&sc);
	sc.weight[0][1] = 1;
	ck_assert_int_eq(bl_run(&sc.job, &tally, &err), 0);
	ck_assert_uint_eq(sc.in[1].calls + sc.out[0].calls, 0);
	sc.weight[0][1] = 0;
	ck_assert_int_eq(bl_run(&sc.job, &tally, &err), -1);
	ck_assert_int_eq(err.code, BL_BUG);
	ck_assert_str_eq(err.text, "output 0 has no weights");
	scene_free(&sc);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("run");
	TCase *t = tcase_create("run");

	alarm(120); /* whoever waits for ever */
	tcase_add_test(t, constants_stay);
	tcase_add_test(t, one_hot_copies);
	tcase_add_test(t, one_hot_converts);
	tcase_add_test(t, averages_exactly);
	tcase_add_test(t, progress_counts);
	tcase_add_test(t, nothing_to_do);
	tcase_add_test(t, random_runs);
	tcase_add_test(t, random_wild_runs);
	suite_add_tcase(s, t);
	return suite_run(s);
}
