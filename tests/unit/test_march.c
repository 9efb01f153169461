/*
 * test_march.c - plans against the literal march: 10,000 random settings on irregular times, pulls
 * from 1e-3, up to 1e5 steps. Two marches: one here, in the widest type, on a random walk, and the
 * program's own in double, for every weight.
 */
#include "replay.h"
#include "suite.h"
#include "warmups.h"

#define SETTINGS 10000
#define MOST 12 /* checkpoints */
#define STEPS 1e5

static struct case_text the_case; /* too large for the stack */

static const char *const method[] = {"ema", "spring", "belay", "warmup"};

/*
 * What rounding of a march in double leaves, relative to sum |w|. On a straight path all steps of
 * the model round alike; where next to nothing brings it back, that adds up, to n / 2^53 at worst.
 */
static double allowed(const struct bl_row *r)
{
	const double steps = (double)(r->time.n[r->time.count - 1] - r->time.n[0]);
	const bool walks = r->spring.restore < 1e-4;

	return 1e-13 + (walks ? 5e-17 : r->dynamics == &bl_dynamics_belay ? 1e-17 : 1e-18) * steps;
}

/* Times that are irregular, from one step apart to most of the whole. */
static void random_times(struct case_text *t)
{
	const size_t count = 2 + below(MOST - 1);
	const double span = log_uniform((double)count, STEPS);
	double gap[MOST], sum = 0;

	t->time = (struct bl_timeline){t->n, count};
	t->n[0] = (int64_t)below(2000) - 1000;
	for (size_t i = 1; i < count; i++)
		sum += gap[i] = log_uniform(1, 1000);
	for (size_t i = 1; i < count; i++) {
		const double steps = gap[i] / sum * span;

		t->n[i] = t->n[i - 1] + (steps > 1 ? (int64_t)steps : 1);
	}
}

/* Settings of method m whose pulls are at least 1e-3, without the oscillations that never die. */
static void random_settings(char *text, size_t cap, size_t m)
{
	static const char *const hold[] = {"linear", "linear", "right", "left", "mid"};
	size_t at = (size_t)snprintf(
		text, cap, "method=%s hold=%s", m == 3 ? "ema" : method[m], hold[below(5)]);

	if (below(2))
		at += (size_t)snprintf(text + at, cap - at, " kappa=%.17g", log_uniform(1e-3, 1));
	else
		at += (size_t)snprintf(
			text + at, cap - at, " half-life=%.17g", log_uniform(0.7, 690));
	if ((m == 1 || m == 2) && below(2))
		at += (size_t)snprintf(text + at, cap - at,
			strstr(text, "kappa") ? " gamma=%.17g" : " damping=%.17g",
			strstr(text, "kappa") ? log_uniform(0.02, 1) : log_uniform(0.05, 50));
	if (m == 2)
		at += (size_t)snprintf(text + at, cap - at, " mass-ratio=%.17g particle=%s",
			below(8) ? log_uniform(1e-3, 8) : 0, below(2) ? "model" : "average");
	if (m == 2 && below(4))
		at += (size_t)snprintf(text + at, cap - at, " restore=%.17g",
			below(3) ? log_uniform(1e-6, 1) : (double)below(2));
	if (m == 2 && below(4) == 0)
		snprintf(text + at, cap - at, " gain=%.17g", uniform(0.5, 1.5));
	if (m == 0 || m == 3)
		at += (size_t)snprintf(
			text + at, cap - at, " start=%s", below(4) ? "first" : "zero");
	if (m == 3) {
		at += (size_t)snprintf(text + at, cap - at, " warmup=");
		random_warmup(text + at, cap - at);
	}
}

/* The output for the checkpoints x: the equations one after the other, in the widest type there is.
 * Inertia is written so that no digits of a small gamma are lost. */
