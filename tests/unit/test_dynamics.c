/* test_dynamics.c - the weights of every dynamics: known rows, marches, limits. */
#include "case_text.h"
#include "replay.h"
#include "suite.h"

#include <math.h>
#include <stdarg.h>

static struct case_text the_case, other_case; /* too large for the stack */

/* ---- known rows ---- */

static void check_known(char **field, double *worst)
{
	static const double x[] = {1, 1.5, 0.25, 2, -0.5, 1.25};
	struct bl_err err = {0};
	struct bl_plan plan;
	double out = 0;
	char *end = field[3];

	read_times(&the_case, field[2]);
	ck_assert_msg(plan_of(&the_case, field[1], &plan, &err) == 0, "%s: %s", field[0], err.text);
	for (size_t i = 0; i < plan.row[0].time.count; i++) {
		const double w = plan.row[0].weight[i], expected = strtod(end, &end);

		ck_assert_msg(fabs(w - expected) <= 2e-15, "%s: weight %zu is %.17g, not %.17g",
			field[0], i, w, expected);
		*worst = fmax(*worst, fabs(w - expected));
		if (i < 6)
			out += w * x[i];
	}
	ck_assert_msg(strspn(end, " ") == strlen(end), "%s: too few weights", field[0]);
	if (strcmp(field[4], "-") != 0)
		ck_assert_msg(fabs(out - strtod(field[4], NULL)) <= 4e-15, "%s: %.17g, not %s",
			field[0], out, field[4]);
	bl_plan_free(&plan);
}

START_TEST(known_rows)
{
	FILE *f = open_vectors("rows.txt");
	char line[2048], *field[5];
	double worst = 0;
	int lines = 0;

	for (; fgets(line, sizeof line, f); lines++) {
		ck_assert(cut(line, field, 5));
		check_known(field, &worst);
	}
	fclose(f);
	printf("# known rows: largest error %.2g\n", worst);
	ck_assert_int_eq(lines, 79);
}
END_TEST

/* ---- random settings of every dynamics in the table ---- */

static bool takes(const struct bl_dynamics *d, enum bl_option o)
{
	for (size_t i = 0; d->options[i] != BL_OPTIONS; i++)
		if (d->options[i] == o)
			return true;
	return false;
}

