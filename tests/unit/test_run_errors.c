/* test_run_errors.c - what is not finite, what cannot be read or written, signals. */
#include "arith.h"
#include "scene.h"
#include "suite.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct scene sc;

/* Three checkpoints with equal weights and two tensors of zeros: "v" in C order, "w" in chunks that
 * do not fill it. */
static void make(enum bl_dtype dtype, size_t sinks)
{
	const uint64_t dim_v[] = {5, 6, 7}, dim_w[] = {30, 7}, chunk[] = {4, 3};

	scene_init(&sc, 3, sinks);
	scene_tensors(&sc, "v", dtype, 3, dim_v, NULL);
	scene_tensors(&sc, "net/w", dtype, 2, dim_w, chunk);
	scene_ready(&sc);
	for (size_t p = 0; p < sinks; p++) {
		for (size_t t = 0; t < 3; t++)
			sc.weight[p][t] = 0.25 * (1 + (t == 2));
	}
}

/* One scalar of a tensor in the three checkpoints. */
static void put(size_t tensor, uint64_t scalar, double a, double b, double c)
{
	const double x[] = {a, b, c};
	const enum bl_scalar s = bl_dtype(sc.source[2].cat.tensor[tensor].dtype)->scalar;

	for (size_t t = 0; t < 3; t++)
		scene_put(&sc, t, tensor, scalar, arith_round(s, x[t]));
}

static double got(size_t p, size_t tensor, uint64_t scalar)
{
	const enum bl_scalar s = bl_dtype(sc.cat.tensor[tensor].dtype)->scalar;

	return arith_value(s, arith_get(s, sc.out[p].value[tensor], scalar));
}

static void fails(enum bl_exit code, const char *text, const char *hint)
{
	struct bl_tally tally;
	struct bl_err err = {0};

	ck_assert_int_eq(bl_run(&sc.job, &tally, &err), -1);
	ck_assert_str_eq(err.text, text);
	ck_assert_int_eq(err.code, code);
	ck_assert_str_eq(err.hint, hint);
}

