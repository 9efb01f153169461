/* test_warmup.c - warm-ups: their words, their pulls, where they end, what is refused. */
#include "suite.h"
#include "warmups.h"

#include <math.h>

static struct case_text the_case; /* too large for the stack */

/* ---- words ---- */

static void check_words(const char *text, enum bl_warmup_word word, int64_t copies,
	double inv_gamma, double power, double most)
{
	struct bl_err err = {0};
	struct bl_warmup w;

	ck_assert_msg(bl_warmup_parse(text, &w, &err) == 0, "%s: %s", text, err.text);
	ck_assert_msg(w.word == word && w.copies == copies && w.inv_gamma == inv_gamma &&
			      w.power == power && w.most == most,
		"%s: %d %jd %a %a %a", text, w.word, (intmax_t)w.copies, w.inv_gamma, w.power,
		w.most);
}

START_TEST(words)
{
	check_words("none", BL_WARMUP_NONE, 0, 0, 0, 1);
	check_words("tf", BL_WARMUP_TF, 0, 0, 0, 1);
	check_words("diffusers0", BL_WARMUP_DIFFUSERS0, 1, 0, 0, 1);
	check_words("diffusers:1,2/3", BL_WARMUP_DIFFUSERS, 1, 1, 2.0 / 3, 1);
	check_words("diffusers:1,2/3,100", BL_WARMUP_DIFFUSERS, 101, 1, 2.0 / 3, 1);
	check_words("diffusers:7/2,.75,4/2,1/4", BL_WARMUP_DIFFUSERS, 3, 3.5, 0.75, 0.75);
	check_words("diffusers:1e-9,0,9007199254740991,0", BL_WARMUP_DIFFUSERS, 9007199254740992,
		1e-9, 0, 1);
	check_words("diffusers:1e15,100", BL_WARMUP_DIFFUSERS, 1, 1e15, 100, 1);
}
END_TEST

START_TEST(wrong_words)
{
	static const struct {
		const char *text, *message;
	} wrong[] = {
		{"", "none of the warm-ups"},
		{"tf:1", "none of the warm-ups"},
		{"diffusers", "none of the warm-ups"},
		{"diffusers1", "none of the warm-ups"},
		{"diffusers0:1,2", "none of the warm-ups"},
		{"none ", "none of the warm-ups"},
		{"diffusers:", "INV_GAMMA: \"\" is not a number"},
		{"diffusers:1", "POWER is missing"},
		{"diffusers:1,", "POWER: \"\" is not a number"},
		{"diffusers:1,x", "POWER: \"x\" is not a number"},
		{"diffusers:1,2/3%", "POWER: \"3%\" is not a bare number"},
		{"diffusers:1,2/0", "POWER: it is divided by 0"},
		{"diffusers:1,1e100/1e-100", "POWER: 1e200 is out of range"},
		{"diffusers:1,/3", "POWER: \"\" is not a number"},
		{"diffusers:1,2/3/4", "POWER: \"3/4\" is not a bare number"},
		{"diffusers:1,-1", "POWER: -1 is out of range"},
		{"diffusers:1,101", "POWER: 101 is out of range"},
		{"diffusers:1,nan", "POWER: \"nan\" is not a number"},
		{"diffusers:0,1", "INV_GAMMA: 0 is out of range"},
		{"diffusers:inf,1", "INV_GAMMA: \"inf\" is not a number"},
		{"diffusers:1,1,-1", "AFTER: -1 is out of range"},
		{"diffusers:1,1,2.5", "AFTER: 2.5 is not a whole number"},
		{"diffusers:1,1,1/2", "AFTER: 0.5 is not a whole number"},
		{"diffusers:1,1,9007199254740992", "AFTER: 9007199254740992 is out of range"},
		{"diffusers:1,1,0,1", "MIN: 1 is out of range"},
		{"diffusers:1,1,0,-.1", "MIN: -.1 is out of range"},
		{"diffusers:1,1,0,.5,1", "at most 4 numbers"},
	};
	struct bl_warmup w;
	char text[600] = "diffusers:";

	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct bl_err err = {0};

		ck_assert_msg(bl_warmup_parse(wrong[i].text, &w, &err) == -1, "%s", wrong[i].text);
		ck_assert_int_eq(err.code, BL_USAGE);
		ck_assert_msg(
			strstr(err.text, wrong[i].message), "%s: %s", wrong[i].text, err.text);
	}
	for (size_t n = 200; n < sizeof text; n++) { /* around and beyond what is copied */
		struct bl_err err = {0};

		memset(text + 10, '1', n - 11);
		text[n - 1] = '\0';
		ck_assert_int_eq(bl_warmup_parse(text, &w, &err), -1);
	}
}
END_TEST

/* ---- pulls ---- */

/* Powers to 0.6 units in the last place; the number of the update alone decides. */
START_TEST(pulls)
{
	struct bl_err err = {0};
	struct bl_warmup_curve near, far;
	struct bl_warmup w;
	double worst = 0;
	char text[256];

	for (int i = 0; i < 400; i++) {
		int64_t t = (int64_t)log_uniform(1, 1e9);

		snprintf(text, sizeof text, "diffusers:%.17g,%.17g,%zu", log_uniform(1e-3, 1e9),
			below(8) ? log_uniform(1e-3, 100) : 100, below(3));
		ck_assert_int_eq(bl_warmup_parse(text, &w, &err), 0);
		bl_warmup_curve(&near, &w, 1e-300);
		for (int j = 0; j < 100; j++, t += below(2) ? 1 : (int64_t)below(1000)) {
			const wide exact = literal_pull(&w, 1e-300, t);
			const double got = bl_warmup_pull(&near, t);
			double unit;

			bl_warmup_curve(&far, &w, 1e-300);
			ck_assert_msg(got == bl_warmup_pull(&far, t), "%s %jd", text, (intmax_t)t);
			if (exact < 1e-290L)
				continue;
			unit = nextafter((double)exact, 2) - (double)exact;
			worst = fmax(worst, (double)(fabsl((wide)got - exact) / (wide)unit));
		}
	}
	printf("# powers: largest error %.3f units in the last place\n", worst);
	ck_assert_double_le(worst, 0.6);
}
END_TEST

