/* test_resume.c - rows that go on from what was kept, against a march through all steps. */
#include "resume.h"

#include "case_text.h"
#include "suite.h"

#define RUNS 400
#define LONGEST 40 /* checkpoints */

/* What is marched, as the equations read; in long double, which the plan does not use. */
struct march {
	long double x, y, z, v, mass;
};

static void march_step(const struct bl_spring *p, struct march *m, long double x)
{
	const long double moved = m->y + p->gain * (x - m->x) + p->restore * (m->x - m->y);
	const long double d = moved - m->z;

	m->y = moved - p->pull * d;
	m->v += p->kappa * d - p->gamma * m->v;
	m->z += m->v;
	m->mass += p->kappa * (1 - m->mass);
	m->x = x;
}

static long double path_at(enum bl_hold hold, double a, double b, int64_t j, int64_t n)
{
	if (hold == BL_HOLD_LINEAR)
		return a + ((long double)b - a) * j / n;
	return hold == BL_HOLD_RIGHT ? b : hold == BL_HOLD_LEFT ? a : ((long double)a + b) / 2;
}

static void march_to(const struct bl_spring *p, struct march *m, int64_t steps, double a, double b)
{
	for (int64_t j = 1; j <= steps; j++)
		march_step(p, m, path_at(p->hold, a, b, j, steps));
}

/* The vectors that are kept, in their order. */
static void kept_of(const struct bl_spring *p, const struct march *m, bool alone, long double *s)
{
	size_t n = 0;

	s[n++] = p->model ? m->y : m->z;
	if (!alone)
		s[n++] = p->model ? m->z : m->y;
	if (p->gamma != 1)
		s[n++] = m->z + m->v / p->gamma;
	if (p->zero)
		s[0] = m->z / m->mass;
}

/* Folds the checkpoints from..to of a row into s. */
static void fold(const struct bl_row *row, size_t from, const double *x, struct bl_resume *r,
	double *s)
{
	double next[BL_KEPT];
	struct bl_err err = {0};

	ck_assert_msg(bl_resume_row(row, from, r, &err) == 0, "%s", err.text);
	for (unsigned k = 0; k < r->vectors; k++) {
		next[k] = 0;
		for (unsigned j = 0; j < r->vectors; j++)
			next[k] += r->carry[k][j] * s[j];
		for (size_t i = from; i < row->time.count; i++)
			next[k] += r->part[k][i - from] * x[i];
		next[k] /= r->divisor[k];
	}
	memcpy(s, next, sizeof next);
	for (unsigned k = 0; k < BL_KEPT; k++) {
		free(r->part[k]);
		r->part[k] = NULL;
	}
	memset(r->carry, 0, sizeof r->carry);
}

/* A random run: settings, and times with gaps from one step on. */
static void random_settings(char *text, size_t cap)
{
	static const char *const hold[] = {"linear", "right", "left", "mid"};
	static const char *const method[] = {"ema", "spring", "belay"};
	const size_t m = below(3);
	size_t at = (size_t)snprintf(text, cap, "method=%s half-life=%.17g hold=%s", method[m],
		log_uniform(2, 500), hold[below(m == 2 ? 2 : 4)]);

	if (m == 0 && below(2))
		at += (size_t)snprintf(text + at, cap - at, " start=zero");
	if (m > 0 && (m == 1 || below(2)))
		at += (size_t)snprintf(text + at, cap - at, " damping=%.17g",
			log_uniform(0.4, 50));
	if (m < 2)
		return;
	at += (size_t)snprintf(text + at, cap - at, " mass-ratio=%.17g restore=%.17g",
		below(8) ? log_uniform(0.01, 1.5) : 0, below(8) ? log_uniform(1e-6, 0.9) : 1);
	if (below(2))
		at += (size_t)snprintf(text + at, cap - at, " gain=%.17g", uniform(0, 2));
	if (below(2))
		snprintf(text + at, cap - at, " particle=model");
}

static size_t random_run(struct case_text *t, double *x)
{
	const size_t count = 1 + below(LONGEST);
	const double longest = log_uniform(1, 200);

	t->n[0] = (int64_t)below(1000) - 500;
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			t->n[i] = t->n[i - 1] + (int64_t)log_uniform(1, longest);
		x[i] = uniform(-1, 1) + 3;
	}
	return count;
}

/* The checkpoints in groups as they come, kept after each, are what a march through all steps has;
 * and the average is that of the whole row. */
