/* test_drift.c - distances of checkpoints: formulas, and the same bits however a run is cut. */
#include "arith.h"
#include "drift.h"
#include "scene.h"
#include "suite.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CHECKPOINTS 7
#define TENSORS 8

static struct scene sc;
static struct bl_drift drift;
static struct bl_err err;

static const enum bl_dtype type[TENSORS] = {
	BL_F16, BL_BF16, BL_F32, BL_F64, BL_C64, BL_C128, BL_F32, BL_F32};

/* A tensor of each type, then one that is empty and one that is a scalar; every second one in
 * chunks. Averages are doubles. */
static void make_scene(bool chunked)
{
	const uint64_t dim[] = {107, 31}, chunk[] = {16, 12}, none[] = {0, 3};

	scene_init(&sc, CHECKPOINTS, 1);
	for (size_t i = 0; i < TENSORS; i++) {
		const char name[] = {(char)('a' + i), '\0'};

		if (i < 6)
			scene_tensors(
				&sc, name, type[i], 2, dim, chunked && i % 2 == 0 ? chunk : NULL);
		else
			scene_tensors(&sc, name, type[i], i == 6 ? 2 : 0, none, NULL);
	}
	scene_ready(&sc);
	for (size_t i = 0; i < TENSORS; i++)
		scene_retype(&sc, i, bl_dtype_as(type[i], BL_F64));
	for (size_t t = 0; t < CHECKPOINTS; t++)
		sc.weight[0][t] = t == 1 ? 0 : ldexp(1, t == 0 ? -5 : (int)t - 7);
}

static enum bl_scalar scalar_of(size_t i)
{
	return bl_dtype(type[i])->scalar;
}

static uint64_t scalars_of(size_t i)
{
	return sc.cat.tensor[i].count * bl_dtype(type[i])->lanes;
}

static double value_at(size_t t, size_t i, uint64_t j)
{
	return arith_value(scalar_of(i), arith_get(scalar_of(i), sc.in[t].value[i], j));
}

static void prepare(void)
{
	if (bl_drift_make(&drift, &sc.all, sc.averaged, sc.job.kernels, &err) != 0)
		ck_abort_msg("%s", err.text);
	sc.job.survey = &drift.survey;
}

static void run(void)
{
	struct bl_tally tally;
	struct bl_budget budget;

	if (!sc.job.survey)
		prepare();
	if (bl_run_budget(&sc.job, &budget, &err) != 0 || bl_run(&sc.job, &tally, &err) != 0)
		ck_abort_msg("%s", err.text);
	ck_assert_uint_eq(sc.progress.read_bytes, budget.read_bytes);
	ck_assert_uint_eq(sc.progress.written_bytes, 0);
	ck_assert_uint_eq(budget.written_bytes, 0);
	bl_drift_finish(&drift);
}

/* Whole numbers of so few bits that every sum is one, too: then the numbers are those of
 * arithmetic. */
START_TEST(formulas)
{
	const int last = CHECKPOINTS - 1;
	uint64_t seed = 1;

	make_scene(true);
	for (size_t t = 0; t < CHECKPOINTS; t++)
		for (size_t i = 0; i < TENSORS; i++)
			for (uint64_t j = 0; j < scalars_of(i); j++)
				scene_put(&sc, t, i, j,
					arith_round(scalar_of(i),
						(double)arith_below(&seed, 256) - 128));
	run();
	ck_assert_uint_eq(drift.tensors, TENSORS);
	for (size_t i = 0; i <= TENSORS; i++) {
		const struct bl_drift_of *of = i < TENSORS ? &drift.of[i] : &drift.model;
		int64_t before = 0;

		for (int t = 0; t <= last; t++) {
			int64_t moved = 0, to_last = 0, to_average = 0, norm = 0, turn = 0;

			for (size_t k = i % TENSORS; k < (i < TENSORS ? i + 1 : TENSORS); k++)
				for (uint64_t j = 0; j < scalars_of(k); j++) {
					int64_t x[CHECKPOINTS], a = 0; /* a: 64ths */

					for (int u = 0; u <= last; u++) {
						x[u] = (int64_t)value_at((size_t)u, k, j);
						a += (int64_t)(64 * sc.weight[0][u]) * x[u];
					}
					norm += x[t] * x[t];
					to_last += (x[t] - x[last]) * (x[t] - x[last]);
					to_average += (64 * x[t] - a) * (64 * x[t] - a);
					if (t > 0)
						moved += (x[t] - x[t - 1]) * (x[t] - x[t - 1]);
					if (t > 1)
						turn += (x[t] - x[t - 1]) * (x[t - 1] - x[t - 2]);
				}
			ck_assert(of->point[t].norm == sqrt((double)norm));
			ck_assert(of->point[t].to_last == sqrt((double)to_last));
			ck_assert(of->point[t].to_average == sqrt((double)to_average / 4096));
			ck_assert(t > 0 ? of->point[t].movement == sqrt((double)moved)
					: isnan(of->point[t].movement));
			if (t > 1 && moved > 0 && before > 0)
				ck_assert_double_eq_tol(of->point[t].cosine,
					(double)turn / sqrt((double)moved * (double)before), 1e-15);
			else
				ck_assert(isnan(of->point[t].cosine));
			ck_assert_uint_eq(of->point[t].nonfinite, 0);
			before = moved;
		}
	}
	bl_drift_free(&drift);
	scene_free(&sc);
}
END_TEST

