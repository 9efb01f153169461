/* test_response.c - rows of weights as physical systems: closed forms, hand-made values. */
#include "case_text.h"
#include "response.h"
#include "suite.h"

#include <complex.h>

static struct case_text it;
static struct bl_plan plan;
static struct bl_response got;
static struct bl_err err;

/* The response of settings on the times; the plan stays until the next call. */
static const struct bl_row *respond(const char *settings)
{
	bl_plan_free(&plan);
	ck_assert_msg(plan_of(&it, settings, &plan, &err) == 0, "%s: %s", settings, err.text);
	bl_response_of(&plan.row[0], &got);
	return &plan.row[0];
}

/* Checkpoints every gap steps. */
static void every(int64_t gap, size_t count)
{
	it.time = (struct bl_timeline){it.n, count};
	for (size_t i = 0; i < count; i++)
		it.n[i] = (int64_t)i * gap;
}

static void near(double a, double b, double relative)
{
	ck_assert_msg(fabs(a - b) <= relative * fabs(b), "%.17g instead of %.17g", a, b);
}

/* r^n + ... of 1.6875 = 27/16: the roots are worked out by hand. */
START_TEST(one_way_by_hand)
{
	every(1, 50);
	respond("method=spring kappa=0.0625 gamma=0.25"); /* r^2 - 27/16 r + 3/4 */
	ck_assert_int_eq(got.damping, BL_DAMPING_UNDER);
	ck_assert_uint_eq(got.poles, 1);
	ck_assert(got.pole[0].pair);
	near(got.pole[0].modulus, sqrt(0.75), 2e-16);
	near(got.pole[0].angle, acos(27.0 / 32 / sqrt(0.75)), 1e-14);
	near(got.period, 2 * M_PI / acos(27.0 / 32 / sqrt(0.75)), 1e-14);
	near(got.pole[0].fade, -log(2) / log(sqrt(0.75)), 1e-14);
	near(got.settled_age, 3, 1e-15);
	near(got.kappa_most, 3.5, 1e-15);
	respond("method=spring kappa=0.0625 gamma=0.4375"); /* (r - 3/4)^2 */
	ck_assert_int_eq(got.damping, BL_DAMPING_CRITICAL);
	ck_assert_uint_eq(got.poles, 1);
	ck_assert_double_eq(got.pole[0].modulus, 0.75);
	ck_assert(!got.pole[0].pair && got.pole[0].angle == 0 && got.period == 0);
	respond("method=spring kappa=0.5 gamma=0.999"); /* r^2 - 0.501 r + 0.001 */
	ck_assert_int_eq(got.damping, BL_DAMPING_OVER);
	near(got.pole[0].modulus, (0.501 + sqrt(0.501 * 0.501 - 0.004)) / 2, 1e-15);
	near(got.pole[1].modulus, (0.501 - sqrt(0.501 * 0.501 - 0.004)) / 2, 1e-13);
	respond("method=ema decay=0.875");
	ck_assert_int_eq(got.damping, BL_DAMPING_FIRST);
	ck_assert_uint_eq(got.poles, 1);
	ck_assert_double_eq(got.pole[0].modulus, 0.875);
	near(got.pole[0].fade, -log(2) / log(0.875), 1e-14);
	respond("method=ema kappa=1.5"); /* the pole -1/2 */
	ck_assert_double_eq(got.pole[0].modulus, 0.5);
	near(got.pole[0].angle, M_PI, 1e-15);
	ck_assert(!got.pole[0].pair);
}
END_TEST

/* The poles of a length and a damping ratio are e^s of the continuous spring. */
START_TEST(damping_ratio_is_met)
{
	static const double zeta[] = {0.05, 0.2, 0.5, 0.9, 0.999};

	every(100, 50);
	for (size_t i = 0; i < sizeof zeta / sizeof zeta[0]; i++) {
		const double tau = 300 / log(2), omega = 2 * zeta[i] / tau;
		char text[64];

		snprintf(text, sizeof text, "method=spring half-life=300 damping=%.17g", zeta[i]);
		respond(text);
		ck_assert_int_eq(got.damping, BL_DAMPING_UNDER);
		near(got.ratio, zeta[i], 1e-9);
		near(got.period, 2 * M_PI / (omega * sqrt(1 - zeta[i] * zeta[i])), 1e-9);
		near(got.pole[0].fade, log(2) / (zeta[i] * omega), 1e-12);
	}
	respond("method=spring half-life=300 damping=1");
	ck_assert_int_eq(got.damping, BL_DAMPING_CRITICAL);
	respond("method=spring half-life=300 damping=2");
	ck_assert_int_eq(got.damping, BL_DAMPING_OVER);
	near(got.pole[0].fade, log(2) / (2 * 2 * log(2) / 300 * (2 - sqrt(3))), 1e-12);
	respond("method=spring half-life=1e12 damping=0.5"); /* as long as a run of tokens */
	near(got.ratio, 0.5, 1e-9);
}
END_TEST

