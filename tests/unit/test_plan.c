/* test_plan.c - from settings and times to rows: what is refused, what defaults mean, measures. */
#include "case_text.h"
#include "replay.h"
#include "suite.h"

#include <math.h>

static struct case_text the_case;
static struct bl_plan plan;
static struct bl_err err;

#define IRREGULAR "0 10 20 50 60 100"

/* The only row of a plan that must succeed. */
static const struct bl_row *row_of(const char *settings, const char *times)
{
	bl_plan_free(&plan);
	read_times(&the_case, times);
	ck_assert_msg(plan_of(&the_case, settings, &plan, &err) == 0, "%s: %s", settings, err.text);
	ck_assert_uint_eq(plan.rows, 1);
	ck_assert_uint_eq(plan.checkpoints, the_case.time.count);
	return &plan.row[0];
}

static void refused(const char *settings, const char *times, const char *text, const char *hint)
{
	bl_plan_free(&plan);
	read_times(&the_case, times);
	memset(&err, 0, sizeof err);
	ck_assert_msg(plan_of(&the_case, settings, &plan, &err) == -1, "%s is accepted", settings);
	ck_assert_int_eq(err.code, BL_USAGE);
	ck_assert_msg(strstr(err.text, text) != NULL, "%s: \"%s\" lacks \"%s\"", settings, err.text,
		text);
	if (hint)
		ck_assert_msg(
			strstr(err.hint, hint) != NULL, "%s: hint \"%s\"", settings, err.hint);
}

static bool takes(const struct bl_dynamics *d, enum bl_option o)
{
	for (size_t i = 0; d->options[i] != BL_OPTIONS; i++)
		if (d->options[i] == o)
			return true;
	return false;
}

/* Every method against every option of methods. */
START_TEST(foreign_options)
{
	for (size_t i = 0; bl_dynamics[i]; i++)
		for (int k = 0; k < BL_OPTIONS; k++) {
			const enum bl_option o = (enum bl_option)k;
			const struct bl_dynamics *d = bl_dynamics[i];
			char settings[256], text[256];

			if (o == BL_OPT_METHOD || !(bl_option(o)->flags & BL_METHOD) || takes(d, o))
				continue;
			snprintf(settings, sizeof settings, "method=%s %s=1", d->name,
				bl_option(o)->key);
			snprintf(text, sizeof text, "--%s does not apply to --method %s",
				bl_option(o)->key, d->name);
			refused(settings, IRREGULAR, text, "takes");
			ck_assert_str_eq(err.text, text);
		}
	refused("damping=1", IRREGULAR, "--damping does not apply to --method ema",
		"--method ema takes --half-life, --mean-age, --decay, --rel-std, --kappa, --hold, "
		"--start and --update-every");
	refused("method=uniform hold=left", IRREGULAR, "--hold",
		"--method uniform takes no options");
	refused("method=spring start=zero", IRREGULAR, "--start", "--gamma");
	/* a method that was forgotten */
	refused("window=5", IRREGULAR, "--window does not apply to --method ema",
		"--method window takes it");
	refused("bema-lag=5", IRREGULAR, "--bema-lag", "--method bema takes it");
	refused("method=sma", IRREGULAR, "there is no such method", NULL);
}
END_TEST

START_TEST(options_that_exclude)
{
	refused("half-life=3 decay=.5", IRREGULAR, "--half-life and --decay exclude each other",
		"one length");
	refused("mean-age=3 rel-std=.5", IRREGULAR, "--mean-age and --rel-std exclude",
		"one length");
	refused("kappa=.1 half-life=5", IRREGULAR, "--half-life and --kappa exclude",
		"turned into");
	refused("method=spring kappa=.1 damping=1", IRREGULAR, "--damping and --kappa exclude",
		NULL);
	refused("method=spring gamma=.1 half-life=5", IRREGULAR, "--half-life and --gamma", NULL);
	refused("method=belay gamma=.1", IRREGULAR, "--gamma needs --kappa", NULL);
	row_of("method=belay kappa=.1 gamma=.5", IRREGULAR);
	row_of("method=spring half-life=5 damping=.5", IRREGULAR);
}
END_TEST