static void put(char *text, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void put(char *text, const char *fmt, ...)
{
	const size_t at = strlen(text);
	va_list args;

	va_start(args, fmt);
	vsnprintf(text + at, 1000 - at, fmt, args);
	va_end(args);
}

/* A word of an option, at random. */
static void put_word(char *text, enum bl_option o)
{
	const char *choice = bl_option(o)->choices;
	size_t words = 1, pick;

	for (const char *s = choice; *s; s++)
		words += *s == ' ';
	for (pick = below(words); pick > 0; pick--)
		choice = strchr(choice, ' ') + 1;
	put(text, " %s=%.*s", bl_option(o)->key, (int)strcspn(choice, " "), choice);
}

static void put_length(char *text, const char *key, double span)
{
	switch (below(3)) {
	case 0:
		put(text, " %s=%.17g", key, log_uniform(0.7, 2 * span + 1));
		break;
	case 1:
		put(text, " %s=%.17g%%", key, log_uniform(1, 200));
		break;
	default:
		put(text, " %s=%.17gckpt", key, log_uniform(0.7, 40));
	}
}

/* kappa and gamma, or a length and perhaps a damping ratio, or only that. */
static void put_pulls(char *text, const struct bl_dynamics *d, double span)
{
	switch (below(6)) {
	case 0:
		put(text, " kappa=%.17g", log_uniform(1e-6, 1));
		if (takes(d, BL_OPT_GAMMA))
			put(text, " gamma=%.17g", log_uniform(1e-3, 1));
		return;
	case 1:
		put(text, " decay=%.17g", 1 - log_uniform(1e-6, 0.9));
		break;
	case 2:
		put(text, " rel-std=%.17g", log_uniform(0.01, 1));
		break;
	case 3:
		put_length(text, "mean-age", span);
		break;
	case 4:
		put_length(text, "half-life", span);
		break;
	default: /* the default half-life */
		break;
	}
	if (takes(d, BL_OPT_DAMPING) && below(2))
		put(text, " damping=%.17g", log_uniform(0.05, 50));
}

/* Numbers of the methods that are no springs, and weights for the one that needs them. */
static void put_numbers(char *text, const struct bl_dynamics *d)
{
	static double given[64];

	if (d == &bl_dynamics_power)
		put(text, " rel-std=%.17g%s", uniform(0.001, 0.288),
			below(3) ? "" : " hold=right");
	else if (d == &bl_dynamics_bema && below(4))
		put(text, " bema-lag=%.17g bema-multiplier=%.17g bema-ema-power=%.17g "
			"bema-bias-power=%.17g bema-min=%.17g", log_uniform(1, 1e4),
			log_uniform(1e-3, 10), uniform(0, 2), uniform(0, 9), uniform(0, 0.1));
	else if (d == &bl_dynamics_weights)
		put(text, " weights=file normalize=true");
	the_case.given = d == &bl_dynamics_weights ? given : NULL;
	for (size_t i = 0; i < 64; i++)
		given[i] = below(3) ? uniform(-0.1, 1) : (double)below(3);
	given[0] = 7;
}

/* Settings of d for times that span so much; every: what all gaps are multiples of. */
static void random_settings(char *text, const struct bl_dynamics *d, double span, int every)
{
	snprintf(text, 1000, "method=%s", d->name);
	if (takes(d, BL_OPT_KAPPA))
		put_pulls(text, d, span);
	if (takes(d, BL_OPT_WINDOW))
		put_length(text, "window", span);
	put_numbers(text, d);
	for (size_t i = 0; d->options[i] != BL_OPTIONS; i++) {
		const enum bl_option o = d->options[i];

		if (bl_option(o)->kind == BL_KIND_WORD && d->spring)
			put_word(text, o);
		else if (o == BL_OPT_MASS_RATIO && below(4))
			put(text, " mass-ratio=%.17g", below(8) ? uniform(0, 4) : 0);
		else if (o == BL_OPT_RESTORE && below(2))
			put(text, " restore=%.17g", below(4) ? log_uniform(1e-6, 1) : below(2));
		else if (o == BL_OPT_GAIN && below(3) == 0)
			put(text, " gain=%.17g", uniform(0.5, 1.5));
		else if (o == BL_OPT_UPDATE_EVERY && every > 1 && !strstr(text, "ckpt"))
			put(text, " update-every=%d", every);
	}
}

static void random_times(struct case_text *t, size_t most, int gap, int every)
{
	t->time = (struct bl_timeline){t->n, 2 + below(most - 1)};
	t->n[0] = (int64_t)below(2000) - 1000;
	for (size_t i = 1; i < t->time.count; i++)
		t->n[i] = t->n[i - 1] + every * (int64_t)(1 + below((size_t)gap));
}

typedef long double wide; /* its own march, so its own rounding */

/* One step of the equations to the model now, before it was at s[3]; s: y, z, v. */
static void step(const struct bl_spring *p, wide *s, wide now)
{
	const wide free = s[0] + (wide)p->gain * (now - s[3]) + (wide)p->restore * (s[3] - s[0]);
	const wide d = free - s[1];

	s[0] = free - (wide)p->pull * d;
	s[2] += (wide)p->kappa * d - (wide)p->gamma * s[2];
	s[1] += s[2];
	s[3] = now;
}

/* Another march, on any inputs. */
static double march(const struct bl_row *r, const double *x)
{
	const enum bl_hold hold = r->spring.hold;
	wide s[4] = {(wide)x[0], (wide)x[0], 0, (wide)x[0]};

	for (size_t i = 1; i < r->time.count; i++) {
		const int64_t steps = r->time.n[i] - r->time.n[i - 1];
		const wide from = (wide)x[i - 1], to = (wide)x[i];

		for (int64_t j = 1; j <= steps; j++) {
			const wide at = hold == BL_HOLD_LINEAR ? (wide)j / (wide)steps
				: hold == BL_HOLD_RIGHT ? 1 : hold == BL_HOLD_LEFT ? 0 : 0.5L;

			step(&r->spring, s, from + at * (to - from));
		}
	}
	return (double)(r->spring.model ? s[0] : s[1]);
}

/* The weights against the march, on a random walk and on a constant. */
static void check_march(const char *settings, const struct bl_row *r)
{
	const size_t count = r->time.count, steps = r->time.n[count - 1] - r->time.n[0];
	double x[64] = {0}, out = 0, largest = 0;
	const double allowed = 1e-13 + 1e-17 * steps;

	for (size_t i = 0; i < count; i++) {
		x[i] = (i ? x[i - 1] : 0) + uniform(-1, 1);
		largest = fmax(largest, fabs(x[i]));
		out += r->weight[i] * x[i];
	}
	ck_assert_msg(fabs(out - march(r, x)) <= allowed * r->sum_abs * largest,
		"%s: %.17g, marched %.17g", settings, out, march(r, x));
	for (size_t i = 0; i < count; i++)
		x[i] = 0.7;
	ck_assert_msg(fabs(march(r, x) - 0.7) <= allowed * r->sum_abs, "%s: 0.7 becomes %.17g",
		settings, march(r, x));
}

struct tally {
	int accepted, refused;
	double sum, replay;
};

static void check_random(const struct bl_dynamics *d, struct tally *tally)
{
	const int every = below(4) ? 1 : 1 + (int)below(7);
	struct bl_err err = {0};
	struct bl_plan plan;
	char settings[1000];
	double difference;

	random_times(&the_case, 40, below(2) ? 100 : 3, every);
	for (size_t i = 0; !d->spring && i < the_case.time.count; i++)
		the_case.n[i] += 1000; /* some count from the start of the training */
	random_settings(settings, d, the_case.n[the_case.time.count - 1] - the_case.n[0], every);
	if (plan_of(&the_case, settings, &plan, &err) != 0) {
		ck_assert_msg(strstr(err.text, "unstable") || strstr(err.text, "restore") ||
			strstr(err.text, "oscillation"), "%s: %s", settings, err.text);
		tally->refused++;
	} else {
		const struct bl_row *r = &plan.row[0];

		const double allowed = 1e-15 * (r->sum_abs > 10 ? r->sum_abs : 1);

		ck_assert_msg(fabs(r->sum - 1) <= allowed, "%s: the sum is 1 + %.3g", settings,
			r->sum - 1);
		tally->sum = fmax(tally->sum, fabs(r->sum - 1) * (1e-15 / allowed));
		ck_assert_msg(
			bl_replay_check(r, &difference, &err) == 0, "%s: %s", settings, err.text);
		tally->replay = fmax(tally->replay, difference);
		if (d->spring && !r->spring.zero)
			check_march(settings, r);
		tally->accepted++;
	}
	bl_plan_free(&plan);
}

START_TEST(random_rows)
{
	for (size_t i = 0; bl_dynamics[i]; i++) {
		struct tally t = {0, 0, 0, 0};

		if (bl_dynamics[i]->fit)
			continue; /* there is a test of its own */
		while (t.accepted < 400)
			check_random(bl_dynamics[i], &t);
		printf("# %s: %d refused; sum %.2g, replay %.2g\n", bl_dynamics[i]->name, t.refused,
			t.sum, t.replay);
		ck_assert_int_lt(t.refused, 400);
	}
}
END_TEST

/* Many intervals of one step, and gaps to 1e11. */
START_TEST(long_rows)
{
	static const char *const settings[] = {
		"method=ema half-life=3000",
		"method=spring half-life=3000 damping=0.3",
		"method=belay half-life=3000",
		"method=belay half-life=3000 damping=1 particle=model",
	};
	struct bl_err err = {0};
	struct bl_plan plan;

	the_case.n[0] = 0;
	for (size_t s = 0; s < sizeof settings / sizeof settings[0]; s++)
		for (int far = 0; far < 2; far++) {
			the_case.time = (struct bl_timeline){the_case.n, 20000};
			for (size_t i = 1; i < 20000; i++)
				the_case.n[i] = the_case.n[i - 1] +
					(far ? (int64_t)log_uniform(1, 1e11) : 1);
			ck_assert_msg(
				plan_of(&the_case, settings[s], &plan, &err) == 0, "%s", err.text);
			ck_assert_double_le(fabs(plan.row[0].sum - 1), 5e-16);
			bl_plan_free(&plan);
		}
}
END_TEST

/* ---- limits ---- */

static void check_same(const char *a, const char *b)
{
	struct bl_err err = {0};
	struct bl_plan first, second;

	other_case.time = the_case.time;
	ck_assert_msg(plan_of(&the_case, a, &first, &err) == 0, "%s: %s", a, err.text);
	ck_assert_msg(plan_of(&other_case, b, &second, &err) == 0, "%s: %s", b, err.text);
	ck_assert_msg(memcmp(first.row[0].weight, second.row[0].weight,
		the_case.time.count * sizeof(double)) == 0, "%s and %s differ", a, b);
	bl_plan_free(&first);
	bl_plan_free(&second);
}

START_TEST(corners_are_bitwise)
{
	static const char *const hold[] = {"linear", "right", "left", "mid"};
	char a[512], b[512];

	for (int i = 0; i < 400; i++) {
		const double h = log_uniform(0.7, 3000), z = log_uniform(0.3, 50),
			     l = uniform(0, 1);
		const double rho = uniform(0, 2);
		const char *path = hold[below(4)];

		random_times(&the_case, 40, 100, 1);
		snprintf(b, sizeof b, "method=ema half-life=%.17g hold=%s", h, path);
		snprintf(a, sizeof a, "method=spring half-life=%.17g damping=inf hold=%s", h, path);
		check_same(a, b);
		snprintf(a, sizeof a,
			"method=belay half-life=%.17g mass-ratio=0 restore=%.17g hold=%s", h, l,
			path);
		check_same(a, b);
		snprintf(a, sizeof a,
			"method=belay half-life=%.17g mass-ratio=%.17g restore=1 hold=%s", h, rho,
			path);
		check_same(a, b);
		snprintf(b, sizeof b, "method=spring half-life=%.17g damping=%.17g hold=%s", h, z,
			path);
		snprintf(a, sizeof a,
			"method=belay half-life=%.17g damping=%.17g mass-ratio=0 restore=.5 "
			"hold=%s",
			h, z, path);
		check_same(a, b);
		snprintf(a, sizeof a, "method=belay half-life=%.17g damping=%.17g mass-ratio=%.17g "
			"restore=1 hold=%s", h, z, rho, path);
		check_same(a, b);
	}
}
END_TEST

/* A pull of 1, and the model that nothing pulls: the path's last value, exactly. */
START_TEST(last_value)
{
	static const char *const settings[] = {
		"method=ema half-life=0",
		"method=ema mean-age=0",
		"method=ema decay=0",
		"method=ema rel-std=0",
		"method=ema half-life=1e-4",
		"method=spring half-life=0",
		"method=spring half-life=0 damping=0.1",
		"method=spring kappa=1",
		"method=ema kappa=1",
		"method=ema half-life=0 start=zero",
		"method=belay half-life=0 mass-ratio=0",
		"method=belay half-life=9 mass-ratio=0 particle=model",
		"method=belay half-life=9 damping=1 mass-ratio=0 particle=model",
	};
	static const struct {
		const char *word;
		double last, before;
	} hold[] = {{"linear", 1, 0}, {"right", 1, 0}, {"left", 0, 1}, {"mid", 0.5, 0.5}};
	struct bl_err err = {0};
	struct bl_plan plan;
	char text[512];

	for (size_t s = 0; s < sizeof settings / sizeof settings[0]; s++)
		for (size_t h = 0; h < 4; h++) {
			random_times(&the_case, 40, 100, 1);
			snprintf(text, sizeof text, "%s hold=%s", settings[s], hold[h].word);
			ck_assert_msg(plan_of(&the_case, text, &plan, &err) == 0, "%s: %s", text,
				err.text);
			for (size_t i = 0, last = the_case.time.count - 1; i <= last; i++)
				ck_assert_msg(plan.row[0].weight[i] ==
						(i == last) * hold[h].last +
							(i + 1 == last) * hold[h].before,
					"%s: weight %zu of %zu is %a", text, i, last,
					plan.row[0].weight[i]);
			bl_plan_free(&plan);
		}
}
END_TEST

/* ---- the table ---- */

START_TEST(table)
{
	for (size_t i = 0; bl_dynamics[i]; i++) {
		const struct bl_dynamics *d = bl_dynamics[i];

		ck_assert_ptr_eq(bl_dynamics_find(d->name), d);
		ck_assert_int_eq(!d->spring + !d->weights + !d->fit, 2);
		ck_assert_int_gt(strlen(d->summary), 10);
		ck_assert_int_gt(strlen(d->equation), 10);
		for (size_t o = 0; d->options[o] != BL_OPTIONS; o++)
			ck_assert(bl_option(d->options[o])->flags & BL_METHOD);
	}
	ck_assert_ptr_null(bl_dynamics_find("sma"));
}
END_TEST

/* A replay that cannot fail would prove nothing. */
START_TEST(replay_sees_errors)
{
	static const char *const settings[] = {
		"method=ema half-life=20",
		"method=spring half-life=20",
		"method=belay half-life=20",
		"method=uniform",
		"method=window window=50",
		"method=trapezoid",
		"method=power",
		"method=bema",
		"method=minus-sqrt",
		"method=linear-decay",
		"method=weights weights=file",
	};
	double given[6] = {0.5, 0, 0.25, 0, 0, 0.25}, difference;
	struct bl_err err = {0};
	struct bl_plan plan;

	the_case.given = given;
	read_times(&the_case, "0 10 20 50 60 100");
	for (size_t s = 0; s < sizeof settings / sizeof settings[0]; s++) {
		ck_assert_int_eq(plan_of(&the_case, settings[s], &plan, &err), 0);
		ck_assert_int_eq(bl_replay_check(&plan.row[0], &difference, &err), 0);
		plan.row[0].weight[3] += 2e-13;
		ck_assert_int_eq(bl_replay_check(&plan.row[0], &difference, &err), -1);
		ck_assert_int_eq(err.code, BL_BUG);
		ck_assert_ptr_nonnull(strstr(err.text, "checkpoint 3"));
		bl_plan_free(&plan);
	}
	read_times(&the_case, "0 10 1000000000000");
	for (size_t s = 0; s < sizeof settings / sizeof settings[0]; s++) {
		const bool marches = s < 3 || strcmp(settings[s], "method=power") == 0;

		the_case.given = (double[]){0, 0.5, 0.5};
		ck_assert_int_eq(plan_of(&the_case, settings[s], &plan, &err), 0);
		ck_assert_int_eq(bl_replay_check(&plan.row[0], &difference, &err), -marches);
		ck_assert(!marches || err.code == BL_LIMIT);
		bl_plan_free(&plan);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("dynamics");
	TCase *c = tcase_create("dynamics");

	tcase_add_test(c, known_rows);
	tcase_add_test(c, random_rows);
	tcase_add_test(c, long_rows);
	tcase_add_test(c, corners_are_bitwise);
	tcase_add_test(c, last_value);
	tcase_add_test(c, table);
	tcase_add_test(c, replay_sees_errors);
	suite_add_tcase(s, c);
	return suite_run(s);
}