static wide march(const struct bl_row *r, const double *x)
{
	const struct bl_spring *p = &r->spring;
	const wide lam = (wide)p->restore, a = (wide)p->pull, gamma = (wide)p->gamma;
	wide y = (wide)x[0], z = p->zero ? 0 : y, v = 0, before = y;

	for (size_t i = 1; i < r->time.count; i++) {
		const int64_t steps = r->time.n[i] - r->time.n[i - 1];
		const int64_t t = r->time.n[i - 1] - r->time.n[0];

		for (int64_t j = 1; j <= steps; j++) {
			const wide at = p->hold == BL_HOLD_LINEAR  ? (wide)j / (wide)steps
					: p->hold == BL_HOLD_RIGHT ? 1
					: p->hold == BL_HOLD_LEFT  ? 0
								   : 0.5L;
			const wide now = (wide)x[i - 1] + at * ((wide)x[i] - (wide)x[i - 1]);
			const wide free = y + (wide)p->gain * (now - before) + lam * (before - y);
			const wide d = free - z;

			y = free - a * d;
			v += literal_pull(&p->warmup, p->kappa, t + j) * d - gamma * v;
			z += v;
			before = now;
		}
	}
	return p->model ? y : z;
}

/* The literal reading of start zero: the output over what it is for ones. */
static double marched(const struct bl_row *r, const double *x)
{
	double one[MOST];

	for (size_t i = 0; i < MOST; i++)
		one[i] = 1;
	return (double)(r->spring.zero ? march(r, x) / march(r, one) : march(r, x));
}

struct tally {
	int accepted, refused;
	double walk, replay; /* largest error, over what is allowed */
};

/* The plan against the march in the widest type, and the program's own march against the plan. */
static void check(const char *text, const struct bl_row *r, struct tally *tally)
{
	const size_t count = r->time.count;
	const double limit = allowed(r);
	struct bl_err err = {0};
	double x[MOST], out = 0, largest = 0, error, difference;

	for (size_t i = 0; i < count; i++) {
		x[i] = (i ? x[i - 1] : 0) + uniform(-1, 1);
		largest = fmax(largest, fabs(x[i]));
		out += r->weight[i] * x[i];
	}
	error = fabs(out - marched(r, x)) / (1e-14 * r->sum_abs * largest);
	ck_assert_msg(error <= 1, "%s: %.17g, marched %.17g, %.3g of what is allowed", text, out,
		marched(r, x), error);
	ck_assert_msg(bl_replay_check(r, &difference, &err) == 0, "%s: %s", text, err.text);
	ck_assert_msg(
		difference <= limit, "%s: a weight is off by %.3g of sum |w|", text, difference);
	tally->walk = fmax(tally->walk, error);
	tally->replay = fmax(tally->replay, difference / limit);
}

START_TEST(settings)
{
	struct tally tally[4] = {{0, 0, 0, 0}};
	char text[1000];

	for (int done = 0; done < SETTINGS;) {
		const size_t m = below(8) ? below(3) : 3;
		struct bl_err err = {0};
		struct bl_plan plan;

		random_times(&the_case);
		random_settings(text, sizeof text, m);
		if (plan_of(&the_case, text, &plan, &err) != 0) {
			ck_assert_msg(strstr(err.text, "unstable") || strstr(err.text, "restore") ||
					      strstr(err.text, "oscillation"),
				"%s: %s", text, err.text);
			tally[m].refused++;
		} else if (plan.row[0].spring.kappa >= 1e-3) {
			check(text, &plan.row[0], &tally[m]);
			tally[m].accepted++;
			done++;
		}
		bl_plan_free(&plan);
	}
	for (size_t m = 0; m < 4; m++) {
		printf("# %s: %d settings, %d refused; of what is allowed: plan %.2g, "
		       "replay %.2g\n",
			method[m], tally[m].accepted, tally[m].refused, tally[m].walk,
			tally[m].replay);
		ck_assert_int_gt(tally[m].accepted, 500);
		ck_assert_int_lt(tally[m].refused, tally[m].accepted / 4);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("march");
	TCase *c = tcase_create("march");

	tcase_add_test(c, settings);
	suite_add_tcase(s, c);
	return suite_run(s);
}