START_TEST(values_out_of_range)
{
	refused("half-life=-1", IRREGULAR, "--half-life -1: a length cannot be negative", NULL);
	refused("half-life=nan", IRREGULAR, "--half-life nan", NULL);
	refused("half-life=1e19", IRREGULAR, "--half-life 1e19 is longer than 1e+18 steps", NULL);
	refused("half-life=1e308", IRREGULAR, "longer", NULL);
	refused("half-life=inf", IRREGULAR, "longer", NULL);
	refused("mean-age=1e18%", "0 1000000", "longer", NULL);
	refused("rel-std=-.1", IRREGULAR, "--rel-std", NULL);
	refused("rel-std=1e17", IRREGULAR, "longer", NULL);
	refused("decay=1", IRREGULAR, "--decay 1: must be at least 0 and below 1", NULL);
	refused("decay=-.1", IRREGULAR, "--decay", NULL);
	refused("method=spring damping=0", IRREGULAR, "--damping 0: must be above 0", NULL);
	refused("method=spring damping=-1", IRREGULAR, "--damping", NULL);
	refused("method=spring damping=-inf", IRREGULAR, "--damping", NULL);
	refused("method=belay damping=0", IRREGULAR, "--damping", NULL);
	refused("method=spring damping=1.1e8", IRREGULAR, "--damping", NULL);
	refused("method=spring damping=.5 half-life=.3", IRREGULAR, "four steps in an oscillation",
		NULL);
	row_of("method=spring damping=.5 half-life=.4", IRREGULAR);
	refused("method=belay mass-ratio=-1", IRREGULAR, "--mass-ratio", NULL);
	refused("method=belay restore=1.1", IRREGULAR, "restore", NULL);
	refused("method=belay restore=-.1", IRREGULAR, "restore", NULL);
	refused("method=belay kappa=.5 gamma=.1", IRREGULAR, "restore 2.5", "give --restore");
	refused("method=belay kappa=.5 gamma=0", IRREGULAR, "gamma 0", NULL);
	refused("kappa=0", IRREGULAR, "unstable", NULL);
	refused("method=window", IRREGULAR, "--method window needs --window", "--window 5ckpt");
	refused("method=window window=0", IRREGULAR, "--window 0: must be above 0", NULL);
	refused("method=window window=-5", IRREGULAR, "negative", NULL);
}
END_TEST

START_TEST(updates)
{
	const struct bl_row *r = row_of("update-every=10 half-life=20", "5 15 25 55 65 105");

	for (size_t i = 0; i < 6; i++) {
		static const int64_t n[] = {0, 1, 2, 5, 6, 10};

		ck_assert_int_eq(r->time.n[i], n[i]);
	}
	ck_assert_double_eq(r->half_life_asked, 20); /* in times, not in updates */
	ck_assert_double_eq(r->median_gap, 10);
	ck_assert_double_eq_tol(r->spring.kappa, 1 - sqrt(0.5), 1e-16);
	ck_assert_double_eq(r->half_life, 0);
	ck_assert_double_eq_tol(r->mean_age, 10 * row_of("half-life=2", "0 1 2 5 6 10")->mean_age,
		1e-14);
	ck_assert_double_eq(row_of("update-every=10 half-life=30", IRREGULAR)->half_life, 40);
	refused("update-every=10", "0 10 25", "--update-every 10: the checkpoint at time 25 is 25 "
		"after the first", "multiples");
	refused("update-every=3", "1 4 8", "the checkpoint at time 8 is 7 after the first", NULL);
	refused("update-every=0", IRREGULAR, "--update-every", NULL);
	refused("update-every=1.5", IRREGULAR, "--update-every", NULL);
	refused("update-every=1e300", IRREGULAR, "--update-every", NULL);
	refused("update-every=10 half-life=2ckpt", IRREGULAR, "--update-every counts time", NULL);
	/* Decay and the raw pulls belong to an update; a share of the time stays a share. */
	ck_assert_double_eq(row_of("update-every=10 decay=.75", IRREGULAR)->spring.kappa, 0.25);
	ck_assert_double_eq(row_of("update-every=10 kappa=.1", IRREGULAR)->spring.kappa, 0.1);
	ck_assert_double_eq(
		row_of("update-every=10 half-life=20%", IRREGULAR)->spring.half_life, 2);
	ck_assert_double_eq(row_of("update-every=10", IRREGULAR)->half_life_asked, 10);
	ck_assert_double_eq(row_of("update-every=10 rel-std=.2", IRREGULAR)->spring.kappa,
		row_of("rel-std=.2", "0 1 2 5 6 10")->spring.kappa);
}
END_TEST

