/* test_widen.c - checkpoints seen as doubles, and outputs that take averages only. */
#include "widen.h"

#include "arith.h"
#include "scene.h"
#include "suite.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct scene sc;

/* ---- bits ---- */

static const struct {
	enum bl_dtype dtype;
	unsigned bits;
} narrow[] = {
	{BL_F16, 16}, {BL_BF16, 16}, {BL_F8_E4M3, 8}, {BL_F8_E5M2, 8}, {BL_F8_E4M3FNUZ, 8},
	{BL_F8_E5M2FNUZ, 8}, {BL_F32, 32},
};

/* Code number i of a type: all of them, or of 32 bits some of all exponents. */
static uint64_t code(unsigned bits, uint64_t i)
{
	return bits < 32 ? i : (i << 16 | (i * 2654435761u >> 16 & 0xffff)) & 0xffffffff;
}

/* All codes of a type through the engine's eyes: the same number, and NaN that come back. */
START_TEST(every_code_comes_back)
{
	const enum bl_dtype dtype = narrow[_i].dtype;
	const enum bl_scalar scalar = bl_dtype(dtype)->scalar;
	const uint64_t n = narrow[_i].bits == 8 ? 256 : 65536;
	const bool averaged = true;
	struct bl_wide wide = {0};
	struct bl_source view;
	struct bl_err err = {0};
	double *got = malloc(n * sizeof *got);
	size_t nans = 0;

	scene_init(&sc, 1, 1);
	sc.source[0].format = &memory_plain;
	scene_tensors(&sc, "w", dtype, 1, &n, NULL);
	scene_ready(&sc);
	for (uint64_t i = 0; i < n; i++)
		scene_put(&sc, 0, 0, i, code(narrow[_i].bits, i));
	ck_assert_int_eq(bl_wide_add(&wide, &sc.source[0], NULL, &averaged, 1, &view, &err), 0);
	ck_assert_int_eq(view.cat.tensor[0].dtype, BL_F64);
	ck_assert_uint_eq(view.cat.tensor[0].bytes, 8 * n);
	ck_assert_int_eq(view.format->read(&view, 0, (struct bl_span){false, 3, n - 3}, got + 3,
		NULL, &err), 0);
	for (uint64_t i = 3; i < n; i++) {
		const uint64_t was = code(narrow[_i].bits, i);
		unsigned char back[8] = {0}, want[8] = {0};
		const double value = arith_value(scalar, was);

		if (!isnan(value)) {
			ck_assert(memcmp(&value, &got[i], 8) == 0);
			ck_assert(!bl_narrow_nan(scalar, back, &got[i]));
			continue;
		}
		nans++;
		arith_put(scalar, want, 0, was);
		ck_assert(bl_narrow_nan(scalar, back, &got[i]));
		ck_assert_msg(memcmp(back, want, 8) == 0, "%s: code %llx", bl_dtype(dtype)->name,
			(unsigned long long)was);
	}
	ck_assert_uint_gt(nans, 0);
	bl_wide_free(&wide);
	scene_free(&sc);
	free(got);
}
END_TEST

/* ---- the engine ---- */

#define MANY 3000

static const uint64_t dims[] = {MANY};

/* Three checkpoints of a float tensor and a whole one, three outputs of other weights. */
static void draw_scene(uint64_t seed)
{
	scene_init(&sc, 3, 3);
	scene_tensors(&sc, "w", BL_F32, 1, dims, NULL);
	scene_tensors(&sc, "n", BL_I32, 1, dims, NULL);
	scene_ready(&sc);
	for (size_t t = 0; t < 3; t++)
		for (size_t j = 0; j < MANY; j++)
			scene_put(&sc, t, 0, j, arith_draw_finite(&seed, BL_SCALAR_F32));
	for (size_t t = 0; t < 3; t++) /* kept as they are */
		scene_put(&sc, t, 0, 7, arith_infinity(BL_SCALAR_F32));
	memset(sc.in[2].value[1], 5, 4 * MANY);
	for (size_t p = 0; p < 3; p++)
		for (size_t t = 0; t < 3; t++)
			sc.weight[p][t] = p == 2 ? t == 2 : (double)(1 + t + p) / 8;
	sc.job.keep_nonfinite = true;
}

