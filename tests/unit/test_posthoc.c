/* test_posthoc.c - mixes of snapshots: against numbers of others, and against sums over steps. */
#include "case_text.h"
#include "posthoc.h"
#include "power.h"
#include "replay.h"
#include "suite.h"

static struct case_text the_case;
static struct bl_profile profile[64];
static struct bl_plan plan;
static struct bl_err err;

/* Snapshots as "50:.05 50:.1" of power averages, or of EMAs as "3:k.25" with their pulls. */
static void read_snapshots(const char *text)
{
	size_t n = 0;
	char *end;

	for (const char *s = text; *s; s = end + strspn(end, " "), n++) {
		the_case.n[n] = strtoll(s, &end, 10);
		profile[n] = (struct bl_profile){.power = end[1] != 'k'};
		profile[n].number = strtod(end + 1 + !profile[n].power, &end);
		if (profile[n].power)
			profile[n].number = bl_power_exponent(profile[n].number);
	}
	the_case.time = (struct bl_timeline){the_case.n, n};
	the_case.profile = profile;
}

static const struct bl_row *row_of(const char *settings, const char *snapshots)
{
	char text[256];

	bl_plan_free(&plan);
	read_snapshots(snapshots);
	snprintf(text, sizeof text, "method=posthoc %s", settings);
	ck_assert_msg(plan_of(&the_case, text, &plan, &err) == 0, "%s: %s", settings, err.text);
	return &plan.row[0];
}

static void refused(const char *settings, const char *snapshots, const char *text)
{
	bl_plan_free(&plan);
	memset(&err, 0, sizeof err);
	read_snapshots(snapshots);
	ck_assert_msg(plan_of(&the_case, settings, &plan, &err) == -1, "%s is accepted", settings);
	ck_assert_int_eq(err.code, BL_USAGE);
	ck_assert_msg(strstr(err.text, text) != NULL, "\"%s\" lacks \"%s\"", err.text, text);
}

static void near(double value, double expected, double allowed)
{
	ck_assert_msg(fabs(value - expected) <= allowed, "%.17g is not %.17g", value, expected);
}

static void weights_are(const struct bl_row *r, const double *expected, double allowed)
{
	double difference;

	for (size_t j = 0; j < r->time.count; j++)
		near(r->weight[j], expected[j], allowed);
	ck_assert_msg(bl_replay_check(r, &difference, &err) == 0, "%s", err.text);
}

#define FOUR "50:.05 50:.10 100:.05 100:.10"

/* Computed in 60 digits. */
START_TEST(power_vectors)
{
	static const double bound[] = {0.0077170359434250963, -0.02018982289871549,
		0.28079789683758325, 0.73167489011770714};
	static const double divided[] = {0.00018329104738385527, -0.0025052286181188066,
		0.25812934638698181, 0.74419259118375314};
	const struct bl_row *r = row_of("rel-std=.08", FOUR);

	weights_are(r, bound, 2e-16);
	near(r->fit.target.number, 9.4522549656708233, 0);
	near(r->fit.residual, 0.01026444016, 6e-12);
	near(r->sum, 1, 1e-16);
	r = row_of("rel-std=.08 normalize=1", FOUR);
	weights_are(r, divided, 2e-16);
	near(r->fit.residual, 0.01155522151, 6e-12);
}
END_TEST

/* ---- the solver, on EMAs that began at step 0 at x_0 ---- */

/* The weights of x_0 .. x_5 in the EMA of that decay at time t. */
static void young(double decay, size_t t, double *p)
{
	for (size_t i = 0; i < 6; i++)
		p[i] = i > t ? 0 : pow(decay, (double)(t - i)) * (i ? 1 - decay : 1);
}

static struct bl_dd dot(const double *p, const double *q)
{
	struct bl_dd sum = bl_dd(0);

	for (size_t i = 0; i < 6; i++)
		sum = bl_dd_add(sum, bl_dd_mul(bl_dd(p[i]), bl_dd(q[i])));
	return sum;
}

START_TEST(young_averages)
{
	static const double plain[] = {0.19117381517021311, -0.69499337331743306,
		0.16666666666666667, 1.3333333333333333};
	static const double bound[] = {0.19515657493336329, -0.70827270980029065,
		0.16579225767553818, 1.3473238771913892};
	const double sum = plain[0] + plain[1] + plain[2] + plain[3];
	double p[4][6], target[6], c[4];
	struct bl_dd gram[16], right[4];
	struct bl_posthoc mix = {gram, right, bl_dd(0), 4, false};
	struct bl_fit fit;
	size_t dependent;

	for (size_t j = 0; j < 4; j++)
		young(j % 2 ? 0.9375 : 0.75, j < 2 ? 3 : 5, p[j]);
	young(0.875, 5, target);
	mix.square = dot(target, target);
	for (size_t j = 0; j < 4; j++) {
		right[j] = dot(p[j], target);
		for (size_t k = 0; k < 4; k++)
			gram[j * 4 + k] = dot(p[j], p[k]);
	}
	ck_assert_int_eq(bl_posthoc_solve(&mix, c, &fit, &dependent, &err), 0);
	ck_assert_uint_eq(dependent, 4);
	for (size_t j = 0; j < 4; j++)
		near(c[j], bound[j], 3e-16);
	near(fit.residual, 0.0092611991699216845, 2e-17);
	near(fit.share, fit.residual / sqrt(bl_dd_round(mix.square)), 1e-17);
	mix.divide = true;
	ck_assert_int_eq(bl_posthoc_solve(&mix, c, &fit, &dependent, &err), 0);
	for (size_t j = 0; j < 4; j++)
		near(c[j], plain[j] / sum, 4e-16);
	near(fit.residual, 0.009373, 5e-7);
}
END_TEST