START_TEST(units)
{
	const double kappa = row_of("half-life=20", IRREGULAR)->spring.kappa;
	const struct bl_row *r;

	/* times counted in half steps: 20 of theirs is 40 of ours */
	ck_assert_double_eq(row_of("half-life=10 time-unit=.5", IRREGULAR)->spring.kappa, kappa);
	ck_assert_double_eq(row_of("half-life=20%", IRREGULAR)->spring.kappa, kappa);
	ck_assert_double_eq(row_of("half-life=20% time-unit=.5", IRREGULAR)->spring.kappa, kappa);
	ck_assert_double_eq(row_of("mean-age=20%", IRREGULAR)->spring.kappa, 1 / 21.0);
	ck_assert_double_eq(row_of("half-life=20%", "1000 1050 1100")->spring.half_life, 20);
	r = row_of("half-life=2ckpt", IRREGULAR);
	ck_assert(r->counts_checkpoints);
	ck_assert_int_eq(r->time.n[5], 5);
	ck_assert_double_eq(r->half_life_asked, 2);
	ck_assert_double_eq(r->median_gap, 1);
	ck_assert(!row_of("half-life=2", IRREGULAR)->counts_checkpoints);
	ck_assert_int_eq(row_of("mean-age=2ckpt time-unit=.5", IRREGULAR)->time.n[3], 3);
	ck_assert_str_eq(row_of("mean-age=2ckpt", IRREGULAR)->length_option, "mean-age");
	ck_assert_ptr_null(row_of("kappa=.1", IRREGULAR)->length_option);
	ck_assert_ptr_null(row_of("method=uniform", IRREGULAR)->length_option);
}
END_TEST

START_TEST(default_half_life)
{
	/* a tenth of the time, or the lower middle of the gaps */
	ck_assert_double_eq(row_of("", "0 1 2 3 100")->half_life_asked, 10);
	ck_assert_double_eq(row_of("", "0 30 50 90 100")->half_life_asked, 20);
	ck_assert_double_eq(row_of("", "0 40 50 90 100")->half_life_asked, 10);
	ck_assert_double_eq(row_of("", "0 11 22 33")->half_life_asked, 11);
	ck_assert_double_eq(row_of("", "0 9007199254740991")->half_life_asked, 9007199254740991.0);
	ck_assert_str_eq(row_of("", "0 11 22 33")->length_option, "half-life");
	ck_assert_double_eq(row_of("method=spring", "0 11 22")->half_life_asked, 11);
	ck_assert_double_eq(row_of("method=spring", "0 11 22")->spring.kappa,
		row_of("method=spring half-life=11 damping=1", "0 11 22")->spring.kappa);
	/* belay: so that the mean age is that of ema */
	ck_assert_double_eq(row_of("method=belay", "0 12 24")->half_life_asked, 4);
	ck_assert_double_eq(row_of("method=belay mass-ratio=.5", "0 12 24")->half_life_asked, 6);
	ck_assert_double_eq(row_of("method=belay mass-ratio=0", "0 12 24")->half_life_asked, 12);
	ck_assert_double_eq(row_of("method=belay half-life=12", "0 12 24")->half_life_asked, 12);
}
END_TEST

