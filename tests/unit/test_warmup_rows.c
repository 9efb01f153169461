/* test_warmup_rows.c - the weights of warm-ups: against a march, and what they are in limits. */
#include "replay.h"
#include "suite.h"
#include "warmups.h"

#include <math.h>

#define MOST_ROW 48 /* checkpoints of a random row */

static struct case_text the_case, other_case; /* too large for the stack */

/* ---- weights ---- */

/* The weights by marching all unit inputs through every update. */
static void march(const struct bl_row *r, wide *z)
{
	const struct bl_spring *p = &r->spring;
	const size_t count = r->time.count;
	wide sum = 0;

	for (size_t k = 0; k < count; k++)
		z[k] = k == 0 && !p->zero;
	for (size_t i = 1; i < count; i++) {
		const int64_t steps = r->time.n[i] - r->time.n[i - 1];

		for (int64_t j = 1; j <= steps; j++) {
			const int64_t t = r->time.n[i - 1] - r->time.n[0] + j;
			const wide pull = literal_pull(&p->warmup, p->kappa, t);
			const wide at = p->hold == BL_HOLD_LINEAR  ? (wide)j / (wide)steps
					: p->hold == BL_HOLD_RIGHT ? 1
					: p->hold == BL_HOLD_LEFT  ? 0
								   : 0.5L;

			for (size_t k = 0; k <= i; k++) {
				const wide x = k == i ? at : k == i - 1 ? 1 - at : 0;

				z[k] += pull * (x - z[k]);
			}
		}
	}
	for (size_t k = 0; k < count; k++)
		sum += z[k];
	for (size_t k = 0; p->zero && k < count; k++)
		z[k] /= sum;
}

static void random_times(struct case_text *t, size_t most, double gap, int every)
{
	t->time = (struct bl_timeline){t->n, 2 + below(most - 1)};
	t->n[0] = (int64_t)below(2000) - 1000;
	for (size_t i = 1; i < t->time.count; i++)
		t->n[i] = t->n[i - 1] + every * (int64_t)log_uniform(1, gap);
}

static void random_settings(char *text, size_t cap, int every)
{
	static const char *const hold[] = {"linear", "linear", "right", "left", "mid"};
	char warmup[256];
	size_t at;

	random_warmup(warmup, sizeof warmup);
	at = (size_t)snprintf(text, cap, "method=ema warmup=%s hold=%s start=%s", warmup,
		hold[below(5)], below(3) ? "first" : "zero");
	if (every > 1)
		at += (size_t)snprintf(text + at, cap - at, " update-every=%d", every);
	if (below(3))
		snprintf(text + at, cap - at, " kappa=%.17g", log_uniform(1e-6, 1));
	else
		snprintf(text + at, cap - at, " half-life=%.17g", log_uniform(0.5, 1e4));
}

START_TEST(random_rows)
{
	double worst = 0, sum = 0, replay = 0;
	wide expected[MOST_ROW];
	char text[1000];

	for (int i = 0; i < 2000; i++) {
		const int every = below(4) ? 1 : 1 + (int)below(7);
		struct bl_err err = {0};
		struct bl_plan plan;
		double difference;
		const struct bl_row *r;

		random_times(&the_case, MOST_ROW, below(2) ? 300 : 4, every);
		random_settings(text, sizeof text, every);
		ck_assert_msg(plan_of(&the_case, text, &plan, &err) == 0, "%s: %s", text, err.text);
		r = &plan.row[0];
		march(r, expected);
		for (size_t k = 0; k < r->time.count; k++) {
			const double d = (double)fabsl((wide)r->weight[k] - expected[k]);

			ck_assert_msg(d <= 1e-15, "%s: weight %zu is %.17g, marched %.17Lg", text,
				k, r->weight[k], expected[k]);
			ck_assert_msg(r->weight[k] >= 0, "%s: weight %zu is %a", text, k,
				r->weight[k]);
			ck_assert_msg(expected[k] != 0 || r->weight[k] == 0,
				"%s: weight %zu is %a, but what was before a copy is forgotten",
				text, k, r->weight[k]);
			worst = fmax(worst, d);
		}
		ck_assert_msg(
			fabs(r->sum - 1) <= 1e-15, "%s: the sum is 1 + %.3g", text, r->sum - 1);
		sum = fmax(sum, fabs(r->sum - 1));
		ck_assert_msg(bl_replay_check(r, &difference, &err) == 0, "%s: %s", text, err.text);
		replay = fmax(replay, difference);
		bl_plan_free(&plan);
	}
	printf("# largest error %.2g, of a sum %.2g, replay %.2g\n", worst, sum, replay);
}
END_TEST

