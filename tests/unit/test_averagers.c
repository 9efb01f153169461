/* test_averagers.c - the averages that are no springs: what they are in known limits, what they
 * refuse. */
#include "case_text.h"
#include "power.h"
#include "replay.h"
#include "suite.h"

#include <math.h>

static struct case_text the_case, other_case;
static struct bl_plan plan, other_plan;
static struct bl_err err;

#define IRREGULAR "0 10 20 50 60 100"

/* The only row of a plan that must succeed, on the times of the case. */
static const struct bl_row *row_at(struct case_text *t, struct bl_plan *p, const char *settings)
{
	bl_plan_free(p);
	ck_assert_msg(plan_of(t, settings, p, &err) == 0, "%s: %s", settings, err.text);
	return &p->row[0];
}

static const struct bl_row *row_of(const char *settings, const char *times)
{
	read_times(&the_case, times);
	return row_at(&the_case, &plan, settings);
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
	ck_assert_msg(strstr(err.hint, hint) != NULL, "%s: hint \"%s\"", settings, err.hint);
}

/* count checkpoints, gap steps apart. */
static void equal_times(size_t count, int64_t first, int64_t gap)
{
	the_case.time = (struct bl_timeline){the_case.n, count};
	for (size_t i = 0; i < count; i++)
		the_case.n[i] = first + (int64_t)i * gap;
}

static void random_times(int64_t first, size_t count, double longest)
{
	the_case.time = (struct bl_timeline){the_case.n, count};
	the_case.n[0] = first;
	for (size_t i = 1; i < count; i++)
		the_case.n[i] = the_case.n[i - 1] + (int64_t)log_uniform(1, longest);
}

static void is(const struct bl_row *r, size_t i, long double expected, double allowed)
{
	ck_assert_msg(fabsl((long double)r->weight[i] - expected) <= (long double)allowed,
		"%s: weight %zu is %.17g, not %.17Lg", r->dynamics->name, i, r->weight[i],
		expected);
}

/* ---- merges ---- */

/* Megatron-LM's merge of n checkpoints: weights f(i/n) - f((i+1)/n) of a decay f. */
START_TEST(merges_at_equal_spacing)
{
	for (size_t n = 2; n < 50; n++) {
		const struct bl_row *r;

		equal_times(n, -7, (int64_t)(1 + below(1000000)));
		r = row_at(&the_case, &plan, "method=minus-sqrt");
		for (size_t i = 0; i < n; i++)
			is(r, i, sqrtl((i + 1.0L) / n) - sqrtl((i + 0.0L) / n), 6e-17);
		other_case.time = the_case.time;
		r = row_at(&the_case, &plan, "method=linear-decay");
		row_at(&other_case, &other_plan, "method=uniform");
		for (size_t i = 0; i < n; i++) {
			ck_assert_double_eq(r->weight[i], other_plan.row[0].weight[i]);
			ck_assert_double_eq(r->part[i], 1); /* so the mean is exact, too */
		}
		r = row_at(&the_case, &plan, "method=trapezoid");
		for (size_t i = 0; i < n; i++)
			is(r, i, (i == 0 || i + 1 == n ? 0.5L : 1) / (n - 1), 3e-17);
	}
}
END_TEST

START_TEST(trapezoids)
{
	const struct bl_row *r = row_of("method=trapezoid", "0 9007199254740991");

	ck_assert(r->weight[0] == 0.5 && r->weight[1] == 0.5);
	r = row_of("method=trapezoid", "-3 -1 5");
	ck_assert(r->weight[0] == 0.125 && r->weight[1] == 0.5 && r->weight[2] == 0.375);
	ck_assert(r->part[0] == 1 && r->part[1] == 4 && r->part[2] == 3 && r->divisor == 8);
	ck_assert_double_eq(r->mean_age, 4); /* half of the time, as for any spacing */
}
END_TEST

START_TEST(long_merges)
{
	static const char *const method[] = {
		"method=minus-sqrt", "method=linear-decay", "method=trapezoid", "method=bema",
		"method=power", "method=power rel-std=.01"};

	for (size_t m = 0; m < sizeof method / sizeof method[0]; m++)
		for (int64_t first = 0; first < 2000000; first += 1000000) {
			const struct bl_row *r;

			random_times(first, 5000, 1e12);
			r = row_at(&the_case, &plan, method[m]);
			ck_assert_msg(fabs(r->sum - 1) <= 1e-15, "%s: %g", method[m], r->sum - 1);
		}
}
END_TEST

/* ---- power ---- */