START_TEST(belay_defaults)
{
	const struct bl_row *r = row_of("method=belay half-life=20", IRREGULAR);

	ck_assert_double_eq(r->spring.gamma, 1);
	ck_assert_double_eq(r->spring.pull, r->spring.kappa);
	ck_assert_double_eq(r->spring.restore, r->spring.kappa / 2);
	ck_assert_double_eq(r->spring.gain, 1);
	ck_assert(!r->spring.model && !r->spring.zero && r->spring.hold == BL_HOLD_LINEAR);
	r = row_of("method=belay half-life=20 damping=1 mass-ratio=3", IRREGULAR);
	ck_assert_double_eq(r->spring.pull, 3 * (r->spring.kappa / r->spring.gamma));
	ck_assert_double_eq(r->spring.restore, r->spring.kappa / r->spring.gamma / 2);
	/* gamma = 1 - exp(-2 zeta omega), omega = 2 zeta ln 2 / H */
	ck_assert_double_eq_tol(r->spring.gamma, -expm1(-4 * M_LN2 / 20), 1e-15);
}
END_TEST

START_TEST(windows)
{
	static const struct {
		const char *settings, *times;
		size_t used;
	} row[] = {
		{"window=5", "0 1 2 3 4 5 6", 5}, {"window=5ckpt", "0 1 2 3 4 5 6", 5},
		{"window=5ckpt", IRREGULAR, 5}, {"window=50", IRREGULAR, 2},
		{"window=50.1", IRREGULAR, 3}, {"window=50%", IRREGULAR, 2},
		{"window=80%", IRREGULAR, 3}, {"window=100%", IRREGULAR, 5},
		{"window=101%", IRREGULAR, 6}, {"window=1e18", IRREGULAR, 6},
		{"window=.5", IRREGULAR, 1}, {"window=1e-9", IRREGULAR, 1},
		{"window=99ckpt", IRREGULAR, 6}, {"window=1ckpt", IRREGULAR, 1},
		{"window=2.5ckpt", IRREGULAR, 3},
		/* meant to be whole numbers of steps, though the doubles are a little above */
		{"window=12.3%", "0 877 878 1000", 2}, {"window=.9 time-unit=.3", "0 1 2 3", 3},
		{"window=.6 time-unit=.1", "0 1 2 3 4 5 6", 6},
		{"window=9007199254740991", "-4503599627370496 4503599627370495", 1},
		{"window=9007199254740992", "-4503599627370496 4503599627370495", 2},
	};

	for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
		char settings[256];
		const struct bl_row *r;
		double difference;

		snprintf(settings, sizeof settings, "method=window %s", row[i].settings);
		r = row_of(settings, row[i].times);
		for (size_t k = 0; k < r->time.count; k++)
			ck_assert_msg(r->weight[k] == (k + row[i].used >= r->time.count
				? 1 / (double)row[i].used : 0), "%s: weight %zu is %g", settings, k,
				r->weight[k]);
		ck_assert_double_eq_tol(r->effective_number, (double)row[i].used, 1e-14);
		if (i + 2 < sizeof row / sizeof row[0]) /* the march knows the window as a double */
			ck_assert_int_eq(bl_replay_check(r, &difference, &err), 0);
	}
}
END_TEST

START_TEST(one_checkpoint)
{
	static const char *const settings[] = {
		"",
		"half-life=10%",
		"half-life=5",
		"half-life=0",
		"decay=.9",
		"rel-std=.1",
		"half-life=2ckpt",
		"kappa=.5",
		"start=zero",
		"update-every=7",
		"hold=left",
		"hold=mid",
		"method=spring",
		"method=spring damping=.1 half-life=5",
		"method=belay",
		"method=belay particle=model",
		"method=belay particle=model mass-ratio=0",
		"method=belay mass-ratio=1000 half-life=10%",
		"method=belay restore=0 gain=2",
		"method=uniform",
		"method=window window=10%",
		"method=window window=1ckpt",
		"method=window window=7",
		"method=trapezoid",
		"method=power",
		"method=power rel-std=.2 hold=right",
		"method=bema",
		"method=bema bema-lag=0 bema-multiplier=0",
		"method=minus-sqrt",
		"method=linear-decay",
		"method=weights weights=file",
		"method=weights weights=file normalize=true",
	};
	double given[] = {1};

	the_case.given = given;

	for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
		const struct bl_row *r = row_of(settings[i], "1234");
		double difference;
		char buf[256];

		ck_assert_msg(r->weight[0] == 1, "%s: %g", settings[i], r->weight[0]);
		ck_assert(r->sum == 1 && r->sum_abs == 1 && r->effective_number == 1);
		ck_assert(r->mean_age == 0 && r->median_gap == 0 && r->averages);
		ck_assert_int_eq(bl_replay_check(r, &difference, &err), 0);
		if (!strstr(settings[i], "restore=0"))
			ck_assert_msg(!bl_plan_warning(r, 0, buf, sizeof buf), "%s: %s",
				settings[i], buf);
	}
}
END_TEST