/* 3 10^6 updates: the rounding errors must not walk. */
START_TEST(long_rows)
{
	static const char *const settings[] = {
		"method=ema half-life=1e8 warmup=tf",
		"method=ema half-life=1e5 warmup=diffusers0 hold=mid",
		"method=ema half-life=1e8 warmup=diffusers:1,.9",
		"method=ema half-life=1e8 warmup=diffusers:1e5,.999,1000 start=zero",
	};
	wide expected[8];
	double worst = 0;

	read_times(&the_case, "-7 0 100 100000 100001 1000000 2500000 3000000");
	for (size_t s = 0; s < sizeof settings / sizeof settings[0]; s++) {
		struct bl_err err = {0};
		struct bl_plan plan;

		ck_assert_int_eq(plan_of(&the_case, settings[s], &plan, &err), 0);
		march(&plan.row[0], expected);
		for (size_t k = 0; k < 8; k++)
			worst = fmax(
				worst, (double)fabsl((wide)plan.row[0].weight[k] - expected[k]));
		bl_plan_free(&plan);
	}
	printf("# largest error of long rows %.2g\n", worst);
	ck_assert_double_le(worst, 1e-15);
}
END_TEST

/* ---- limits ---- */

static const double *row_of(struct case_text *t, const char *settings, struct bl_plan *plan)
{
	struct bl_err err = {0};

	t->time = the_case.time;
	ck_assert_msg(plan_of(t, settings, plan, &err) == 0, "%s: %s", settings, err.text);
	return plan->row[0].weight;
}

static void check_same(const char *a, const char *b)
{
	struct bl_plan first, second;
	const double *x = row_of(&the_case, a, &first), *y = row_of(&other_case, b, &second);

	ck_assert_msg(memcmp(x, y, the_case.time.count * sizeof *x) == 0, "%s and %s differ", a, b);
	bl_plan_free(&first);
	bl_plan_free(&second);
}

/* A schedule that never rises above kappa, or is bounded at once, is the plain EMA, bit for bit. */
START_TEST(no_effect)
{
	static const char *const rest[] = {
		"hold=linear",
		"hold=right",
		"hold=left",
		"hold=mid",
		"start=zero",
		"start=zero hold=mid",
	};
	char a[256], b[256];

	for (int i = 0; i < 300; i++) {
		const char *more = rest[below(6)];
		const double kappa = uniform(9.0 / 11, 1);

		random_times(&the_case, 40, below(2) ? 3 : 1e6, 1);
		snprintf(a, sizeof a, "method=ema kappa=%.17g warmup=tf %s", kappa, more);
		snprintf(b, sizeof b, "method=ema kappa=%.17g %s", kappa, more);
		check_same(a, b);
		snprintf(a, sizeof a, "method=ema half-life=%d warmup=none %s", i + 1, more);
		snprintf(b, sizeof b, "method=ema half-life=%d %s", i + 1, more);
		check_same(a, b);
	}
}
END_TEST

/* All that follows a copy forgets what was before it. */
START_TEST(only_copies)
{
	static const char *const settings[] = {
		"method=ema half-life=100 warmup=diffusers:1,2/3,1000000",
		"method=ema half-life=100 warmup=diffusers:1,2/3,9007199254740991",
		"method=ema half-life=100 warmup=diffusers:1,0",
		"method=ema kappa=1 warmup=tf",
		"method=ema half-life=100 warmup=diffusers:1,0 start=zero",
	};
	static const struct {
		const char *word;
		double last, before;
	} hold[] = {{"linear", 1, 0}, {"right", 1, 0}, {"left", 0, 1}, {"mid", 0.5, 0.5}};
	char text[256];

	for (size_t s = 0; s < sizeof settings / sizeof settings[0]; s++)
		for (size_t h = 0; h < 4; h++) {
			struct bl_plan plan;
			const double *w;

			random_times(&the_case, 40, 100, 1);
			snprintf(text, sizeof text, "%s hold=%s", settings[s], hold[h].word);
			w = row_of(&the_case, text, &plan);
			for (size_t i = 0, last = the_case.time.count - 1; i <= last; i++)
				ck_assert_msg(w[i] == (i == last) * hold[h].last +
							      (i + 1 == last) * hold[h].before,
					"%s: weight %zu of %zu is %a", text, i, last, w[i]);
			bl_plan_free(&plan);
		}
}
END_TEST