/* ---- inner products ---- */

static long double ema_at(const struct bl_profile *p, int64_t time, int64_t n)
{
	return n > time ? 0 : p->number * powl(1 - (long double)p->number, time - n);
}

START_TEST(ema_products_are_sums)
{
	for (int i = 0; i < 100; i++) {
		const struct bl_profile a = {false, uniform(0.02, 1), 0},
			b = {false, i % 5 ? uniform(0.02, 1) : 1, 0};
		const int64_t s = 1000 + (int64_t)below(30), t = 1000 + (int64_t)below(30);
		const struct bl_dd both = bl_profile_product(&a, s, &b, t);
		long double sum = 0;

		for (int64_t n = -3000; n <= 1030; n++)
			sum += ema_at(&a, s, n) * ema_at(&b, t, n);
		near(both.h, (double)sum, 1e-15 * (double)sum + 1e-31);
		ck_assert(bl_profile_product(&b, t, &a, s).h == both.h);
	}
}
END_TEST

/* The product is an integral over a polynomial: Simpson's rule has it for cubes. */
START_TEST(power_products_are_integrals)
{
	static const double g[][2] = {{1, 2}, {2, 1}, {1, 1}, {0.5, 2.5}, {3, 0}};

	for (size_t i = 0; i < sizeof g / sizeof g[0]; i++) {
		const struct bl_profile a = {true, g[i][0], 0}, b = {true, g[i][1], 0};
		const double s = 3, t = 7, x = a.number, y = b.number;
		const double middle = (x + 1) * pow(s / 2, x) / pow(s, x + 1) * (y + 1) *
			pow(s / 2, y) / pow(t, y + 1);
		const double end = (x + 1) / s * (y + 1) * pow(s, y) / pow(t, y + 1);

		near(bl_profile_product(&a, 3, &b, 7).h, s / 6 * (4 * middle + end), 1e-16);
	}
}
END_TEST

/* ---- the nearest mix ---- */

START_TEST(reconstructs_itself)
{
	static const double unit[] = {0, 0, 0, 1};
	const struct bl_row *r = row_of("rel-std=.10", FOUR);

	weights_are(r, unit, 1e-16);
	near(r->fit.residual, 0, 1e-16);
	near(r->mean_age, 100 / (r->fit.target.number + 2), 1e-14);
	r = row_of("decay=.9375", "3:k.25 3:k.0625 5:k.25 5:k.0625");
	weights_are(r, unit, 1e-16);
	near(r->mean_age, 15, 1e-14);
	r = row_of("rel-std=.1", "100:.1");
	weights_are(r, unit + 3, 0);
	near(r->fit.condition, 1, 1e-15);
}
END_TEST

START_TEST(replay_sees_errors)
{
	static const char *const settings[] = {"rel-std=.08", "rel-std=.08 normalize=1"};
	double difference;

	for (size_t s = 0; s < 2; s++)
		for (size_t j = 0; j < 4; j++) {
			row_of(settings[s], FOUR);
			plan.row[0].weight[j] += 1e-13;
			ck_assert_int_eq(bl_replay_check(&plan.row[0], &difference, &err), -1);
			ck_assert_int_eq(err.code, BL_BUG);
		}
}
END_TEST

START_TEST(refusals)
{
	refused("method=posthoc rel-std=.08", "50:.05 50:.1 50:.1", "two snapshots at time 50");
	refused("method=posthoc rel-std=.08", "50:.05 50:.0500000000001", "a mix of those before");
	/* The last step of both EMAs is the same. */
	refused("method=posthoc decay=.8", "3:k.5 3:k.1 4:k.5 4:k.1", "a mix of those before");
	refused("method=posthoc rel-std=.2", "50:.1 50:.101 50:.102", "absolute weights");
	refused("method=posthoc rel-std=.08", "0:.05 50:.1", "has the time 0");
	refused("method=posthoc rel-std=.08", "50:.05 50:k.5", "others are EMAs");
	refused("method=posthoc rel-std=.08", "50:k.5", "--rel-std names a power average");
	refused("method=posthoc rel-std=.3", "50:.05", "below 0.288675");
	refused("method=posthoc decay=.9", "50:.05", "--decay names an EMA");
	refused("method=posthoc", "50:.05", "no average is named");
	refused("method=posthoc", "50:k.05", "no average is named");
	refused("method=posthoc half-life=10%", "50:k.05", "a length in time");
	refused("method=posthoc half-life=2ckpt", "50:k.05", "a length in time");
	refused("method=uniform", "50:k.05", "snapshots are for posthoc alone");
	bl_plan_free(&plan);
	read_times(&the_case, "1 2");
	the_case.profile = NULL;
	ck_assert_int_eq(plan_of(&the_case, "method=posthoc rel-std=.1", &plan, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.text, "takes snapshots only"));
	bl_plan_free(&plan);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("posthoc");
	TCase *tests = tcase_create("posthoc");

	tcase_add_test(tests, power_vectors);
	tcase_add_test(tests, young_averages);
	tcase_add_test(tests, ema_products_are_sums);
	tcase_add_test(tests, power_products_are_integrals);
	tcase_add_test(tests, reconstructs_itself);
	tcase_add_test(tests, replay_sees_errors);
	tcase_add_test(tests, refusals);
	suite_add_tcase(suite, tests);
	return suite_run(suite);
}