START_TEST(names_what_is_not_finite)
{
	static const struct {
		enum bl_dtype dtype;
		size_t tensor;
		uint64_t scalar;
		double x[3];
		const char *text;
	} cases[] = {
		{BL_F32, 0, 0, {HUGE_VAL, 1, 1}, "a: v: element [0,0,0] is inf"},
		{BL_F32, 0, 209, {1, -HUGE_VAL, 1}, "b: v: element [4,5,6] is -inf"},
		{BL_F16, 0, 60, {1, 1, ARITH_NAN}, "c: v: element [1,2,4] is nan"},
		{BL_BF16, 0, 60, {1, ARITH_NAN, ARITH_NAN}, "b: v: element [1,2,4] is nan"},
		{BL_F64, 0, 60, {ARITH_NAN, 1, ARITH_NAN}, "c: v: element [1,2,4] is nan"},
		{BL_F64, 0, 60, {HUGE_VAL, -HUGE_VAL, 1}, "a: v: element [1,2,4] is inf"},
		{BL_F64, 0, 60, {HUGE_VAL, HUGE_VAL, ARITH_NAN}, "a: v: element [1,2,4] is inf"},
		{BL_C64, 0, 121, {1, HUGE_VAL, 1}, "b: v: element [1,2,4] is inf"},
		{BL_C128, 0, 120, {1, HUGE_VAL, 1}, "b: v: element [1,2,4] is inf"},
		{BL_F32, 1, 0, {1, 1, HUGE_VAL}, "c: net/w: element [0,0] is inf"},
		{BL_F32, 1, 17 * 7 + 5, {1, HUGE_VAL, 1}, "b: net/w: element [17,5] is inf"},
		{BL_F16, 1, 29 * 7 + 6, {1, 1, ARITH_NAN}, "c: net/w: element [29,6] is nan"},
		{BL_C64, 1, 2 * (4 * 7 + 3) + 1, {ARITH_NAN, 1, 1},
			"a: net/w: element [4,3] is nan"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[100];

		make(cases[i].dtype, 1);
		put(cases[i].tensor, cases[i].scalar, cases[i].x[0], cases[i].x[1], cases[i].x[2]);
		snprintf(text, sizeof text, "%s, and not in every checkpoint", cases[i].text);
		fails(BL_INPUT, text,
			"--nonfinite=keep averages on; the average is not finite either");
		scene_free(&sc);
	}
}
END_TEST

/* An index within rows of chunks, and in a tensor that stands elsewhere in the other files. */
START_TEST(names_the_index_in_a_range)
{
	const uint64_t dim[] = {100, 30}, chunk[] = {7, 4};

	scene_init(&sc, 2, 1);
	scene_tensor(&sc, 0, "x", BL_U8, 0, NULL, NULL);
	scene_tensor(&sc, 0, "w", BL_F64, 2, dim, chunk);
	scene_tensor(&sc, 1, "w", BL_F64, 2, dim, NULL);
	scene_tensor(&sc, 1, "x", BL_U8, 0, NULL, NULL);
	scene_ready(&sc);
	sc.weight[0][0] = sc.weight[0][1] = 0.5;
	sc.job.memory = scene_least_memory(&sc);
	scene_put(&sc, 0, 0, 57 * 30 + 11, arith_infinity(BL_SCALAR_F64));
	fails(BL_INPUT, "a: w: element [57,11] is inf, and not in every checkpoint",
		"--nonfinite=keep averages on; the average is not finite either");
	scene_free(&sc);
}
END_TEST

/* Of several tensors in one tile, the one that it is. */
START_TEST(names_the_tensor_in_a_run)
{
	const uint64_t dim[] = {3, 4};

	scene_init(&sc, 2, 1);
	for (char name[] = "a"; name[0] < 'e'; name[0]++)
		scene_tensors(&sc, name, BL_F16, 2, dim, NULL);
	scene_ready(&sc);
	sc.job.runs = true;
	sc.weight[0][0] = sc.weight[0][1] = 0.5;
	scene_put(&sc, 1, 2, 7, 0x7c00);
	fails(BL_INPUT, "b: c: element [1,3] is inf, and not in every checkpoint",
		"--nonfinite=keep averages on; the average is not finite either");
	scene_put(&sc, 1, 2, 7, 0x7bff);
	scene_put(&sc, 0, 2, 7, 0x7bff);
	sc.weight[0][0] = 1;
	sc.scale[0] = 1.5;
	fails(BL_INPUT, "out0: c: element [1,3] is too large for F16",
		"--nonfinite=keep writes an infinity and counts it");
	scene_free(&sc);
}
END_TEST

/* Differing payloads of NaN are different bits; what has no weight does not count. */
START_TEST(compares_bits)
{
	struct bl_tally tally;
	struct bl_err err;

	make(BL_F32, 2);
	for (size_t t = 0; t < 3; t++) {
		scene_put(&sc, t, 0, 9, 0xffc12345);
		scene_put(&sc, t, 1, 9, 0xff800000);
	}
	scene_put(&sc, 0, 0, 10, 0x7f800000);
	sc.weight[0][0] = sc.weight[1][0] = 0;
	sc.scale[0] = 0.75;
	ck_assert_int_eq(bl_run(&sc.job, &tally, &err), 0);
	ck_assert_uint_eq(tally.kept_nonfinite, 4);
	ck_assert_uint_eq(arith_get(BL_SCALAR_F32, sc.out[0].value[0], 9), 0xffc12345);
	ck_assert_uint_eq(arith_get(BL_SCALAR_F32, sc.out[1].value[1], 9), 0xff800000);
	ck_assert_double_eq(got(0, 0, 10), 0);
	scene_put(&sc, 1, 0, 9, 0xffc12346);
	fails(BL_INPUT, "b: v: element [0,1,2] is nan, and not in every checkpoint",
		"--nonfinite=keep averages on; the average is not finite either");
	scene_free(&sc);
}
END_TEST

START_TEST(keeps_on_request)
{
	struct bl_tally tally;
	struct bl_err err;

	make(BL_F16, 2);
	put(0, 1, HUGE_VAL, 1, 1);
	put(0, 2, HUGE_VAL, -HUGE_VAL, 1);
	put(0, 3, 1, 1, ARITH_NAN);
	put(1, 4, -HUGE_VAL, 1, -HUGE_VAL);
	put(1, 5, -HUGE_VAL, -HUGE_VAL, -HUGE_VAL);
	put(1, 6, 8, 12, 20);
	sc.weight[1][0] = -0.25;
	sc.job.keep_nonfinite = true;
	ck_assert_int_eq(bl_run(&sc.job, &tally, &err), 0);
	ck_assert_uint_eq(tally.kept_nonfinite, 10);
	ck_assert_uint_eq(tally.overflowed, 0);
	ck_assert(got(0, 0, 1) == HUGE_VAL && got(1, 0, 1) == -HUGE_VAL);
	ck_assert(isnan(got(0, 0, 2)) && got(1, 0, 2) == -HUGE_VAL);
	ck_assert_uint_eq(arith_get(BL_SCALAR_F16, sc.out[0].value[0], 3), 0x7e00);
	ck_assert(got(0, 1, 4) == -HUGE_VAL && isnan(got(1, 1, 4)));
	ck_assert(got(0, 1, 5) == -HUGE_VAL && got(1, 1, 5) == -HUGE_VAL);
	ck_assert_double_eq(got(0, 1, 6), 15);
	scene_free(&sc);
}
END_TEST

/* Finite values whose average the type cannot hold. */
START_TEST(overflow)
{
	static const struct {
		enum bl_dtype dtype;
		double x;
		const char *name;
	} cases[] = {
		{BL_F16, 60000, "F16"}, {BL_BF16, 3e38, "BF16"}, {BL_F32, -3e38, "F32"},
		{BL_C64, 3e38, "C64"}, {BL_F64, 1.7e308, "F64"}, {BL_C128, -1.7e308, "C128"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const unsigned lanes = bl_dtype(cases[i].dtype)->lanes;
		struct bl_tally tally;
		struct bl_err err;
		char text[100];

		make(cases[i].dtype, 2);
		sc.weight[1][0] = -2; /* the second output goes beyond the last value */
		sc.weight[1][2] = 2.75;
		put(1, (8 * 7 + 2) * lanes, 0, cases[i].x, cases[i].x);
		snprintf(text, sizeof text, "out1: net/w: element [8,2] is too large for %s",
			cases[i].name);
		fails(BL_INPUT, text, "--nonfinite=keep writes an infinity and counts it");
		sc.job.keep_nonfinite = true;
		ck_assert_int_eq(bl_run(&sc.job, &tally, &err), 0);
		ck_assert_uint_eq(tally.kept_nonfinite, 0);
		ck_assert_uint_eq(tally.overflowed, 1);
		ck_assert(got(1, 1, (8 * 7 + 2) * lanes) == copysign(HUGE_VAL, cases[i].x));
		ck_assert(isfinite(got(0, 1, (8 * 7 + 2) * lanes)));
		scene_free(&sc);
	}
}
END_TEST

/* Values so far apart that their difference is too large, and their average is not. */
START_TEST(overflow_of_a_difference)
{
	struct bl_tally tally;
	struct bl_err err;

	make(BL_F64, 1);
	put(1, 8 * 7 + 2, 1.7e308, 1.7e308, -1.7e308);
	put(1, 8 * 7 + 3, 1.6e308, 1.6e308, -1.2e308);
	ck_assert_int_eq(bl_run(&sc.job, &tally, &err), 0);
	ck_assert(tally.overflowed == 0 && tally.kept_nonfinite == 0);
	ck_assert(got(0, 1, 8 * 7 + 2) == 0);
	ck_assert_double_eq_tol(got(0, 1, 8 * 7 + 3), 2e307, 1e292);
	scene_free(&sc);
}
END_TEST

/* Too large for the type of the output, though not for that of the inputs. */
START_TEST(overflow_of_the_output)
{
	struct bl_tally tally;
	struct bl_err err;

	make(BL_F32, 1);
	scene_retype(&sc, 1, BL_F16);
	put(1, 8 * 7 + 2, 65520, 65520, 65520);
	put(1, 8 * 7 + 3, 65519, 65519, 65519);
	put(1, 9 * 7, -HUGE_VAL, -HUGE_VAL, -HUGE_VAL);
	fails(BL_INPUT, "out0: net/w: element [8,2] is too large for F16",
		"--nonfinite=keep writes an infinity and counts it");
	sc.job.keep_nonfinite = true;
	ck_assert_int_eq(bl_run(&sc.job, &tally, &err), 0);
	ck_assert(tally.overflowed == 1 && tally.kept_nonfinite == 1 && tally.saturated == 0);
	ck_assert(got(0, 1, 8 * 7 + 2) == HUGE_VAL && got(0, 1, 9 * 7) == -HUGE_VAL);
	ck_assert_double_eq(got(0, 1, 8 * 7 + 3), 65504);
	scene_free(&sc);
}
END_TEST

/* 8-bit types take their largest value instead, which is counted, not an error. */
START_TEST(saturation)
{
	static const struct {
		enum bl_dtype dtype;
		double x, largest;
	} cases[] = {{BL_F8_E4M3, 448, 448}, {BL_F8_E5M2, -57344, -57344},
		{BL_F8_E4M3FNUZ, -240, -240}, {BL_F8_E5M2FNUZ, 57344, 57344}};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct bl_tally tally;
		struct bl_err err;

		make(cases[i].dtype, 2);
		sc.averaged[0] = sc.averaged[1] = true;
		sc.weight[1][0] = -2; /* the second output goes beyond the last value */
		sc.weight[1][2] = 2.75;
		put(1, 8 * 7 + 2, 0, cases[i].x, cases[i].x);
		put(0, 5, cases[i].x / 8, cases[i].x / 8, cases[i].x / 8);
		ck_assert_int_eq(bl_run(&sc.job, &tally, &err), 0);
		ck_assert(tally.overflowed == 0 && tally.kept_nonfinite == 0);
		ck_assert_uint_eq(tally.saturated, 1);
		ck_assert_double_eq(got(1, 1, 8 * 7 + 2), cases[i].largest);
		ck_assert_double_eq(got(0, 0, 5), cases[i].x / 8);
		scene_free(&sc);
	}
}
END_TEST

/* A scene of very many tiles, in four threads that meet in all ways. */
static void make_crowd(size_t sinks, bool ordered, uint64_t seed)
{
	const uint64_t dim[] = {60, 70}, chunk[] = {5, 8};

	scene_init(&sc, 3, sinks);
	scene_tensors(&sc, "v", BL_F32, 2, dim, chunk);
	scene_tensors(&sc, "w", BL_F32, 2, dim, chunk);
	scene_ready(&sc);
	sc.job.threads = 4;
	for (size_t p = 0; p < sinks; p++) {
		sc.out[p].seed = seed + p;
		sc.sink[p].ordered = ordered;
		sc.out[p].turns = (unsigned)(seed + p) % 3;
		for (size_t t = 0; t < 3; t++)
			sc.weight[p][t] = 1.0 / 3;
	}
	for (size_t t = 0; t < 3; t++)
		sc.in[t].seed = seed * 3 + t;
}

/* Several errors: the one told does not depend on who was first. */
START_TEST(the_first_error_in_tile_order)
{
	for (uint64_t seed = 1; seed <= 60; seed++) {
		make_crowd(1, seed % 2, seed);
		put(0, 13 * 70 + 9, 1, HUGE_VAL, 1); /* chunk 19 */
		put(0, 6 * 70 + 9, 1, 1, HUGE_VAL);  /* chunk 10 */
		put(0, 13 * 70 + 22, 1, ARITH_NAN, 1);     /* chunk 20 */
		put(1, 0, HUGE_VAL, 1, 1);
		sc.in[0].fault.element = 14 * 70;    /* chunk 18 */
		sc.in[0].fault.text = "cannot be read here";
		fails(BL_INPUT, "c: v: element [6,9] is inf, and not in every checkpoint",
			"--nonfinite=keep averages on; the average is not finite either");
		scene_free(&sc);
	}
}
END_TEST

START_TEST(read_errors)
{
	for (uint64_t seed = 1; seed <= 60; seed++) {
		struct memory_fault *fault;

		make_crowd(2, seed % 2, seed);
		fault = &sc.in[seed % 3].fault;
		fault->tensor = 1;
		fault->element = seed * 60;
		fault->text = "ends at offset 7";
		fails(BL_INPUT, seed % 3 == 0 ? "a: w: ends at offset 7"
			: seed % 3 == 1 ? "b: w: ends at offset 7" : "c: w: ends at offset 7", "");
		scene_free(&sc);
	}
}
END_TEST

/* A write fails before, in, or without its turn, with a text or as a closed pipe. */
START_TEST(write_errors)
{
	for (uint64_t seed = 1; seed <= 120; seed++) {
		struct memory_fault *fault;

		make_crowd(3, seed % 4, seed);
		fault = &sc.out[seed % 3].fault;
		fault->element = seed * 30;
		fault->between = seed % 2;
		fault->text = seed % 5 ? "no room" : NULL;
		fails(BL_OUTPUT, !fault->text ? "" : seed % 3 == 0 ? "out0: v: no room"
			: seed % 3 == 1 ? "out1: v: no room" : "out2: v: no room", "");
		scene_free(&sc);
	}
}
END_TEST

/* A signal in the middle, or before all. */
START_TEST(signals)
{
	for (uint64_t seed = 1; seed <= 60; seed++) {
		volatile sig_atomic_t stop = seed % 10 == 0 ? SIGINT : 0;

		make_crowd(2, seed % 2, seed);
		sc.job.stop = sc.in[seed % 3].stop = &stop;
		sc.in[seed % 3].stop_at = (unsigned)seed;
		fails(BL_OK, "", "");
		scene_free(&sc);
	}
}
END_TEST

/* After an error or a signal nothing more is read. */
START_TEST(stops_at_once)
{
	volatile sig_atomic_t stop = 0;

	make_crowd(1, false, 0);
	sc.job.threads = 1;
	sc.in[1].fault.element = 9; /* chunk 1 */
	sc.in[1].fault.text = "cannot be read here";
	fails(BL_INPUT, "b: v: cannot be read here", "");
	ck_assert(sc.in[2].calls == 2 && sc.in[0].calls == 2 && sc.in[1].calls == 2);
	ck_assert_uint_eq(sc.out[0].calls, 1);
	sc.in[1].fault.element = MEMORY_NOWHERE;
	scene_clear(&sc);
	sc.job.stop = sc.in[0].stop = &stop;
	sc.in[0].stop_at = 5;
	fails(BL_OK, "", "");
	ck_assert(sc.in[2].calls == 5 && sc.in[0].calls == 5 && sc.in[1].calls == 4);
	scene_free(&sc);
}
END_TEST

/* ... nor by the other threads, as soon as they hear of it. */
START_TEST(others_stop)
{
	unsigned least = UINT_MAX;

	for (uint64_t seed = 1; seed <= 20; seed++) {
		unsigned calls;

		make_crowd(1, false, seed);
		sc.in[2].fault.element = 0; /* the first of all reads */
		sc.in[2].fault.text = "cannot be read here";
		fails(BL_INPUT, "c: v: cannot be read here", "");
		calls = sc.in[2].calls;
		least = calls < least ? calls : least;
		scene_free(&sc);
	}
	ck_assert_uint_lt(least, 2 * 12 * 9 / 2); /* half of the chunks */
}
END_TEST

int main(void)
{
	Suite *s = suite_create("run_errors");
	TCase *t = tcase_create("run_errors");

	alarm(120); /* whoever waits for ever */
	tcase_add_test(t, names_what_is_not_finite);
	tcase_add_test(t, names_the_index_in_a_range);
	tcase_add_test(t, names_the_tensor_in_a_run);
	tcase_add_test(t, compares_bits);
	tcase_add_test(t, keeps_on_request);
	tcase_add_test(t, overflow);
	tcase_add_test(t, overflow_of_a_difference);
	tcase_add_test(t, overflow_of_the_output);
	tcase_add_test(t, saturation);
	tcase_add_test(t, the_first_error_in_tile_order);
	tcase_add_test(t, read_errors);
	tcase_add_test(t, write_errors);
	tcase_add_test(t, signals);
	tcase_add_test(t, stops_at_once);
	tcase_add_test(t, others_stop);
	suite_add_tcase(s, t);
	return suite_run(s);
}