static void run_scene(struct bl_tally *tally)
{
	struct bl_budget budget;
	struct bl_err err = {0};

	scene_clear(&sc);
	if (bl_run_budget(&sc.job, &budget, &err) != 0 || bl_run(&sc.job, tally, &err) != 0)
		ck_abort_msg("%s", err.text);
	ck_assert_uint_eq(sc.progress.read_bytes, budget.read_bytes);
	ck_assert_uint_eq(sc.progress.written_bytes, budget.written_bytes);
}

static void *copy_of(const void *bytes, size_t n)
{
	void *copy = malloc(n);

	memcpy(copy, bytes, n);
	return copy;
}

/* Output p is written once, byte for byte, or where count is 0 never. */
static void check_output(size_t p, size_t tensor, const void *want, size_t n, unsigned count)
{
	unsigned least, most;

	memory_counts(&sc.out[p], tensor, &least, &most);
	ck_assert_uint_eq(least, count);
	ck_assert_uint_eq(most, count);
	if (count)
		ck_assert(memcmp(sc.out[p].value[tensor], want, n) == 0);
}

/* An output in doubles and one of floats beside an ordinary one, all from doubles, have the bytes
 * that runs have in which all are alike. */
START_TEST(own_sinks_as_separate_runs)
{
	struct bl_tally alike, tally;
	struct bl_wide wide = {0};
	struct bl_source view[3];
	struct bl_catalog doubles, floats;
	const struct bl_catalog *own[] = {NULL, &doubles, &floats};
	struct bl_err err = {0};
	void *want[3];

	draw_scene(17);
	run_scene(&alike);
	want[0] = copy_of(sc.out[0].value[0], 4 * MANY);
	want[2] = copy_of(sc.out[2].value[0], 4 * MANY);
	ck_assert(memcmp(want[2], sc.in[2].value[0], 4 * MANY) == 0);
	floats = doubles = sc.cat;
	floats.tensor = copy_of(sc.cat.tensor, 2 * sizeof *sc.cat.tensor);
	scene_retype(&sc, 0, BL_F64);
	run_scene(&tally);
	want[1] = copy_of(sc.out[1].value[0], 8 * MANY);
	doubles.tensor = copy_of(sc.cat.tensor, 2 * sizeof *sc.cat.tensor);
	scene_retype(&sc, 0, BL_F32);
	memory_free(&sc.out[1]);
	memory_init(&sc.out[1], &doubles);
	for (size_t t = 0; t < 3; t++)
		ck_assert_int_eq(bl_wide_add(&wide, &sc.source[t], NULL, sc.averaged, 2, &view[t],
			&err), 0);
	sc.job.source = view;
	sc.job.own = own;
	sc.job.widened = true;
	for (unsigned threads = 1; threads < 4; threads++) {
		sc.job.threads = threads;
		run_scene(&tally);
		check_output(0, 0, want[0], 4 * MANY, 1);
		check_output(1, 0, want[1], 8 * MANY, 1);
		check_output(2, 0, want[2], 4 * MANY, 1);
		check_output(0, 1, sc.in[2].value[1], 4 * MANY, 1);
		check_output(1, 1, NULL, 0, 0);
		check_output(2, 1, NULL, 0, 0);
		ck_assert_uint_eq(tally.kept_nonfinite, 1);
	}
	ck_assert_uint_eq(alike.kept_nonfinite, 3);
	bl_wide_free(&wide);
	memory_free(&sc.out[1]);
	memory_init(&sc.out[1], &sc.cat);
	scene_free(&sc);
	free(floats.tensor);
	free(doubles.tensor);
	for (size_t p = 0; p < 3; p++)
		free(want[p]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("widen");
	TCase *tc = tcase_create("widen");

	tcase_add_loop_test(
		tc, every_code_comes_back, 0, (int)(sizeof narrow / sizeof narrow[0]));
	tcase_add_test(tc, own_sinks_as_separate_runs);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