/* A pull of 1 / (1 + s) is the mean of what came behind the copies and the last of these. */
START_TEST(is_uniform)
{
	struct bl_plan plan;
	const double *w;

	read_times(&the_case, "0 1 2 3 4 5 6 7 8 9 10 11 12");
	w = row_of(&the_case, "method=ema kappa=1e-9 warmup=diffusers:1,1,4", &plan);
	for (size_t i = 0; i < 13; i++)
		ck_assert_double_le(fabs(w[i] - (i < 5 ? 0 : 1.0 / 8)), 1e-16);
	bl_plan_free(&plan);
}
END_TEST

/* A decay of (1 + t) / (10 + t) is a profile of the ninth power: the product telescopes. */
START_TEST(is_ninth_power)
{
	struct bl_plan plan;
	const double *w;

	the_case.time = (struct bl_timeline){the_case.n, 1000};
	for (int i = 0; i < 1000; i++)
		the_case.n[i] = i;
	w = row_of(&the_case, "method=ema kappa=1e-9 warmup=tf", &plan);
	for (int i = 0; i < 1000; i++) {
		wide expected = i ? 9 / (10 + (wide)i) : 1;

		for (int m = 2; m <= 10; m++)
			expected *= (wide)(i + m) / (wide)(999 + m);
		ck_assert_msg(fabsl((wide)w[i] - expected) <= 1e-17L, "weight %d is %a, not %La", i,
			w[i], expected);
	}
	bl_plan_free(&plan);
}
END_TEST

/* MIN bounds the pull behind the copies: an EMA of 1 - MIN. */
START_TEST(is_least_decay)
{
	struct bl_plan plan, plain;
	const double *w, *v;

	read_times(&the_case, "0 1 12 30 31");
	w = row_of(&the_case, "method=ema kappa=.9 warmup=diffusers:1,2/3,0,.9375", &plan);
	v = row_of(&other_case, "method=ema kappa=.0625", &plain);
	ck_assert(w[0] == 0 && fabs(w[1] - (v[0] + v[1])) <= 1e-16);
	for (size_t i = 2; i < 5; i++)
		ck_assert_double_eq(w[i], v[i]);
	bl_plan_free(&plain);
	bl_plan_free(&plan);
}
END_TEST

/* A replay that cannot fail would prove nothing. */
START_TEST(replay_sees_errors)
{
	static const char *const settings[] = {
		"method=ema half-life=20 warmup=tf",
		"method=ema half-life=20 warmup=diffusers0",
		"method=ema half-life=20 warmup=diffusers:2,3/4,5,.1",
	};

	read_times(&the_case, "0 10 20 50 60 100");
	for (size_t s = 0; s < sizeof settings / sizeof settings[0]; s++) {
		struct bl_err err = {0};
		struct bl_plan plan;
		double difference;

		ck_assert_int_eq(plan_of(&the_case, settings[s], &plan, &err), 0);
		plan.row[0].weight[3] += 2e-13;
		ck_assert_int_eq(bl_replay_check(&plan.row[0], &difference, &err), -1);
		ck_assert_int_eq(err.code, BL_BUG);
		plan.row[0].weight[3] -= 2e-13;
		plan.row[0].spring.warmup.copies++; /* a schedule one update late */
		ck_assert_int_eq(bl_replay_check(&plan.row[0], &difference, &err), -1);
		bl_plan_free(&plan);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("warmup_rows");
	TCase *c = tcase_create("warmup_rows");

	tcase_add_test(c, random_rows);
	tcase_add_test(c, long_rows);
	tcase_add_test(c, no_effect);
	tcase_add_test(c, only_copies);
	tcase_add_test(c, is_uniform);
	tcase_add_test(c, is_ninth_power);
	tcase_add_test(c, is_least_decay);
	tcase_add_test(c, replay_sees_errors);
	suite_add_tcase(s, c);
	return suite_run(s);
}