/* EDM2: beta = (1 - dt / t)^(g + 1), then a lerp, however far apart the updates are. */
START_TEST(power_is_edm2)
{
	for (int i = 0; i < 200; i++) {
		const double std = uniform(0.01, 0.288);
		const long double p = 1 + (long double)bl_power_exponent(std);
		const size_t count = 2 + below(20);
		const struct bl_row *r;
		long double kept = 1;
		char text[64];

		random_times((int64_t)below(100), count, 1e9);
		snprintf(text, sizeof text, "method=power rel-std=%.17g hold=right", std);
		r = row_at(&the_case, &plan, text);
		for (size_t k = count - 1; k > 0; k--) {
			const long double n = the_case.n[k], dt = n - the_case.n[k - 1];

			is(r, k, kept * -expm1l(p * log1pl(-dt / n)), 1e-15);
			kept *= powl(1 - dt / n, p);
		}
		is(r, 0, kept, 1e-15);
	}
}
END_TEST

/* The straight path, step by step: every n of an interval adds 1 - (n/B)^p. */
START_TEST(power_is_a_sum)
{
	for (int i = 0; i < 60; i++) {
		const double std = i % 3 ? uniform(0.01, 0.288) : log_uniform(1e-4, 1e-2);
		const long double p = 1 + (long double)bl_power_exponent(std);
		const size_t count = 2 + below(5);
		const struct bl_row *r;
		long double kept = 1, w[8] = {0};
		char text[64];

		random_times((int64_t)below(2) * (int64_t)(3 / std), count, 5000);
		snprintf(text, sizeof text, "method=power rel-std=%.17g", std);
		r = row_at(&the_case, &plan, text);
		for (size_t k = count - 1; k > 0; k--) {
			const long double a = the_case.n[k - 1], b = the_case.n[k];
			long double sum = 0, left = powl(a / b, p);

			for (long double n = a; n < b; n++)
				sum += powl(n / b, p);
			sum /= b - a;
			w[k] += kept * (1 - sum);
			w[k - 1] += kept * (sum - left);
			kept *= left;
		}
		for (size_t k = 0; k < count; k++)
			is(r, k, w[k] + (k ? 0 : kept), 1e-15);
	}
}
END_TEST

/* One step between checkpoints: no path in between. */
START_TEST(power_of_every_step)
{
	other_case.time = (struct bl_timeline){the_case.n, 300};
	for (int64_t first = 0; first < 1000; first += 333) {
		equal_times(300, first, 1);
		row_at(&the_case, &plan, "method=power");
		row_at(&other_case, &other_plan, "method=power hold=right");
		ck_assert_mem_eq(
			plan.row[0].weight, other_plan.row[0].weight, 300 * sizeof(double));
	}
}
END_TEST

/* The weights of every step are as wide as was asked, up to the steps being steps. */
START_TEST(power_profile)
{
	static const double std[] = {0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.28};

	ck_assert_double_eq_tol(bl_power_exponent(0.1), 6.9372039376018075, 1e-15);
	ck_assert_double_eq_tol(bl_power_exponent(0.05), 16.97219860230345, 4e-15);
	ck_assert_double_eq_tol(bl_power_exponent(sqrt(7 / 576.0)), 6, 2e-15);
	for (size_t i = 0; i < sizeof std / sizeof std[0]; i++) {
		const double g = bl_power_exponent(std[i]);
		const struct bl_row *r;
		char text[64];

		equal_times(20001, 0, 1);
		snprintf(text, sizeof text, "method=power rel-std=%.17g", std[i]);
		r = row_at(&the_case, &plan, text);
		ck_assert_double_eq_tol(r->rel_std, std[i], 1e-4);
		ck_assert_double_eq(r->rel_std_asked, std[i]);
		ck_assert_double_eq_tol(r->mean_age, r->mean_age_asked, 1);
		ck_assert_double_eq_tol(r->half_life, r->half_life_asked, 1);
		ck_assert_double_eq_tol(r->mean_age_asked, 20000 / (g + 2), 1e-10);
		ck_assert_double_eq_tol(r->decay_asked, pow(1 - 1 / 20000.0, g + 1), 1e-12);
		ck_assert_str_eq(r->length_option, "rel-std");
	}
}
END_TEST

/* Narrower than a step it is the last checkpoint; 0.1 without a word. */
START_TEST(power_limits)
{
	const struct bl_row *r = row_of("method=power rel-std=1e-300", "0 10 1000000000000");

	ck_assert(r->weight[0] == 0 && r->weight[1] == 0 && r->weight[2] == 1);
	r = row_of("method=power rel-std=1e-18 hold=right", IRREGULAR);
	ck_assert(r->weight[4] == 0 && r->weight[5] == 1);
	/* g = 0 is the mean over all steps: the step response of the straight lines */
	r = row_of("method=power rel-std=.2886751345948128", "0 2 4");
	is(r, 0, 0.125L, 1e-14);
	is(r, 1, 0.5L, 1e-14);
	is(r, 2, 0.375L, 1e-14);
	other_case.time = the_case.time;
	row_at(&the_case, &plan, "method=power");
	row_at(&other_case, &other_plan, "method=power rel-std=.1 hold=linear");
	ck_assert_mem_eq(plan.row[0].weight, other_plan.row[0].weight, 3 * sizeof(double));
	/* what was there before the first checkpoint stays on it */
	is(row_of("method=power rel-std=.11023963796102461 hold=right", "50 100"), 0,
		powl(0.5L, 7), 1e-17);
}
END_TEST

