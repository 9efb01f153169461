/* test_stability.c - a spring is refused if and only if its steps grow without bound. */
#include "case_text.h"

#include "suite.h"

#include <complex.h>
#include <math.h>

static struct case_text the_case; /* too large for the stack */

/* Largest |root| of x^3 + c[2] x^2 + c[1] x + c[0], by Durand and Kerner's iteration. */
static double spectral_radius(const double *c)
{
	const double complex unit = csqrt(-1); /* I of complex.h is a float */
	double complex r[3] = {1, 0.4 + 0.9 * unit, -0.65 + 0.72 * unit};
	double radius = 0;

	for (int n = 0; n < 500; n++)
		for (int i = 0; i < 3; i++) {
			const double complex x = r[i];

			r[i] -= (((x + c[2]) * x + c[1]) * x + c[0]) /
				((x - r[(i + 1) % 3]) * (x - r[(i + 2) % 3]));
		}
	for (int i = 0; i < 3; i++)
		radius = fmax(radius, cabs(r[i]));
	return radius;
}

/* Of one step on (y, z, v), as the equations read. Where nothing restores the model, the common
 * drift (the eigenvalue 1) is taken out. */
static double radius_of(const struct bl_spring *s)
{
	const double a = s->pull, k = s->kappa, g = 1 - s->gamma, u = 1 - s->restore;
	const double m[3][3] = {{(1 - a) * u, a, 0}, {k * u, 1 - k, g}, {k * u, -k, g}};
	const double trace = m[0][0] + m[1][1] + m[2][2];
	const double minors = m[0][0] * m[1][1] - m[0][1] * m[1][0] + m[0][0] * m[2][2] -
		m[0][2] * m[2][0] + m[1][1] * m[2][2] - m[1][2] * m[2][1];
	const double det = m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) -
		m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]);
	const double whole[3] = {-det, minors, -trace};
	const double rest[3] = {0, det, 1 - trace}; /* (x - 1)(x^2 + (1 - trace) x + det) */

	return spectral_radius(s->restore == 0 ? rest : whole);
}

static void check_stability(const struct bl_spring *s, int *count)
{
	struct bl_spring judged = *s;
	struct bl_err err = {0};
	double radius;
	int rc;

	if (s->gain == 1 && (s->pull == 0 || s->restore == 1)) {
		judged.pull = 0; /* y = x: the one-way spring remains */
		judged.restore = 1;
	}
	radius = radius_of(&judged);
	if (fabs(radius - 1) < 1e-6)
		return;
	rc = bl_spring_check(s, &err);
	ck_assert_msg((rc == 0) == (radius < 1),
		"kappa %.17g gamma %.17g a %.17g lam %.17g: radius "
		"%.17g, %s",
		s->kappa, s->gamma, s->pull, s->restore, radius, rc ? err.text : "accepted");
	ck_assert(rc == 0 || (err.code == BL_USAGE && strstr(err.text, "unstable") == err.text));
	count[rc == 0]++;
}

START_TEST(stability)
{
	int count[2] = {0, 0};

	for (int i = 0; i < 30000; i++) {
		struct bl_spring s = {
			.kappa = uniform(0, 4.5), .gamma = uniform(0, 2.5), .gain = 1};

		s.pull = below(5) ? uniform(0, 3) : 0;
		s.restore = below(3) ? uniform(0, 1) : below(2);
		if (below(4) == 0)
			s.gamma = 1;
		if (below(4) == 0)
			s.gain = uniform(0.5, 1.5);
		check_stability(&s, count);
	}
	printf("# stable %d, unstable %d\n", count[1], count[0]);
	ck_assert_int_gt(count[0], 5000);
	ck_assert_int_gt(count[1], 5000);
}
END_TEST

/* Poles so near to 1 that 1 - radius is lost in the radius: the test must still see them. */
START_TEST(slow_is_stable)
{
	static const char *const settings[] = {
		"method=ema",
		"method=spring",
		"method=spring damping=0.05",
		"method=spring damping=1e6",
		"method=belay",
		"method=belay damping=1",
		"method=belay damping=0.05",
		"method=belay mass-ratio=1000",
		"method=belay damping=1 restore=1e-15",
		"method=belay damping=1 restore=0",
	};
	struct bl_err err = {0};
	struct bl_plan plan;
	char text[512];

	read_times(&the_case, "0 1000 1003000");
	for (size_t s = 0; s < sizeof settings / sizeof settings[0]; s++)
		for (double h = 1e4; h < 1e18; h *= 10) {
			snprintf(text, sizeof text, "%s half-life=%g", settings[s], h);
			ck_assert_msg(plan_of(&the_case, text, &plan, &err) == 0, "%s: %s", text,
				err.text);
			bl_plan_free(&plan);
		}
}
END_TEST

/* Just inside and just outside. */
START_TEST(instability_is_refused)
{
	static const char *const settings[] = {
		"method=belay half-life=1 mass-ratio=3.6",
		"method=belay half-life=1.4 mass-ratio=4.7",
		"method=ema kappa=2.01",
		"method=spring kappa=3.1 gamma=.5",
		"method=belay kappa=3.1 gamma=.5 mass-ratio=0 restore=.1",
		"method=belay kappa=2.1 restore=1",
	};
	static const char *const accepted[] = {
		"method=belay half-life=1 mass-ratio=3.4",
		"method=belay half-life=1.4 mass-ratio=4.5",
		"method=ema kappa=1.99",
		"method=spring kappa=2.9 gamma=.5",
		"method=belay kappa=2.9 gamma=.5 mass-ratio=0 restore=.1",
		"method=belay kappa=1.9 restore=1",
	};
	struct bl_err err = {0};
	struct bl_plan plan;

	read_times(&the_case, "0 10 20");
	for (size_t s = 0; s < sizeof settings / sizeof settings[0]; s++) {
		ck_assert_msg(
			plan_of(&the_case, settings[s], &plan, &err) == -1, "%s", settings[s]);
		ck_assert_int_eq(err.code, BL_USAGE);
		ck_assert_msg(strstr(err.text, "unstable") == err.text, "%s", err.text);
		bl_plan_free(&plan);
		ck_assert_msg(plan_of(&the_case, accepted[s], &plan, &err) == 0, "%s: %s",
			accepted[s], err.text);
		bl_plan_free(&plan);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("stability");
	TCase *c = tcase_create("stability");

	tcase_add_test(c, stability);
	tcase_add_test(c, slow_is_stable);
	tcase_add_test(c, instability_is_refused);
	suite_add_tcase(s, c);
	return suite_run(s);
}
