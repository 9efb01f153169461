/*
 * test_closed_forms.c - plans against formulas in closed form, where these keep their digits: an
 * interval of an EMA, the motion of a spring and of belay along a straight line, the response to
 * regular steps.
 */
#include "case_text.h"
#include "suite.h"

#include <complex.h>
#include <math.h>

#define MOST 40 /* checkpoints */

typedef long double wide;
typedef long double complex wide_complex;

static struct case_text the_case; /* too large for the stack */

static void random_times(struct case_text *t, double longest)
{
	t->time = (struct bl_timeline){t->n, 2 + below(MOST - 1)};
	t->n[0] = (int64_t)below(2000) - 1000;
	for (size_t i = 1; i < t->time.count; i++)
		t->n[i] = t->n[i - 1] + (int64_t)log_uniform(1, longest);
}

static void regular_times(struct case_text *t)
{
	t->time = (struct bl_timeline){t->n, 2 + below(MOST - 1)};
	for (size_t i = 0; i < t->time.count; i++)
		t->n[i] = (int64_t)i;
}

/* The largest difference from the plan, relative to sum |w|. */
static double compare(
	const char *text, const struct bl_row *r, const wide *expected, double allowed)
{
	double worst = 0;

	for (size_t i = 0; i < r->time.count; i++)
		worst = fmax(worst, (double)fabsl((wide)r->weight[i] - expected[i]) / r->sum_abs);
	ck_assert_msg(worst <= allowed, "%s: differs by %.3g", text, worst);
	return worst;
}

/* ---- an EMA: an interval of N steps multiplies by B = (1 - kappa)^N ---- */

/* How much of the interval's pull the later and the earlier checkpoint get. */
static void interval(enum bl_hold hold, wide kappa, wide steps, wide *earlier, wide *later)
{
	const wide whole = -expm1l(steps * log1pl(-kappa));

	*later = hold == BL_HOLD_RIGHT ? whole : hold == BL_HOLD_MID ? whole / 2 : 0;
	if (hold == BL_HOLD_LINEAR) /* 1 - the mean of the first N powers of the decay */
		*later = 1 - (1 - kappa) * whole / (steps * kappa);
	*earlier = whole - *later;
}

START_TEST(ema)
{
	static const char *const hold[] = {"linear", "right", "left", "mid"};
	double worst = 0;

	for (int n = 0; n < 3000; n++) {
		struct bl_err err = {0};
		struct bl_plan plan;
		char text[256];
		wide expected[MOST] = {1}, sum = 0;
		const struct bl_row *r;

		random_times(&the_case, below(2) ? 100 : 1e5);
		snprintf(text, sizeof text, "method=ema kappa=%.17g hold=%s start=%s",
			log_uniform(1e-3, 1), hold[below(4)], below(3) ? "first" : "zero");
		ck_assert_msg(plan_of(&the_case, text, &plan, &err) == 0, "%s", err.text);
		r = &plan.row[0];
		expected[0] = !r->spring.zero;
		for (size_t i = 1; i < r->time.count; i++) {
			const wide steps = (wide)(r->time.n[i] - r->time.n[i - 1]);
			wide earlier, later;

			interval(r->spring.hold, (wide)r->spring.kappa, steps, &earlier, &later);
			for (size_t k = 0; k < i; k++)
				expected[k] *= powl(1 - (wide)r->spring.kappa, steps);
			expected[i - 1] += earlier;
			expected[i] = later;
		}
		for (size_t k = 0; k < r->time.count; k++)
			sum += expected[k];
		for (size_t k = 0; k < r->time.count; k++)
			expected[k] /= sum;
		worst = fmax(worst, compare(text, r, expected, 1e-15));
		bl_plan_free(&plan);
	}
	printf("# ema: %.2g\n", worst);
}
END_TEST

/* ---- a straight line: what moves along with it, and what dies out ---- */

/* The step of (y, z, v) that leaves a resting system behind. */
static void fill_step(const struct bl_spring *s, wide m[3][3])
{
	const wide a = (wide)s->pull, k = (wide)s->kappa, u = 1 - (wide)s->restore;
	const wide keep = 1 - (wide)s->gamma;
	const wide step[3][3] = {{(1 - a) * u, a, 0}, {k * u, 1 - k, keep}, {k * u, -k, keep}};

	memcpy(m, step, sizeof step);
}