/* Anything, not finite now and then. */
static void fill_wildly(void)
{
	uint64_t seed = 2;

	for (size_t t = 0; t < CHECKPOINTS; t++)
		for (size_t i = 0; i < TENSORS; i++)
			for (uint64_t j = 0; j < scalars_of(i); j++) {
				const enum bl_scalar s = scalar_of(i);
				const double x = ldexp((double)(int64_t)arith_draw(&seed),
					(int)arith_below(&seed, 30) - 75);

				scene_put(&sc, t, i, j,
					arith_below(&seed, 400) ? arith_round(s, x)
					: arith_draw_bits(&seed, BL_SCALAR_F16) % 2
						? arith_infinity(s)
						: arith_round(s, ARITH_NAN));
			}
}

/* The same with one thread, large tiles, plain loops and no chunks as with anything else. */
START_TEST(however_cut)
{
	static const char *const set[] = {"base", "avx2", "avx512"};
	struct bl_drift_point want[(TENSORS + 1) * CHECKPOINTS];

	for (unsigned c = 0; c < 13; c++) {
		make_scene(c % 2 == 1);
		fill_wildly();
		sc.job.threads = 1 + c % 4;
		sc.job.kernels = bl_kernels(set[c % 3]);
		if (c % 8 >= 4)
			scene_flatten(&sc);
		prepare();
		if (c > 6)
			sc.job.memory = scene_least_memory(&sc);
		run();
		if (c == 0)
			memcpy(want, drift.points, sizeof want);
		for (size_t k = 0; k < (TENSORS + 1) * CHECKPOINTS; k++) {
			const struct bl_drift_point *a = &want[k], *b = &drift.points[k];

			ck_assert(arith_same(a->movement, b->movement));
			ck_assert(arith_same(a->to_last, b->to_last));
			ck_assert(arith_same(a->to_average, b->to_average));
			ck_assert(arith_same(a->norm, b->norm));
			ck_assert(arith_same(a->cosine, b->cosine));
			ck_assert_uint_eq(a->nonfinite, b->nonfinite);
		}
		ck_assert_uint_gt(drift.model.point[3].nonfinite, 10);
		bl_drift_free(&drift);
		scene_free(&sc);
	}
}
END_TEST

/* Every byte is read once, that of checkpoints without a weight too. */
START_TEST(one_read)
{
	make_scene(true);
	run();
	for (size_t t = 0; t < CHECKPOINTS; t++)
		for (size_t i = 0; i < TENSORS; i++) {
			unsigned least, most;

			memory_counts(&sc.in[t], i, &least, &most);
			ck_assert_uint_eq(least, scalars_of(i) > 0);
			ck_assert_uint_eq(most, scalars_of(i) > 0);
		}
	bl_drift_free(&drift);
	scene_free(&sc);
}
END_TEST

/* All tiles of a checkpoint are held at once: what cannot be is refused, and said. */
START_TEST(memory)
{
	struct bl_budget budget;
	uint64_t needed;

	make_scene(true);
	prepare();
	needed = scene_least_memory(&sc);
	sc.job.memory = needed;
	ck_assert_int_eq(bl_run_budget(&sc.job, &budget, &err), 0);
	ck_assert_uint_eq(budget.peak, needed);
	ck_assert_uint_eq(budget.inputs, CHECKPOINTS);
	ck_assert_uint_gt(needed, drift.survey.room + CHECKPOINTS * (uint64_t)16 * 12 * 16);
	sc.job.memory = needed - 1;
	ck_assert_int_eq(bl_run_budget(&sc.job, &budget, &err), -1);
	ck_assert_int_eq(err.code, BL_LIMIT);
	bl_drift_free(&drift);
	scene_free(&sc);
	ck_assert_uint_eq(bl_drift_bytes(SIZE_MAX / 2, 1000), UINT64_MAX);
	ck_assert_uint_gt(bl_drift_bytes(10, 1000), 11 * 1000 * sizeof(struct bl_drift_point));
}
END_TEST

