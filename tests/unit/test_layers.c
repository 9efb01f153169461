/* test_layers.c - settings laid over others. */
#include "settings.h"

#include "settings_text.h"
#include "suite.h"

#include <string.h>

#define PAIRS(...) ((const char *[]){__VA_ARGS__, NULL})
#define NONE ((const char *[]){NULL})

/* What becomes of the settings below under those over them; and these stay as they are. */
static void check_layers(const char *const *below, const char *const *over, const char *want)
{
	struct bl_settings s = {0}, o = {0};
	struct bl_err err = {0};
	char text[512], before[512], after[512];

	set_pairs(&s, below);
	set_pairs(&o, over);
	settings_text(&o, before, sizeof before);
	ck_assert_int_eq(bl_settings_overlay(&s, &o, &err), 0);
	ck_assert_str_eq(settings_text(&s, text, sizeof text), want);
	ck_assert_str_eq(settings_text(&o, after, sizeof after), before);
	bl_settings_free(&o); /* nothing of it is left in s */
	ck_assert_str_eq(settings_text(&s, text, sizeof text), want);
	for (unsigned i = 0; i < BL_OPTIONS; i++)
		ck_assert_int_eq(s.given[i].where != NULL, s.given[i].n > 0);
	bl_settings_free(&s);
}

START_TEST(later_wins)
{
	check_layers(PAIRS("hold", "left", "dtype", "f16"), PAIRS("dtype", "f32"),
		"hold=left dtype=f32");
	check_layers(NONE, PAIRS("half-life", "1,2", "force", NULL), "half-life=1,2 force=true");
	check_layers(PAIRS("half-life", "1,2,3"), PAIRS("half-life", "5%"), "half-life=5%");
	check_layers(PAIRS("output", "a", "name", "n"), NONE, "output=a name=n");
}
END_TEST

START_TEST(one_length)
{
	check_layers(PAIRS("half-life", "5"), PAIRS("decay", "0.5"), "decay=0.5");
	check_layers(PAIRS("decay", "0.5"), PAIRS("mean-age", "5"), "mean-age=5");
	check_layers(PAIRS("mean-age", "5"), PAIRS("rel-std", "5"), "rel-std=5");
	check_layers(PAIRS("rel-std", "5", "damping", "2"), PAIRS("half-life", "5"),
		"half-life=5 damping=2");
	check_layers(PAIRS("half-life", "5", "damping", "2"), PAIRS("kappa", "1"), "kappa=1");
	check_layers(PAIRS("kappa", "1", "gamma", "0.5"), PAIRS("half-life", "2"), "half-life=2");
	check_layers(PAIRS("kappa", "1", "gamma", "0.5"), PAIRS("kappa", "2"), "kappa=2");
	check_layers(PAIRS("kappa", "1", "gamma", "0.5"), PAIRS("gamma", "1"), "kappa=1 gamma=1");
	check_layers(PAIRS("window", "5"), PAIRS("half-life", "2"), "half-life=2 window=5");
	/* What one layer says that cannot be is for the plan to refuse. */
	check_layers(PAIRS("mean-age", "1"), PAIRS("half-life", "2", "decay", "0.5"),
		"half-life=2 decay=0.5");
}
END_TEST

START_TEST(what_a_method_takes)
{
	check_layers(PAIRS("half-life", "5", "hold", "left"), PAIRS("method", "uniform"),
		"method=uniform");
	check_layers(PAIRS("half-life", "5", "mass-ratio", "2", "hold", "left", "threads", "2"),
		PAIRS("method", "ema"), "method=ema half-life=5 hold=left threads=2");
	check_layers(PAIRS("half-life", "5", "mass-ratio", "2", "window", "3"),
		PAIRS("method", "ema,belay"), "method=ema,belay half-life=5 mass-ratio=2");
	check_layers(PAIRS("method", "uniform"), PAIRS("half-life", "5"),
		"method=uniform half-life=5");
	check_layers(PAIRS("method", "belay", "gain", "3"),
		PAIRS("method", "window", "window", "2"), "method=window window=2");
}
END_TEST

/* The first pattern that matches holds, so those of the upper layer come first. */
START_TEST(patterns)
{
	check_layers(PAIRS("copy", "a", "skip", "b", "copy", "c"), NONE, "copy=0:a,2:c skip=1:b");
	check_layers(NONE, PAIRS("copy", "a", "skip", "b"), "copy=0:a skip=1:b");
	check_layers(PAIRS("copy", "a", "skip", "b", "copy", "c"),
		PAIRS("average", "d", "copy", "e"), "average=0:d copy=1:e,2:a,4:c skip=3:b");
}
END_TEST