static void multiply(wide a[3][3], wide b[3][3], wide out[3][3])
{
	wide sum[3][3] = {{0}};

	for (int i = 0; i < 3; i++)
		for (int j = 0; j < 3; j++)
			for (int k = 0; k < 3; k++)
				sum[i][j] += a[i][k] * b[k][j];
	memcpy(out, sum, sizeof sum);
}

/* s <- m^steps s */
static void iterate(const struct bl_spring *p, int64_t steps, wide s[3])
{
	wide m[3][3];

	fill_step(p, m);
	for (; steps; steps >>= 1) {
		const wide before[3] = {s[0], s[1], s[2]};

		for (int i = 0; steps & 1 && i < 3; i++)
			s[i] = m[i][0] * before[0] + m[i][1] * before[1] + m[i][2] * before[2];
		multiply(m, m, m);
	}
}

/*
 * The motion (y, z, v) that a line keeps going, at its point x, where it rises by rise a step:
 * behind the line by a constant. Where nothing restores the model there is no such one that does
 * not drift away from the line; it lags by nothing at x, whatever x is.
 */
static void steady(const struct bl_spring *p, wide x, wide rise, wide s[3])
{
	const wide ratio = (wide)p->gamma / (wide)p->kappa, a = (wide)p->pull;
	const wide gain = (wide)p->gain, lam = (wide)p->restore;
	wide y, z;

	if (lam == 0) {
		const wide drift = gain * rise / (1 + a * ratio);

		s[0] = 0;
		s[1] = gain * rise - ratio * drift;
		s[2] = drift;
		return;
	}
	y = rise * (1 - gain + a * ratio) / lam;
	z = ratio * rise + (1 - lam) * y - gain * rise;
	s[0] = x - y;
	s[1] = x - z;
	s[2] = rise;
}

/* The output, the path straight from each checkpoint to the next. */
static wide moved(const struct bl_row *r, const wide *x)
{
	const struct bl_spring *p = &r->spring;
	wide s[3] = {x[0], x[0], 0};

	for (size_t i = 1; i < r->time.count; i++) {
		const int64_t steps = r->time.n[i] - r->time.n[i - 1];
		const wide rise = (x[i] - x[i - 1]) / (wide)steps;
		wide from[3], to[3];

		steady(p, x[i - 1], rise, from);
		steady(p, x[i], rise, to);
		for (int k = 0; p->restore == 0 && k < 2; k++)
			to[k] += (wide)steps * to[2];
		for (int k = 0; k < 3; k++)
			s[k] -= from[k];
		iterate(p, steps, s);
		for (int k = 0; k < 3; k++)
			s[k] += to[k];
	}
	return p->model ? s[0] : s[1];
}

static void random_spring(char *text, size_t cap, bool belay)
{
	size_t at = (size_t)snprintf(text, cap, "method=%s kappa=%.17g gamma=%.17g",
		belay ? "belay" : "spring", log_uniform(1e-3, 1),
		below(2) ? 1 : log_uniform(0.05, 1));

	if (!belay)
		return;
	at += (size_t)snprintf(text + at, cap - at, " mass-ratio=%.17g restore=%.17g particle=%s",
		log_uniform(1e-2, 4), below(3) ? log_uniform(1e-2, 1) : 0,
		below(2) ? "model" : "average");
	if (below(2))
		snprintf(text + at, cap - at, " gain=%.17g", uniform(0.5, 1.5));
}

static double check_line(bool belay, double allowed)
{
	struct bl_err err = {0};
	struct bl_plan plan;
	wide expected[MOST], x[MOST];
	char text[256];
	double worst = 0;

	random_times(&the_case, below(2) ? 100 : 1e4);
	random_spring(text, sizeof text, belay);
	if (plan_of(&the_case, text, &plan, &err) == 0) {
		for (size_t k = 0; k < the_case.time.count; k++) {
			for (size_t i = 0; i < the_case.time.count; i++)
				x[i] = i == k;
			expected[k] = moved(&plan.row[0], x);
		}
		worst = compare(text, &plan.row[0], expected, allowed);
	} else {
		ck_assert_msg(strstr(err.text, "unstable"), "%s: %s", text, err.text);
	}
	bl_plan_free(&plan);
	return worst;
}