START_TEST(power_refuses)
{
	refused("method=power rel-std=0", IRREGULAR, "--rel-std 0: must be above 0 and below "
		"0.288675", "EDM2");
	refused("method=power rel-std=-1", IRREGULAR, "--rel-std -1", "EDM2");
	refused("method=power rel-std=.28867513459481292", IRREGULAR, "below 0.288675", "EDM2");
	refused("method=power rel-std=.3", IRREGULAR, "below 0.288675", "EDM2");
	refused("method=power rel-std=nan", IRREGULAR, "below 0.288675", "EDM2");
	refused("method=power rel-std=.3", "7", "below 0.288675", "EDM2");
	refused("method=power hold=left", IRREGULAR, "--hold left: --method power takes", "");
	refused("method=power hold=mid", IRREGULAR, "linear or right", "");
	refused("method=power", "-1 5", "the first checkpoint has the time -1", "from 0 up");
	refused("method=power half-life=5", IRREGULAR, "--half-life does not apply",
		"--rel-std and --hold");
	ck_assert(row_of("method=power", "-5")->weight[0] == 1);
}
END_TEST

/* ---- BEMA ---- */

START_TEST(bema_limits)
{
	const struct bl_row *r = row_of("method=bema bema-ema-power=0", IRREGULAR);
	const double way = pow(110, -0.2);

	is(r, 0, -way, 1e-16);
	for (size_t i = 1; i < 5; i++)
		ck_assert(r->weight[i] == 0);
	is(r, 5, 1 + way, 3e-16);
	/* as if it were 0, the pull is never below the least one */
	r = row_of("method=bema bema-min=1 bema-bias-power=0", IRREGULAR);
	ck_assert(r->weight[0] == -1 && r->weight[3] == 0 && r->weight[5] == 2);
	r = row_of("method=bema bema-bias-power=100", IRREGULAR);
	ck_assert_double_eq_tol(r->weight[0], 1.0 * (1 - pow(20, -.5)) * (1 - pow(30, -.5)) *
		(1 - pow(60, -.5)) * (1 - pow(70, -.5)) * (1 - pow(110, -.5)), 1e-15);
	/* a pull that does not fall: the EMA of the checkpoints, whatever their times */
	read_times(&the_case, IRREGULAR);
	r = row_at(&the_case, &plan, "method=bema bema-multiplier=0 bema-lag=16 bema-bias-power=0");
	read_times(&other_case, "0 1 2 3 4 5");
	row_at(&other_case, &other_plan, "method=ema decay=.75");
	for (size_t i = 0; i < 6; i++)
		is(r, i, other_plan.row[0].weight[i] + (i == 5) - (i == 0), 1e-16);
}
END_TEST

START_TEST(bema_refuses)
{
	refused("method=bema", "-20 -10 5", "lag + multiplier x time is 0 at the second checkpoint",
		"--bema-lag");
	refused("method=bema bema-lag=0 bema-multiplier=.5", "0 1 5", "is 0.5 at the second", "");
	refused("method=bema bema-lag=-1 bema-multiplier=2", "0 1 5", "at least 0", "");
	refused("method=bema bema-ema-power=-1", IRREGULAR, "at least 0", "");
	refused("method=bema bema-min=2", IRREGULAR, "--bema-min 2: must be from 0 to 1", "");
	refused("method=bema hold=right", IRREGULAR, "--hold does not apply", "");
	row_of("method=bema", "-20 -9 5");
	row_of("method=bema bema-lag=0", "0 1 5");
}
END_TEST

/* ---- weights of one's own ---- */