/* Numbers and units are copied, not only texts; several layers keep the order. */
START_TEST(values_and_places)
{
	struct bl_settings s = {0}, o = {0};
	struct bl_err err = {0};
	char text[512];

	set_pairs(&o, PAIRS("half-life", "10%,3ckpt", "copy", "x"));
	o.where = strdup("r.yaml:1:1");
	ck_assert_int_eq(bl_settings_overlay(&s, &o, &err), 0);
	ck_assert_int_eq(bl_settings_overlay(&s, &o, &err), 0);
	ck_assert_double_eq(s.given[BL_OPT_HALF_LIFE].value[0].number, 10);
	ck_assert_int_eq(s.given[BL_OPT_HALF_LIFE].value[0].unit, BL_UNIT_PERCENT);
	ck_assert_int_eq(s.given[BL_OPT_HALF_LIFE].value[1].unit, BL_UNIT_CKPT);
	ck_assert_str_eq(s.given[BL_OPT_HALF_LIFE].where, "half-life");
	ck_assert_str_eq(s.where, "r.yaml:1:1");
	ck_assert_str_eq(settings_text(&s, text, sizeof text), "half-life=10%,3ckpt copy=0:x,1:x");
	ck_assert_uint_eq(s.repeats, 2);
	ck_assert_int_eq(bl_settings_set(&s, "skip", "y", "--skip", &err), 0);
	ck_assert_str_eq(settings_text(&s, text, sizeof text),
		"half-life=10%,3ckpt copy=0:x,1:x skip=2:y");
	bl_settings_free(&s);
	bl_settings_free(&o);
	ck_assert_ptr_null(s.where);
}
END_TEST

static struct bl_settings two_runs[2];

/* The cases of all runs, one after the other. */
START_TEST(cases_of_runs)
{
	struct bl_case *cases;
	struct bl_err err = {0};
	size_t n;

	set_pairs(&two_runs[0], PAIRS("half-life", "1,2", "output", "{name}_{index}", "name", "a"));
	set_pairs(&two_runs[1], PAIRS("decay", "0.5", "output", "{name}_{index}", "name", "b"));
	ck_assert_int_eq(bl_runs_expand(two_runs, 2, &cases, &n, &err), 0);
	ck_assert_uint_eq(n, 3);
	ck_assert_str_eq(cases[0].output, "a_0");
	ck_assert_str_eq(cases[1].output, "a_1");
	ck_assert_str_eq(cases[2].output, "b_2");
	ck_assert_ptr_eq(cases[1].settings, &two_runs[0]);
	ck_assert_ptr_eq(cases[2].settings, &two_runs[1]);
	ck_assert_ptr_null(bl_case_value(&cases[2], BL_OPT_HALF_LIFE));
	ck_assert_str_eq(bl_case_value(&cases[1], BL_OPT_HALF_LIFE)->text, "2");
	bl_cases_free(cases, n);
}
END_TEST

START_TEST(clash_of_runs)
{
	struct bl_case *cases;
	struct bl_err err = {0};
	size_t n;

	set_pairs(&two_runs[0], PAIRS("half-life", "1", "output", "avg.h5"));
	set_pairs(&two_runs[1], PAIRS("output", "avg.h5"));
	ck_assert_int_eq(bl_runs_expand(two_runs, 2, &cases, &n, &err), -1);
	ck_assert_ptr_null(cases);
	ck_assert_int_eq(err.code, BL_USAGE);
	ck_assert_str_eq(err.text, "output: two of 2 outputs would be called \"avg.h5\"");
	ck_assert_str_eq(err.hint, "put {name} or {index} into the name");
}
END_TEST

/* 10,000 outputs, and one more. */
START_TEST(many_of_runs)
{
	struct bl_case *cases;
	struct bl_err err = {0};
	size_t n;

	set_pairs(&two_runs[0], PAIRS("decay", "0:0.5:5000"));
	set_pairs(&two_runs[1], PAIRS("decay", "0:0.5:5000"));
	ck_assert_int_eq(bl_runs_expand(two_runs, 2, &cases, &n, &err), 0);
	ck_assert_uint_eq(n, 10000);
	bl_cases_free(cases, n);
	set_pairs(&two_runs[1], PAIRS("decay", "0:0.5:5001"));
	two_runs[1].where = strdup("r.yaml:7:3");
	ck_assert_int_eq(bl_runs_expand(two_runs, 2, &cases, &n, &err), -1);
	ck_assert_str_eq(err.text, "r.yaml:7:3: there are more than 10000 outputs");
	ck_assert_ptr_null(cases);
}
END_TEST

static void free_runs(void)
{
	bl_settings_free(&two_runs[0]);
	bl_settings_free(&two_runs[1]);
}

int main(void)
{
	Suite *s = suite_create("layers");
	TCase *layers = tcase_create("layers"), *runs = tcase_create("runs");

	tcase_add_test(layers, later_wins);
	tcase_add_test(layers, one_length);
	tcase_add_test(layers, what_a_method_takes);
	tcase_add_test(layers, patterns);
	tcase_add_test(layers, values_and_places);
	suite_add_tcase(s, layers);
	tcase_add_checked_fixture(runs, NULL, free_runs);
	tcase_add_test(runs, cases_of_runs);
	tcase_add_test(runs, clash_of_runs);
	tcase_add_test(runs, many_of_runs);
	suite_add_tcase(s, runs);
	return suite_run(s);
}