static double compare(struct case_text *t, const char *settings, const double *x, size_t count,
	bool one_by_one)
{
	struct bl_resume r = {0};
	double s[BL_KEPT] = {x[0], x[0], x[0]}, worst = 0;
	struct march m = {x[0], x[0], x[0], 0, 0};
	size_t from = 0, to = 1;

	for (; to <= count; from = to - 1, to += one_by_one ? 1 : 1 + below(5)) {
		struct bl_plan plan;
		struct bl_err err = {0};
		const struct bl_row *row;
		long double want[BL_KEPT] = {0}, whole = 0;

		t->time.count = to;
		ck_assert_msg(plan_of(t, settings, &plan, &err) == 0, "%s: %s", settings, err.text);
		row = &plan.row[0];
		if (to == 1 && row->spring.zero)
			m = (struct march){x[0], 0, 0, 0, 0};
		fold(row, from, x, &r, s);
		for (size_t i = from + 1; i < to; i++)
			march_to(&row->spring, &m, t->n[i] - t->n[i - 1], x[i - 1], x[i]);
		for (size_t i = 0; i < to; i++)
			whole += (long double)row->weight[i] * x[i];
		worst = fmax(worst, (double)fabsl(whole - s[0]) / row->sum_abs);
		kept_of(&row->spring, &m, r.vectors == 1 + (row->spring.gamma != 1), want);
		for (unsigned k = 0; k < r.vectors && to > 1; k++)
			worst = fmax(worst, (double)fabsl(want[k] - s[k]) / row->sum_abs);
		bl_plan_free(&plan);
	}
	return worst;
}

START_TEST(springs_go_on_as_a_march)
{
	static struct case_text t;
	double x[LONGEST], worst = 0;

	for (int i = 0; i < RUNS; i++) {
		char settings[512];
		const size_t count = random_run(&t, x);
		double far;

		random_settings(settings, sizeof settings);
		t.time.n = t.n;
		far = compare(&t, settings, x, count, below(2));
		ck_assert_msg(far < 1e-13, "%s: %.3g", settings, far);
		worst = fmax(worst, far);
	}
	printf("# farthest from the march: %.3g\n", worst);
}
END_TEST

/* Without a march: steps by the million, and what is no spring. */
START_TEST(averages_are_those_of_the_row)
{
	static const char *const settings[] = {
		"method=uniform", "method=ema half-life=3e11",
		"method=ema half-life=3e9 start=zero",
		"method=spring half-life=1e11 damping=0.1", "method=belay half-life=1e11",
		"method=belay half-life=2e11 damping=3 restore=1e-14 particle=model",
		"method=ema decay=0.99999 update-every=7 hold=mid", "method=ema kappa=1",
		"method=belay half-life=1e5 mass-ratio=0 particle=model",
		"method=trapezoid", "method=power", "method=power rel-std=0.01 hold=right",
		"half-life=3000 warmup=tf", "half-life=1e7 warmup=tf start=zero hold=right",
		"decay=0.9999 warmup=diffusers:1,2/3,100,0.1",
		"decay=0.99999 warmup=diffusers:2,1,5000 start=zero hold=mid",
		"decay=0.999 warmup=diffusers0 update-every=7 hold=left", "kappa=1 warmup=tf",
		"method=bema", "method=bema bema-lag=3 bema-ema-power=0.9 bema-min=0.1",
	};
	static struct case_text t;
	double x[LONGEST];

	t.time.n = t.n;
	for (size_t k = 0; k < sizeof settings / sizeof settings[0]; k++) {
		struct bl_resume r = {0};
		double s[BL_KEPT];

		t.n[0] = 70;
		for (size_t i = 0; i < LONGEST; i++) {
			t.n[i] = i ? t.n[i - 1] + 7 * (int64_t)log_uniform(1, 1e12) : 70;
			x[i] = uniform(1, 2);
		}
		s[0] = s[1] = s[2] = x[0];
		for (size_t from = 0, to = 1; to <= LONGEST; from = to - 1, to++) {
			struct bl_plan plan;
			struct bl_err err = {0};
			long double whole = 0;

			t.time.count = to;
			ck_assert_int_eq(plan_of(&t, settings[k], &plan, &err), 0);
			fold(&plan.row[0], from, x, &r, s);
			for (size_t i = 0; i < to; i++)
				whole += (long double)plan.row[0].weight[i] * x[i];
			ck_assert_msg(fabsl(whole - s[0]) <= 1e-14 * plan.row[0].sum_abs,
				"%s: %.3Lg", settings[k], fabsl(whole - s[0]));
			bl_plan_free(&plan);
		}
	}
}
END_TEST