START_TEST(measures)
{
	const struct bl_row *r = row_of("decay=.875", "0 1 2 3 4 5");
	/* w = .512908935546875 .073272705078125 .083740234375 .095703125 .109375 .125 */

	ck_assert_double_eq(r->sum, 1);
	ck_assert_double_eq(r->sum_abs, 1);
	ck_assert(r->averages);
	ck_assert_double_eq_tol(r->first_share, 0.512908935546875, 1e-16);
	ck_assert_double_eq_tol(r->mean_age, 5 * 0.512908935546875 + 4 * 0.073272705078125 +
		3 * 0.083740234375 + 2 * 0.095703125 + 0.109375, 1e-15);
	ck_assert_double_eq(r->half_life, 5);
	ck_assert_double_eq_tol(r->effective_number, 3.20303523630484, 1e-14);
	ck_assert_double_eq(row_of("decay=.75", "0 10 20 30 40 50")->half_life, 0);
	ck_assert_double_eq(row_of("method=uniform", "0 10 20 30")->half_life, 10);
	ck_assert_double_eq(row_of("method=uniform", "0 10 20 30")->mean_age, 15);
	ck_assert_double_eq(row_of("half-life=2ckpt", IRREGULAR)->half_life, 1);
	ck_assert_double_eq(row_of("half-life=2.5ckpt", IRREGULAR)->half_life, 2);
	/* the model particle stands on the last checkpoint: no half-life */
	r = row_of("method=belay half-life=20 particle=model", IRREGULAR);
	ck_assert_double_gt(r->weight[5], 0.5);
	ck_assert_double_eq(r->half_life, -1);
	ck_assert_double_gt(r->sum_abs, 1.1);
	/* untruncated, the mean age of a belay average is (1 + 2 rho) / k - 1 - rho */
	r = row_of("method=belay kappa=.25 mass-ratio=1", "0 1000 2000");
	ck_assert_double_eq_tol(r->mean_age, 3 / 0.25 - 2, 1e-10);
}
END_TEST

/* The newest H checkpoints of an EMA with a half-life of H gaps hold half of it, up to rounding. */
START_TEST(half_lives)
{
	for (int gap = 1; gap < 40; gap += 3)
		for (int h = 2; h < 40; h++) {
			char text[64];

			the_case.time = (struct bl_timeline){the_case.n, 60};
			for (int i = 0; i < 60; i++)
				the_case.n[i] = i * gap;
			snprintf(text, sizeof text, "half-life=%d hold=right", h * gap);
			bl_plan_free(&plan);
			ck_assert_int_eq(plan_of(&the_case, text, &plan, &err), 0);
			ck_assert_msg(plan.row[0].half_life == (h - 1) * gap, "%s: %g", text,
				plan.row[0].half_life);
		}
}
END_TEST

/* Is there a warning with this text? */
static bool warned(const struct bl_row *r, const char *text)
{
	char buf[256];

	for (size_t n = 0; bl_plan_warning(r, n, buf, sizeof buf); n++)
		if (strstr(buf, text))
			return true;
	return false;
}