/* The matrix of a step in (y, z, v), as the equations read; not the one that the weights come from.
 */
static double complex determinant(const struct bl_spring *s, double complex r)
{
	const double k = s->kappa, g = s->gamma, a = s->pull, l = s->restore;
	const double complex m[3][3] = {
		{(1 - a) * (1 - l) - r, a, 0},
		{k * (1 - l), 1 - k - r, 1 - g},
		{k * (1 - l), -k, 1 - g - r},
	};

	return m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) -
		m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]);
}

/* The pull and the restoring force of the settings make the matrix singular at each pole, and the
 * poles add up to its trace. */
static void check_poles(const struct bl_spring *s)
{
	const double trace = (1 - s->pull) * (1 - s->restore) + 2 - s->kappa - s->gamma;
	double sum = 0;

	for (size_t i = 0; i < got.poles; i++) {
		const struct bl_pole *p = &got.pole[i];

		ck_assert(p->modulus <= 1 && (i == 0 || p->modulus <= p[-1].modulus));
		ck_assert(cabs(determinant(s, p->modulus * cexp(I * p->angle))) < 1e-13);
		sum += p->modulus * cos(p->angle) * (p->pair ? 2 : 1);
		if (!p->pair && got.damping == BL_DAMPING_CRITICAL && got.poles == 2)
			return; /* which of them is double is not said */
	}
	ck_assert_msg(fabs(sum - trace) < 1e-12, "%.17g instead of %.17g", sum, trace);
}

START_TEST(two_way_poles)
{
	size_t swings = 0, slides = 0;

	every(1, 10);
	for (int i = 0; i < 3000; i++) {
		char text[256];

		snprintf(text, sizeof text,
			"method=belay kappa=%.17g gamma=%.17g mass-ratio=%.17g restore=%.17g",
			log_uniform(1e-6, 0.5), i % 3 ? uniform(0.01, 1) : 1, uniform(0.01, 1.5),
			i % 7 ? log_uniform(1e-6, 0.9) : 0);
		bl_plan_free(&plan);
		if (plan_of(&it, text, &plan, &err) != 0)
			continue; /* unstable */
		bl_response_of(&plan.row[0], &got);
		check_poles(&plan.row[0].spring);
		ck_assert_int_eq(got.damping == BL_DAMPING_FIRST, plan.row[0].spring.gamma == 1);
		ck_assert_int_eq(got.pole[0].modulus == 1, plan.row[0].spring.restore == 0);
		swings += got.damping == BL_DAMPING_UNDER;
		slides += got.damping == BL_DAMPING_OVER;
	}
	ck_assert_uint_gt(swings, 100);
	ck_assert_uint_gt(slides, 100);
}
END_TEST

/* On a run so long that nothing of the start is left, the weights have the closed forms. */
START_TEST(long_runs)
{
	static const char *const settings[] = {
		"method=ema decay=0.98",
		"method=spring half-life=20 damping=0.4",
		"method=spring half-life=30",
		"method=spring half-life=30 damping=7",
		"method=belay half-life=20",
		"method=belay half-life=20 damping=1",
		"method=belay half-life=20 damping=0.5 mass-ratio=0.3 gain=1.2",
		"method=belay half-life=20 particle=model",
		"method=belay half-life=20 damping=2 particle=model",
		"method=belay half-life=20 restore=1",
		"method=belay half-life=20 restore=1 particle=model",
	};

	every(1, 20000);
	for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
		const struct bl_row *row = respond(settings[i]);

		near(got.settled_age, row->mean_age, 1e-11);
	}
	respond("method=belay half-life=20 restore=0");
	ck_assert(isinf(got.settled_age) && isinf(got.pole[0].fade));
	respond("method=belay half-life=20 mass-ratio=0 particle=model");
	ck_assert_double_eq(got.settled_age, 0);
}
END_TEST

/* With mu = gamma / kappa - 1: 1 / sum w^2 = 2 (mu + 1) - gamma / (2 - gamma), and the variance of
 * the ages is mu^2 + mu - 2 (1 - gamma) / kappa. */
START_TEST(noise_and_spread)
{
	static const char *const settings[] = {
		"method=ema decay=0.99",
		"method=spring half-life=40 damping=0.3",
		"method=spring half-life=40",
		"method=spring half-life=40 damping=4",
	};

	size_t none = 0;

	every(1, 20000);
	for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
		const struct bl_row *row = respond(settings[i]);
		const double k = row->spring.kappa, g = row->spring.gamma;

		const double mu = g / k - 1, variance = mu * mu + mu - 2 * (1 - g) / k;

		near(row->effective_number, 2 * g / k - g / (2 - g), 1e-12);
		near(row->rel_std, variance < 0 ? -1 : sqrt(variance) / 19999, 1e-9);
		none += variance < 0;
	}
	ck_assert_uint_eq(none, 1); /* the swings of damping 0.3 */
}
END_TEST