START_TEST(line)
{
	double spring = 0, belay = 0;

	for (int n = 0; n < 1500; n++) {
		spring = fmax(spring, check_line(false, 1e-14));
		belay = fmax(belay, check_line(true, 1e-14));
	}
	printf("# along a line: spring %.2g, belay %.2g\n", spring, belay);
}
END_TEST

/* ---- regular steps ---- */

/* A spring: w_j = kappa (r1^(j+1) - r2^(j+1)) / (r1 - r2) at the age j, what is left on x_0. */
START_TEST(regular_spring)
{
	double worst = 0;

	for (int n = 0; n < 1000; n++) {
		struct bl_err err = {0};
		struct bl_plan plan;
		wide expected[MOST], left = 1, kappa, gamma;
		wide_complex root, r1, r2;
		char text[256];
		size_t last;

		regular_times(&the_case);
		random_spring(text, sizeof text, false);
		ck_assert_msg(plan_of(&the_case, text, &plan, &err) == 0, "%s", err.text);
		last = the_case.time.count - 1;
		kappa = (wide)plan.row[0].spring.kappa;
		gamma = (wide)plan.row[0].spring.gamma;
		root = csqrtl((gamma + kappa) * (gamma + kappa) - 4 * kappa);
		r1 = (2 - gamma - kappa + root) / 2;
		r2 = (2 - gamma - kappa - root) / 2;
		for (size_t j = 0; j < last; j++) {
			const wide_complex p1 = cpowl(r1, (wide)(j + 1));
			const wide_complex p2 = cpowl(r2, (wide)(j + 1));

			expected[last - j] = kappa * creall((p1 - p2) / (r1 - r2));
			left -= expected[last - j];
		}
		expected[0] = left;
		if (cabsl(r1 - r2) > 1e-3L && cabsl(r2) > 1e-3L)
			worst = fmax(worst, compare(text, &plan.row[0], expected, 1e-15));
		bl_plan_free(&plan);
	}
	printf("# regular spring: %.2g\n", worst);
	ck_assert_double_gt(worst, 0);
}
END_TEST

/*
 * BELAY without inertia and restoring: with r = 1 - a - kappa and phi = kappa / (kappa + a),
 * the average has kappa r^j and the model -a r^j at the age j, the model 1 - a on the last.
 */
START_TEST(regular_belay)
{
	double worst = 0;

	for (int n = 0; n < 1000; n++) {
		const bool model = below(2);
		struct bl_err err = {0};
		struct bl_plan plan;
		wide expected[MOST], a, kappa, r, left = 1;
		char text[256];
		size_t last;

		regular_times(&the_case);
		snprintf(text, sizeof text,
			"method=belay kappa=%.17g mass-ratio=%.17g restore=0 particle=%s",
			log_uniform(1e-3, 0.5), log_uniform(1e-2, 2), model ? "model" : "average");
		ck_assert_msg(plan_of(&the_case, text, &plan, &err) == 0, "%s", err.text);
		last = the_case.time.count - 1;
		kappa = (wide)plan.row[0].spring.kappa;
		a = (wide)plan.row[0].spring.pull;
		r = 1 - a - kappa;
		for (size_t j = 0; j < last; j++) {
			expected[last - j] = (model ? -a : kappa) * powl(r, (wide)j);
			if (model && j == 0)
				expected[last] = 1 - a;
			left -= expected[last - j];
		}
		expected[0] = left;
		worst = fmax(worst, compare(text, &plan.row[0], expected, 1e-15));
		bl_plan_free(&plan);
	}
	printf("# regular belay: %.2g\n", worst);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("closed_forms");
	TCase *c = tcase_create("closed_forms");

	tcase_add_test(c, ema);
	tcase_add_test(c, line);
	tcase_add_test(c, regular_spring);
	tcase_add_test(c, regular_belay);
	suite_add_tcase(s, c);
	return suite_run(s);
}