/* The end of a schedule is where its pull no longer changes. */
START_TEST(ends)
{
	struct bl_err err = {0};
	struct bl_warmup_curve curve;
	struct bl_warmup w;
	char text[256];

	for (int i = 0; i < 400; i++) {
		const double kappa = log_uniform(1e-3, 1);
		const int64_t updates = (int64_t)below(2000);
		int64_t last;

		random_warmup(text, sizeof text);
		ck_assert_int_eq(bl_warmup_parse(text, &w, &err), 0);
		bl_warmup_end(&w, kappa, updates);
		bl_warmup_curve(&curve, &w, kappa);
		last = updates > w.copies ? updates : w.copies;
		while (last > w.copies && bl_warmup_pull(&curve, last) == w.settled)
			last--;
		ck_assert_msg(w.last == last, "%s kappa=%g updates=%jd: %jd, not %jd", text, kappa,
			(intmax_t)updates, (intmax_t)w.last, (intmax_t)last);
	}
}
END_TEST

/* ---- what is refused ---- */

static int outcome(const char *settings, struct bl_err *err)
{
	struct bl_plan plan;
	int rc;

	*err = (struct bl_err){0};
	rc = plan_of(&the_case, settings, &plan, err);
	bl_plan_free(&plan);
	return rc;
}

START_TEST(too_long)
{
	struct bl_err err;

	/* Pulls near 1: nothing is left after some hundred updates, so the others take no time. */
	read_times(&the_case, "0 1073741825");
	ck_assert_int_eq(outcome("method=ema half-life=1e9 warmup=diffusers:1e12,1/2", &err), 0);
	read_times(&the_case, "0 1073741826");
	ck_assert_int_eq(outcome("method=ema half-life=1e9 warmup=diffusers:1e12,1/2", &err), -1);
	ck_assert_int_eq(err.code, BL_USAGE);
	ck_assert_ptr_nonnull(strstr(err.text, "has 1073741825 updates, more than 1073741824"));
	ck_assert_ptr_nonnull(strstr(err.hint, "--update-every"));
	ck_assert_int_eq(
		outcome("method=ema half-life=1e9 warmup=diffusers:1e12,1/2 update-every=2", &err),
		0);
	/* It is the schedule that counts, not the time. */
	read_times(&the_case, "0 5 1000000000000");
	ck_assert_int_eq(outcome("method=ema half-life=1e5 warmup=tf", &err), 0);
	ck_assert_int_eq(
		outcome("method=ema half-life=1e9 warmup=diffusers:1,2/3,999999999000", &err), 0);
	ck_assert_int_eq(outcome("method=ema half-life=1e11 warmup=tf", &err), -1);
}
END_TEST

START_TEST(refused)
{
	struct bl_err err;

	read_times(&the_case, "0 5 10");
	ck_assert_int_eq(outcome("method=ema kappa=1.5 warmup=tf", &err), -1);
	ck_assert_ptr_nonnull(strstr(err.text, "a kappa of at most 1, not 1.5"));
	ck_assert_int_eq(outcome("method=spring half-life=5 warmup=tf", &err), -1);
	ck_assert_ptr_nonnull(strstr(err.text, "--warmup does not apply to --method spring"));
	ck_assert_int_eq(outcome("method=ema warmup=ft", &err), -1);
	ck_assert_ptr_nonnull(strstr(err.text, "--warmup ft: it is none of the warm-ups"));
	read_times(&the_case, "7");
	ck_assert_int_eq(outcome("method=ema warmup=ft", &err), -1);
	ck_assert_int_eq(outcome("method=ema warmup=tf", &err), 0);
}
END_TEST

/* A warm-up that is not over is told. */
START_TEST(warning)
{
	struct bl_err err = {0};
	struct bl_plan plan;
	char text[512];

	read_times(&the_case, "0 10 20 50 60 100");
	ck_assert_int_eq(plan_of(&the_case, "method=ema decay=.9 warmup=tf", &plan, &err), 0);
	ck_assert_int_eq(plan.row[0].spring.warmup.last, 80); /* 9 / 90 > 1 - .9 in doubles */
	for (size_t n = 0; bl_plan_warning(&plan.row[0], n, text, sizeof text); n++)
		ck_assert_ptr_null(strstr(text, "warm-up"));
	bl_plan_free(&plan);
	ck_assert_int_eq(plan_of(&the_case, "method=ema decay=.99 warmup=tf", &plan, &err), 0);
	ck_assert(bl_plan_warning(&plan.row[0], 0, text, sizeof text));
	ck_assert_str_eq(text,
		"the warm-up lasts longer than the checkpoints: the pull of the last "
		"update is 0.08182, that of the length 0.01");
	bl_plan_free(&plan);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("warmup");
	TCase *c = tcase_create("warmup");

	tcase_add_test(c, words);
	tcase_add_test(c, wrong_words);
	tcase_add_test(c, pulls);
	tcase_add_test(c, ends);
	tcase_add_test(c, too_long);
	tcase_add_test(c, refused);
	tcase_add_test(c, warning);
	suite_add_tcase(s, c);
	return suite_run(s);
}