/* Squares beyond the largest double make a number infinite, and it alone; what is not finite is
 * left out of the numbers that it belongs to. */
START_TEST(extremes)
{
	const uint64_t dim[] = {3};
	const struct {
		double x[3]; /* of the scalars */
		double movement, norm;
		uint64_t nonfinite;
	} want[] = {
		{{3, 4, 0}, 0, 5, 0},
		{{HUGE_VAL, 4, 12}, 12, 0x1.94c583ada5b53p3 /* root of 160 */, 1},
		{{HUGE_VAL, -4, ARITH_NAN}, 8, 4, 2},
		{{3, 1e200, 0}, HUGE_VAL, HUGE_VAL, 0},
		{{3, 1e200, 1e-162}, 0, HUGE_VAL, 0},
	};

	scene_init(&sc, 5, 1);
	scene_tensors(&sc, "w", BL_F64, 1, dim, NULL);
	scene_ready(&sc);
	for (size_t t = 0; t < 5; t++)
		for (size_t j = 0; j < 3; j++)
			scene_put(&sc, t, 0, j, arith_round(BL_SCALAR_F64, want[t].x[j]));
	sc.weight[0][0] = 1;
	run();
	for (size_t t = 0; t < 5; t++) {
		const struct bl_drift_point *p = &drift.of[0].point[t];

		ck_assert(t == 0 ? isnan(p->movement) : p->movement == want[t].movement);
		ck_assert(p->norm == want[t].norm);
		ck_assert_uint_eq(p->nonfinite, want[t].nonfinite);
		ck_assert(t == 2 ? p->cosine == 0 : isnan(p->cosine));
	}
	bl_drift_free(&drift);
	scene_free(&sc);
}
END_TEST

/* What is said of a model follows from its numbers. */
START_TEST(sums)
{
	struct bl_drift_point point[] = {
		{NAN, 10, 9, 1, NAN, 0},
		{5, 8, 4, 2, NAN, 2},
		{1, 6, 2, 3, 0.5, 0},
		{3, 2, 2, 4, -0.5, 1},
		{2, 0, 3, 8, -0.7, 0},
	};
	struct bl_drift_of of[] = {{NULL, 1, point}, {NULL, 1, point}, {NULL, 1, point}};
	const struct bl_drift d = {.checkpoints = 5, .of = of, .tensors = 3};
	const struct bl_drift_sum s = bl_drift_sum(&d, &of[0]);
	struct bl_drift_point still[5] = {{0}}, brisk[5];
	size_t *order;

	ck_assert(s.move == 2 && s.share == 0.25 && s.path == 11 && s.net == 10 && s.lag == 3);
	ck_assert_double_eq_tol(s.cosine, -0.7 / 3, 1e-15);
	ck_assert_uint_eq(s.nearest, 3);
	ck_assert_uint_eq(s.nonfinite, 3);
	memcpy(brisk, point, sizeof brisk);
	brisk[4].movement = 100;
	of[1].point = still;
	of[2].point = brisk;
	ck_assert_int_eq(bl_drift_order(&d, &order, &err), 0);
	ck_assert(order[0] == 2 && order[1] == 0 && order[2] == 1);
	free(order);
	ck_assert(strstr(bl_drift_advice(&(struct bl_drift_sum){.cosine = -0.4}), "noise"));
	ck_assert(strstr(bl_drift_advice(&(struct bl_drift_sum){.cosine = 0.1}), "random walk"));
	ck_assert(strstr(bl_drift_advice(&(struct bl_drift_sum){.cosine = 0.4}), "same way"));
	ck_assert_str_eq(bl_drift_advice(&(struct bl_drift_sum){.cosine = NAN}), "");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("drift");
	TCase *tc = tcase_create("drift");

	tcase_add_test(tc, formulas);
	tcase_add_test(tc, however_cut);
	tcase_add_test(tc, one_read);
	tcase_add_test(tc, memory);
	tcase_add_test(tc, extremes);
	tcase_add_test(tc, sums);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