START_TEST(reach_by_hand)
{
	read_times(&it, "0 10 20 50 60 100");
	respond("method=uniform"); /* ages 100 90 80 50 40 0: mean 60, squares 40 30 20 10 20 60 */
	near(plan.row[0].rel_std, sqrt(7000.0 / 6) / 100, 1e-15);
	ck_assert_double_eq(got.negative, 0);
	ck_assert_int_eq(got.damping, BL_DAMPING_NONE);
	ck_assert_uint_eq(got.poles, 0);
	ck_assert_double_eq(got.error, -1);
	read_times(&it, "0 1 2");
	respond("method=belay kappa=0.25 mass-ratio=0.5 restore=0 particle=model");
	/* a = 1/8, r = 5/8, phi = 2/3: y has -a r, 1 - a and, at the start, 1/3 (1 - r^2) */
	near(plan.row[0].weight[1], -0.125 * 0.625, 1e-15);
	near(got.negative, -0.078125, 1e-15);
	read_times(&it, "7");
	respond("method=ema");
	ck_assert_double_eq(got.error, -1);
}
END_TEST

START_TEST(fidelity)
{
	every(10, 100);
	respond("method=ema decay=0.99");
	near(got.error, 10 / (3.5 * 99), 1e-12);
	near(got.spacing, 0.01 * 3.5 * 99, 1e-12);
	respond("method=ema decay=0.99 hold=right");
	near(got.error, 10 / (2 * 99.0), 1e-12);
	respond("method=ema decay=0.9 update-every=5"); /* two updates from one to the next */
	near(got.error, 2 / (3.5 * 9), 1e-12);
	near(got.spacing, 5 * 0.01 * 3.5 * 9, 1e-12);
	respond("method=ema decay=0.9 update-every=10");
	ck_assert_double_eq(got.error, 0);
	respond("method=ema half-life=3ckpt");
	ck_assert_double_eq(got.error, 0);
	respond("method=belay particle=model");
	ck_assert_double_eq(got.error, -1);
	every(1, 100);
	respond("method=ema decay=0.9");
	ck_assert_double_eq(got.error, 0);
	respond("method=ema decay=0.9 hold=left"); /* one step late */
	near(got.error, 1 / (2 * 9.0), 1e-12);
	respond("method=ema kappa=1 hold=mid"); /* no mean age to compare with */
	ck_assert_double_eq(got.error, -1);
}
END_TEST

/* Times in updates are told in the unit of times. */
START_TEST(updates)
{
	double period, fade, age;

	every(1, 500);
	respond("method=belay half-life=20 damping=0.7");
	period = got.period;
	fade = got.pole[0].fade;
	age = got.settled_age;
	every(10, 500);
	respond("method=belay half-life=200 damping=0.7 update-every=10");
	near(got.period, 10 * period, 1e-12);
	near(got.pole[0].fade, 10 * fade, 1e-12);
	near(got.settled_age, 10 * age, 1e-12);
}
END_TEST

/* A warm-up is what its last update makes of it: tf has a pull of 9 / (10 + t) until that is less
 * than kappa. */
START_TEST(warmups)
{
	every(1, 101);
	respond("method=ema decay=0.999 warmup=tf"); /* t = 100: 9 / 110 */
	near(got.kappa, 9.0 / 110, 1e-15);
	near(got.pole[0].modulus, 1 - 9.0 / 110, 1e-15);
	near(got.settled_age, 110 / 9.0 - 1, 1e-14);
	respond("method=ema decay=0.5 warmup=tf"); /* over after 8 updates */
	near(got.kappa, 0.5, 1e-15);
	every(10, 11);
	respond("method=ema decay=0.999 warmup=tf");
	near(got.error, 10 / (3.5 * (110 / 9.0 - 1)), 1e-12);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("response");
	TCase *tc = tcase_create("response");
	int rc;

	tcase_add_test(tc, one_way_by_hand);
	tcase_add_test(tc, damping_ratio_is_met);
	tcase_add_test(tc, two_way_poles);
	tcase_add_test(tc, long_runs);
	tcase_add_test(tc, noise_and_spread);
	tcase_add_test(tc, reach_by_hand);
	tcase_add_test(tc, fidelity);
	tcase_add_test(tc, updates);
	tcase_add_test(tc, warmups);
	suite_add_tcase(s, tc);
	rc = suite_run(s);
	bl_plan_free(&plan);
	return rc;
}