START_TEST(given_weights)
{
	double given[6] = {0.25, 0, -0.125, 0.5, 0, 0.375};
	const struct bl_row *r;

	the_case.given = given;
	r = row_of("method=weights weights=f", IRREGULAR);
	ck_assert_mem_eq(r->weight, given, sizeof given);
	ck_assert(r->averages && r->divisor == 1);
	given[3] = 0.5 + 0x1p-21; /* the sum is what the engine takes for 1 */
	r = row_of("method=weights weights=f", IRREGULAR);
	ck_assert(!r->averages && r->sum == 1 + 0x1p-21);
	r = row_of("method=weights weights=f normalize=true", IRREGULAR);
	ck_assert(r->averages);
	is(r, 0, 0.25L / (1 + 0x1p-21L), 1e-17);
	given[3] = 0.5 + 0x1p-19;
	refused("method=weights weights=f", IRREGULAR, "have the sum 1.0000019", "--normalize");
	given[3] = 0.5 - 0x1p-19;
	refused("method=weights weights=f", IRREGULAR, "have the sum 0.99999", "--normalize");
	memcpy(given, (double[]){2, 0, -4, 6, 8, 0}, sizeof given);
	r = row_of("method=weights weights=f normalize=true", IRREGULAR);
	ck_assert(r->divisor == 6 && r->part[0] == 1 && r->part[2] == -2 && r->part[4] == 4);
	given[4] = -4;
	refused("method=weights weights=f normalize=true", IRREGULAR, "which is not above 0", "");
	given[4] = -8;
	refused("method=weights weights=f normalize=true", IRREGULAR, "the sum -4", "");
	the_case.given = NULL;
	refused("method=weights", IRREGULAR, "needs --weights", "its time, a tab");
}
END_TEST

/* ---- lengths in every language ---- */

START_TEST(asked_lengths)
{
	const struct bl_row *r = row_of("decay=.999", "0 10 1000");

	ck_assert_double_eq(r->decay_asked, 0.999);
	ck_assert_double_eq_tol(r->mean_age_asked, 999, 1e-10);
	ck_assert_double_eq_tol(r->half_life_asked, log(0.5) / log(0.999), 1e-10);
	ck_assert_double_eq_tol(r->rel_std_asked, sqrt(0.999) * 1000 / 1000, 1e-12);
	r = row_of("method=spring mean-age=9", "0 10 1000");
	ck_assert_double_eq_tol(r->mean_age_asked, 9, 1e-14);
	ck_assert_double_eq_tol(r->decay_asked, 0.9, 1e-15);
	r = row_of("method=belay rel-std=.2", "0 10 1000");
	ck_assert_double_eq_tol(r->rel_std_asked, 0.2, 1e-15);
	r = row_of("update-every=10 half-life=20", IRREGULAR);
	ck_assert_double_eq_tol(r->half_life_asked, 20, 1e-14);
	ck_assert_double_eq_tol(r->decay_asked, sqrt(0.5), 1e-15);
	ck_assert_double_eq_tol(r->mean_age_asked, 10 * (1 / (1 - sqrt(0.5)) - 1), 1e-13);
	r = row_of("half-life=0", IRREGULAR);
	ck_assert(r->mean_age_asked == 0 && r->decay_asked == 0 && r->rel_std_asked == 0);
	r = row_of("kappa=.1", IRREGULAR);
	ck_assert(!r->length_option && r->decay_asked == 0);
	r = row_of("method=uniform", IRREGULAR);
	ck_assert(!r->length_option && r->mean_age_asked == 0);
}
END_TEST

START_TEST(relative_std)
{
	/* ages 0..30 step 10: a variance of 125 */
	ck_assert_double_eq_tol(row_of("method=uniform", "5 15 25 35")->rel_std,
		sqrt(125) / 30, 1e-15);
	ck_assert_double_eq(row_of("method=window window=1ckpt", IRREGULAR)->rel_std, 0);
	ck_assert_double_eq(row_of("method=uniform", "5")->rel_std, 0);
	/* nothing is left of the start: the EMA's own */
	equal_times(20000, 0, 1);
	ck_assert_double_eq_tol(row_at(&the_case, &plan, "rel-std=.01")->rel_std, 0.01, 1e-12);
	/* ages 0, 1, 2 weigh 2, 0, -1: the variance is -8 */
	the_case.given = (double[]){-1, 0, 2};
	ck_assert_double_eq(row_of("method=weights weights=f", "0 1 2")->rel_std, -1);
	the_case.given = NULL;
}
END_TEST

int main(void)
{
	Suite *s = suite_create("averagers");
	TCase *c = tcase_create("averagers");
	int failed;

	tcase_add_test(c, merges_at_equal_spacing);
	tcase_add_test(c, trapezoids);
	tcase_add_test(c, long_merges);
	tcase_add_test(c, power_is_edm2);
	tcase_add_test(c, power_is_a_sum);
	tcase_add_test(c, power_of_every_step);
	tcase_add_test(c, power_profile);
	tcase_add_test(c, power_limits);
	tcase_add_test(c, power_refuses);
	tcase_add_test(c, bema_limits);
	tcase_add_test(c, bema_refuses);
	tcase_add_test(c, given_weights);
	tcase_add_test(c, asked_lengths);
	tcase_add_test(c, relative_std);
	suite_add_tcase(s, c);
	failed = suite_run(s);
	bl_plan_free(&plan);
	bl_plan_free(&other_plan);
	return failed;
}