START_TEST(first_run_has_the_bits_of_the_row)
{
	static struct case_text t;
	double x[LONGEST];

	t.time.n = t.n;
	for (int i = 0; i < RUNS; i++) {
		char settings[512];
		struct bl_plan plan;
		struct bl_err err = {0};
		struct bl_resume r = {0};
		const struct bl_row *row;

		t.time.count = random_run(&t, x);
		random_settings(settings, sizeof settings);
		ck_assert_int_eq(plan_of(&t, settings, &plan, &err), 0);
		row = &plan.row[0];
		ck_assert_int_eq(bl_resume_row(row, 0, &r, &err), 0);
		ck_assert(memcmp(r.part[0], row->part, row->time.count * sizeof *x) == 0);
		for (unsigned k = 0; k < r.vectors; k++) {
			double sum = 0;

			for (size_t j = 0; j < row->time.count; j++)
				sum += r.part[k][j];
			ck_assert_double_eq_tol(sum, r.divisor[k], 1e-12);
			for (unsigned j = 0; j < r.vectors; j++)
				ck_assert_double_eq(r.carry[k][j], 0);
		}
		bl_resume_free(&r);
		bl_plan_free(&plan);
	}
}
END_TEST

/* Every row of coefficients is a mean's, and nothing new changes nothing. */
START_TEST(coefficients_are_of_means)
{
	static struct case_text t;
	struct bl_plan plan;
	struct bl_err err = {0};
	struct bl_resume r = {.vectors = 3, .mass = 1}, still = {.vectors = 3, .mass = 1};

	read_times(&t, "0 10 20 50 60 100");
	ck_assert_int_eq(plan_of(&t, "method=belay half-life=20 damping=1", &plan, &err), 0);
	ck_assert_int_eq(bl_resume_row(&plan.row[0], 3, &r, &err), 0);
	ck_assert_int_eq(bl_resume_row(&plan.row[0], 5, &still, &err), 0);
	for (unsigned k = 0; k < 3; k++) {
		double sum = r.part[k][0] + r.part[k][1] + r.part[k][2];

		for (unsigned j = 0; j < 3; j++) {
			sum += r.carry[k][j];
			ck_assert_double_eq(still.carry[k][j], k == j);
		}
		ck_assert_double_eq_tol(sum, 1, 1e-14);
		ck_assert_double_eq(r.divisor[k], 1);
		ck_assert_double_eq(still.part[k][0], 0);
	}
	bl_resume_free(&r);
	bl_resume_free(&still);
	bl_plan_free(&plan);
}
END_TEST

static void refuses(const char *settings, const char *word)
{
	static struct case_text t;
	struct bl_plan plan;
	struct bl_err err = {0};
	struct bl_resume r = {0};

	read_times(&t, "0 10 20");
	ck_assert_int_eq(plan_of(&t, settings, &plan, &err), 0);
	ck_assert_int_eq(bl_resume_row(&plan.row[0], 0, &r, &err), -1);
	ck_assert_int_eq(err.code, BL_USAGE);
	ck_assert_msg(strstr(err.text, word) || strstr(err.hint, word), "%s", err.text);
	bl_resume_free(&r);
	bl_plan_free(&plan);
}

START_TEST(refuses_what_forgets_nothing)
{
	refuses("method=window window=15", "window");
	refuses("method=minus-sqrt", "last time");
	refuses("method=belay half-life=20 hold=left", "--hold left");
	refuses("method=belay half-life=20 hold=mid", "--hold left");
	for (size_t i = 0; bl_dynamics[i]; i++)
		ck_assert_msg(!bl_dynamics[i]->resume == !!bl_dynamics[i]->no_state,
			"%s: no_state goes with no resume", bl_dynamics[i]->name);
}
END_TEST

/* A state of another mass is not that of the row. */
START_TEST(notices_a_contradiction)
{
	static struct case_text t;
	struct bl_plan plan;
	struct bl_err err = {0};
	struct bl_resume r = {.vectors = 1, .mass = 5};

	read_times(&t, "0 10 20 50");
	ck_assert_int_eq(plan_of(&t, "method=uniform", &plan, &err), 0);
	ck_assert_int_eq(bl_resume_row(&plan.row[0], 1, &r, &err), -1);
	ck_assert_int_eq(err.code, BL_INPUT);
	bl_resume_free(&r);
	bl_plan_free(&plan);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("resume");
	TCase *tc = tcase_create("resume");

	tcase_add_test(tc, springs_go_on_as_a_march);
	tcase_add_test(tc, averages_are_those_of_the_row);
	tcase_add_test(tc, first_run_has_the_bits_of_the_row);
	tcase_add_test(tc, coefficients_are_of_means);
	tcase_add_test(tc, refuses_what_forgets_nothing);
	tcase_add_test(tc, notices_a_contradiction);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