START_TEST(warnings)
{
	char buf[256];

	ck_assert(!bl_plan_warning(
		row_of("half-life=30", "0 10 20 30 40 50 60 70 80 90 100"), 0, buf, sizeof buf));
	ck_assert(warned(row_of("half-life=9", "0 10 20 30 40 50"), "the half-life of 9 is shorter "
		"than the gap of 10 between checkpoints"));
	ck_assert(!warned(row_of("half-life=10", "0 10 20 30 40 50"), "shorter"));
	ck_assert(warned(row_of("decay=.1", "0 10 20 30 40 50"), "shorter"));
	ck_assert(warned(row_of("half-life=.9ckpt", IRREGULAR),
		"the half-life of 0.9 is shorter than "
		"the gap of 1 "));
	ck_assert(warned(row_of("update-every=10 half-life=9", IRREGULAR),
		"half-life of 9 is shorter "
		"than the gap of 10"));
	ck_assert(!warned(row_of("method=belay", "0 10 20 30"), "shorter"));
	ck_assert(warned(row_of("half-life=60", IRREGULAR), "of the weight is left on the first"));
	ck_assert(warned(row_of("decay=.875", "0 1 2 3 4 5"), "51% of the weight"));
	ck_assert(!warned(row_of("half-life=20", IRREGULAR), "first checkpoint"));
	ck_assert(!warned(row_of("method=uniform", "0 1"), "first checkpoint"));
	ck_assert(warned(row_of("method=belay half-life=20 particle=model", IRREGULAR),
		"negative: the sum of their absolute values is 1.108"));
	ck_assert(!warned(row_of("method=belay half-life=20", IRREGULAR), "negative"));
	ck_assert(warned(row_of("kappa=1.5", IRREGULAR), "kappa 1.5 is outside (0, 1]"));
	ck_assert(warned(row_of("method=spring kappa=.1 gamma=1.5", IRREGULAR), "gamma 1.5 is"));
	ck_assert(warned(row_of("method=belay restore=0 mass-ratio=3", IRREGULAR),
		"with restore 0, 75% of the weight never leaves"));
	ck_assert(!warned(row_of("method=belay restore=0 mass-ratio=0", IRREGULAR), "restore"));
}
END_TEST

/* Several cases share the times; a failing one leaves nothing behind. */
START_TEST(several_cases)
{
	static struct case_text second;
	struct bl_history history = {.given = NULL};
	struct bl_case cases[2];

	bl_plan_free(&plan);
	read_times(&the_case, IRREGULAR);
	history.time = the_case.time;
	read_settings(&the_case, "half-life=2ckpt");
	read_settings(&second, "method=belay half-life=20");
	cases[0] = the_case.c;
	cases[1] = second.c;
	ck_assert_int_eq(bl_plan_make(cases, 2, &history, &plan, &err), 0);
	ck_assert_uint_eq(plan.rows, 2);
	ck_assert_int_eq(plan.row[0].time.n[5], 5);
	ck_assert_int_eq(plan.row[1].time.n[5], 100);
	ck_assert_ptr_eq(plan.row[1].settings, &cases[1]);
	bl_plan_free(&plan);
	read_settings(&second, "method=belay half-life=20 start=zero");
	cases[1] = second.c;
	ck_assert_int_eq(bl_plan_make(cases, 2, &history, &plan, &err), -1);
	bl_plan_free(&plan);
	ck_assert_ptr_null(plan.row);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("plan");
	TCase *c = tcase_create("plan");
	int failed;

	tcase_add_test(c, foreign_options);
	tcase_add_test(c, options_that_exclude);
	tcase_add_test(c, values_out_of_range);
	tcase_add_test(c, updates);
	tcase_add_test(c, units);
	tcase_add_test(c, default_half_life);
	tcase_add_test(c, belay_defaults);
	tcase_add_test(c, windows);
	tcase_add_test(c, one_checkpoint);
	tcase_add_test(c, measures);
	tcase_add_test(c, half_lives);
	tcase_add_test(c, warnings);
	tcase_add_test(c, several_cases);
	suite_add_tcase(s, c);
	failed = suite_run(s);
	bl_plan_free(&plan);
	return failed;
}
