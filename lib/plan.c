/* plan.c - settings and times to weights: the first half of a run. */
#include "plan.h"

#include "length.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- which options a method takes ---- */

/* "--half-life, --decay and --hold"; empty for none. Returns buf. */
static const char *list_options(const struct bl_dynamics *d, char *buf, size_t cap)
{
	size_t at = 0;

	buf[0] = '\0';
	for (size_t i = 0; d->options[i] != BL_OPTIONS && at < cap; i++) {
		const bool last = d->options[i + 1] == BL_OPTIONS;
		const int n = snprintf(buf + at, cap - at, "%s--%s",
			i == 0 ? ""
			: last ? " and "
			       : ", ",
			bl_option(d->options[i])->key);

		at += (size_t)(n > 0 ? n : 0);
	}
	return buf;
}

/* The only method that takes an option; NULL where there are several. */
static const struct bl_dynamics *only_taker(enum bl_option o)
{
	const struct bl_dynamics *found = NULL;

	for (size_t i = 0; bl_dynamics[i]; i++) {
		if (!bl_dynamics_takes(bl_dynamics[i], o))
			continue;
		if (found)
			return NULL;
		found = bl_dynamics[i];
	}
	return found;
}

/* Was an option given for a list of methods, by a program that has recipes? */
static bool is_of_several(const struct bl_case *c, enum bl_option o)
{
	return c->settings && c->settings->program != BL_SHOW &&
		bl_settings_given(c->settings, o) &&
		bl_settings_sweep(c->settings, BL_OPT_METHOD) > 1;
}

/* Only options of the method. */
static int check_options(const struct bl_case *c, const struct bl_dynamics *d, struct bl_err *err)
{
	for (int i = 0; i < BL_OPTIONS; i++) {
		const enum bl_option o = (enum bl_option)i;
		const struct bl_dynamics *only;
		char list[512];

		if (o == BL_OPT_METHOD || !(bl_option(o)->flags & BL_METHOD) ||
			!bl_case_value(c, o) || bl_dynamics_takes(d, o))
			continue;
		bl_fail(err, BL_USAGE, "--%s does not apply to --method %s", bl_option(o)->key,
			d->name);
		only = bl_case_value(c, BL_OPT_METHOD) ? NULL : only_taker(o);
		if (only)
			return bl_hint(err, "--method %s takes it", only->name);
		if (is_of_several(c, o))
			return bl_hint(err, "in a recipe, each method can have a run with options "
				"of its own");
		list_options(d, list, sizeof list);
		return bl_hint(err, "--method %s takes %s", d->name, list[0] ? list : "no options");
	}
	return 0;
}

static int exclude(enum bl_option a, enum bl_option b, const char *hint, struct bl_err *err)
{
	bl_fail(err, BL_USAGE, "--%s and --%s exclude each other", bl_option(a)->key,
		bl_option(b)->key);
	return bl_hint(err, "%s", hint);
}

/* At most one length; kappa and gamma instead of a length and a damping ratio. */
static int check_lengths(const struct bl_case *c, struct bl_err *err)
{
	static const enum bl_option made_from[] = {
		BL_OPT_HALF_LIFE, BL_OPT_MEAN_AGE, BL_OPT_DECAY, BL_OPT_REL_STD, BL_OPT_DAMPING,
	};
	static const char one[] = "give one length";
	static const char raw[] =
		"--kappa and --gamma are what a length and --damping are turned into";
	const bool kappa = bl_case_value(c, BL_OPT_KAPPA), gamma = bl_case_value(c, BL_OPT_GAMMA);
	enum bl_option first = BL_OPTIONS;

	for (size_t i = 0; i < sizeof made_from / sizeof made_from[0]; i++) {
		const enum bl_option o = made_from[i];

		if (!bl_case_value(c, o))
			continue;
		if (kappa || gamma)
			return exclude(o, kappa ? BL_OPT_KAPPA : BL_OPT_GAMMA, raw, err);
		if (o == BL_OPT_DAMPING)
			continue;
		if (first != BL_OPTIONS)
			return exclude(first, o, one, err);
		first = o;
	}
	if (gamma && !kappa)
		return bl_fail(err, BL_USAGE, "--gamma needs --kappa");
	return 0;
}

/* ---- the times of a row ---- */

static bool counts_checkpoints(const struct bl_case *c)
{
	static const enum bl_option length[] = {BL_OPT_HALF_LIFE, BL_OPT_MEAN_AGE, BL_OPT_WINDOW};

	for (size_t i = 0; i < sizeof length / sizeof length[0]; i++) {
		const struct bl_value *v = bl_case_value(c, length[i]);

		if (v && v->unit == BL_UNIT_CKPT)
			return true;
	}
	return false;
}

/* The averager updates at n_0 + every, n_0 + 2 every, ...: each checkpoint must be at one. */
static int count_updates(const struct bl_timeline *time, double given, int64_t *n,
	struct bl_err *err)
{
	const int64_t every = given >= 1 && given <= 0x1p53 ? (int64_t)given : 0;

	if (every < 1 || (double)every != given)
		return bl_fail(err, BL_USAGE, "--update-every %g: must be a whole number from 1",
			given);
	for (size_t i = 0; i < time->count; i++) {
		const int64_t since = time->n[i] - time->n[0];

		if (since % every == 0) {
			n[i] = since / every;
			continue;
		}
		bl_fail(err, BL_USAGE, "--update-every %" PRId64 ": the checkpoint at time %" PRId64
			" is %" PRId64 " after the first, which is no multiple of it",
			every, time->n[i], since);
		return bl_hint(err,
			"the average is updated at the first checkpoint's time plus multiples "
			"of --update-every, and every checkpoint must be at one of them");
	}
	return 0;
}

static int make_times(const struct bl_case *c, const struct bl_timeline *time, struct bl_row *row,
	struct bl_err *err)
{
	const struct bl_value *every = bl_case_value(c, BL_OPT_UPDATE_EVERY);
	int64_t *n = calloc(time->count, sizeof *n);

	if (!n)
		return bl_fail_memory(err, time->count * sizeof *n, "the times");
	row->time.n = n;
	row->time.count = time->count;
	row->counts_checkpoints = counts_checkpoints(c);
	if (every && row->counts_checkpoints)
		return bl_fail(err, BL_USAGE,
			"--update-every counts time: it does not go with a length "
			"in ckpt");
	if (every)
		return count_updates(time, every->number, n, err);
	for (size_t i = 0; i < time->count; i++)
		n[i] = row->counts_checkpoints ? (int64_t)i : time->n[i];
	return 0;
}

/* ---- the row ---- */

/* Sum of n products a_i b_i (b NULL: of a_i), in order, with the rounding errors carried along. */
static double sum_of(const double *a, const double *b, size_t n)
{
	struct bl_dd sum = bl_dd(0);

	for (size_t i = 0; i < n; i++)
		sum = bl_dd_add(sum, b ? bl_dd_mul(bl_dd(a[i]), bl_dd(b[i])) : bl_dd(a[i]));
	return bl_dd_round(sum);
}

/* Smallest age, in the row's own times, that has at least half the weight; -1 for none. The model
 * particle alone can have more than half on the last checkpoint and take it back with the others.
 */
static double half_life(const struct bl_row *row)
{
	const size_t last = row->time.count - 1;
	struct bl_dd sum = bl_dd(0);

	for (size_t i = last + 1; i-- > 0;) {
		sum = bl_dd_add(sum, bl_dd(row->weight[i]));
		if (bl_dd_round(sum) < 0.5 - 1e-12) /* a whole half-life meets it up to rounding */
			continue;
		if (i == last && row->dynamics->spring && row->spring.model)
			return -1;
		return (double)(row->time.n[last] - row->time.n[i]);
	}
	return -1;
}

/* Standard deviation of the ages as a share of the covered time; age: room for those, changed. */
static double rel_std(const struct bl_row *row, double *age, double mean)
{
	const size_t last = row->time.count - 1;
	const double covered = (double)(row->time.n[last] - row->time.n[0]);
	double variance;

	for (size_t i = 0; i <= last; i++)
		age[i] = (age[i] - mean) * (age[i] - mean);
	variance = sum_of(row->weight, age, last + 1) / row->sum;
	if (variance < 0)
		return -1;
	return covered > 0 ? sqrt(variance) / covered : 0;
}

/* The length that was asked for. */
static void measure_asked(struct bl_row *row, double scale)
{
	struct bl_asked asked = {.option = NULL};

	if (row->dynamics->asked)
		row->dynamics->asked(row->settings, &row->time, &asked);
	else if (row->dynamics->spring)
		bl_length_asked(&row->spring, &row->time, &asked);
	row->length_option = asked.option;
	row->half_life_asked = scale * asked.half_life;
	row->mean_age_asked = scale * asked.mean_age;
	row->decay_asked = asked.decay;
	row->rel_std_asked = asked.rel_std;
}

/* Of a checkpoint; the mean one of what is in a snapshot. */
static double age_of(const struct bl_row *row, size_t i)
{
	const int64_t *n = row->time.n;
	const double age = (double)(n[row->time.count - 1] - n[i]);

	return row->profile ? age + bl_profile_mean_age(&row->profile[i], n[i]) : age;
}

/* scale: times per unit of the row's own times. */
static int measure(struct bl_row *row, double scale, struct bl_err *err)
{
	const size_t count = row->time.count;
	double *value = calloc(count, sizeof *value), half, mean;

	if (!value)
		return bl_fail_memory(err, count * sizeof *value, "the weights");
	for (size_t i = 0; i < count; i++)
		value[i] = fabs(row->weight[i]);
	row->sum = sum_of(row->weight, NULL, count);
	row->sum_abs = sum_of(value, NULL, count);
	row->effective_number = 1 / sum_of(row->weight, row->weight, count);
	for (size_t i = 0; i < count; i++)
		value[i] = age_of(row, i);
	mean = sum_of(row->weight, value, count);
	row->mean_age = scale * mean;
	row->rel_std = row->profile ? -1 : rel_std(row, value, mean / row->sum);
	free(value);
	half = row->profile ? -1 : half_life(row);
	row->half_life = half < 0 ? half : scale * half;
	row->median_gap = scale * (double)bl_length_median_gap(&row->time);
	measure_asked(row, scale);
	row->first_share = row->weight[0];
	row->averages = row->dynamics != &bl_dynamics_weights || fabs(row->sum - 1) <= DBL_EPSILON;
	return 0;
}

static int make_weights(struct bl_row *row, const struct bl_history *history, struct bl_err *err)
{
	const struct bl_case *c = row->settings;
	const struct bl_history own = {row->time, history->given, history->profile, 0};
	const size_t count = row->time.count;

	row->weight = calloc(count, sizeof *row->weight);
	row->part = calloc(count, sizeof *row->part);
	row->divisor = 1;
	if (!row->weight || !row->part)
		return bl_fail_memory(err, count * sizeof *row->weight, "the weights");
	if (row->dynamics->weights) {
		if (row->dynamics->weights(c, &own, row->part, &row->divisor, err) != 0)
			return -1;
		for (size_t i = 0; i < count; i++)
			row->weight[i] = row->part[i] / row->divisor;
		return 0;
	}
	if (row->dynamics->fit) {
		if (row->dynamics->fit(c, &own, &row->fit, row->weight, err) != 0)
			return -1;
		memcpy(row->part, row->weight, count * sizeof *row->part);
		return 0;
	}
	if (row->dynamics->spring(c, &row->time, &row->spring, err) != 0)
		return -1;
	bl_spring_weights(&row->spring, &row->time, row->weight);
	memcpy(row->part, row->weight, count * sizeof *row->part);
	return 0;
}

/* Snapshots for the one kind of method, plain checkpoints for the other. */
static int check_kind(const struct bl_row *row, struct bl_err *err)
{
	if (!row->dynamics->fit == !row->profile)
		return 0;
	if (row->profile)
		return bl_fail(err, BL_USAGE, "--method %s: snapshots are for posthoc alone",
			row->dynamics->name);
	return bl_fail(err, BL_USAGE, "--method %s takes snapshots only, and then no other method "
		"can be had beside it", row->dynamics->name);
}

int bl_row_make(const struct bl_case *c, const struct bl_history *history, struct bl_row *row,
	struct bl_err *err)
{
	const char *method = bl_case_word(c, BL_OPT_METHOD);

	*row = (struct bl_row){.settings = c, .given = history->given, .profile = history->profile};
	row->dynamics = bl_dynamics_find(method);
	if (!row->dynamics)
		return bl_fail(err, BL_USAGE, "--method %s: there is no such method", method);
	if (check_options(c, row->dynamics, err) != 0 || check_lengths(c, err) != 0 ||
		check_kind(row, err) != 0 ||
		make_times(c, &history->time, row, err) != 0 ||
		make_weights(row, history, err) != 0)
		return -1;
	return measure(row, bl_case_number(c, BL_OPT_UPDATE_EVERY, 1), err);
}

int bl_plan_make(const struct bl_case *cases, size_t count, const struct bl_history *history,
	struct bl_plan *plan, struct bl_err *err)
{
	*plan = (struct bl_plan){.checkpoints = history->time.count};
	if (bl_plan_fits(plan, count, 0, history, err) != 0)
		return -1;
	plan->row = calloc(count ? count : 1, sizeof *plan->row);
	if (!plan->row)
		return bl_fail_memory(err, count * sizeof *plan->row, "the plan");
	for (size_t i = 0; i < count; i++) {
		plan->rows = i + 1; /* what a failed row has allocated is freed with it */
		if (bl_row_make(&cases[i], history, &plan->row[i], err) != 0)
			return -1;
	}
	return 0;
}

void bl_row_free(struct bl_row *row)
{
	free((void *)(uintptr_t)row->time.n); /* const for all others */
	free(row->weight);
	free(row->part);
}

void bl_plan_free(struct bl_plan *plan)
{
	for (size_t i = 0; i < plan->rows; i++)
		bl_row_free(&plan->row[i]);
	for (size_t i = 0; plan->overlaid && i < plan->rows * plan->overlays; i++)
		bl_row_free(&plan->overlaid[i]);
	free(plan->row);
	free(plan->overlaid);
	free(plan->merged);
	memset(plan, 0, sizeof *plan);
}

/* ---- warnings: each writes its message and says whether it holds ---- */

static bool warn_short(const struct bl_row *r, char *buf, size_t cap)
{
	const bool given =
		r->length_option && (bl_case_value(r->settings, BL_OPT_HALF_LIFE) ||
					    bl_case_value(r->settings, BL_OPT_MEAN_AGE) ||
					    bl_case_value(r->settings, BL_OPT_DECAY) ||
					    bl_case_value(r->settings, BL_OPT_REL_STD));

	snprintf(buf, cap,
		"the half-life of %g is shorter than the gap of %g between checkpoints: the "
		"replay cannot see what was not saved",
		r->half_life_asked, r->median_gap);
	return given && !r->profile && r->half_life_asked < r->median_gap;
}

static bool warn_negative(const struct bl_row *r, char *buf, size_t cap)
{
	snprintf(buf, cap, "some weights are negative: the sum of their absolute values is %.4g",
		r->sum_abs);
	return r->sum_abs - r->sum > 1e-9 * r->sum_abs; /* less is rounding, or nothing at all */
}

static bool warn_first(const struct bl_row *r, char *buf, size_t cap)
{
	snprintf(buf, cap, "%.0f%% of the weight is left on the first checkpoint",
		100 * r->first_share);
	return r->dynamics->fades && r->time.count > 1 && r->first_share > 0.25;
}

static bool warn_kept(const struct bl_row *r, char *buf, size_t cap)
{
	const struct bl_spring *s = &r->spring;

	snprintf(buf, cap, "with restore 0, %.0f%% of the weight never leaves the first checkpoint",
		100 * s->pull * s->gamma / (s->kappa + s->pull * s->gamma));
	return r->dynamics->spring && s->restore == 0 && s->gain == 1 && s->pull > 0;
}

static bool warn_kappa(const struct bl_row *r, char *buf, size_t cap)
{
	snprintf(buf, cap, "kappa %g is outside (0, 1]: the average overshoots at every step",
		r->spring.kappa);
	return r->dynamics->spring && !(r->spring.kappa > 0 && r->spring.kappa <= 1);
}

static bool warn_gamma(const struct bl_row *r, char *buf, size_t cap)
{
	snprintf(buf, cap,
		"gamma %g is outside (0, 1]: the velocity changes its sign at every step",
		r->spring.gamma);
	return r->dynamics->spring && !(r->spring.gamma > 0 && r->spring.gamma <= 1);
}

static bool warn_warmup(const struct bl_row *r, char *buf, size_t cap)
{
	const int64_t updates = r->time.n[r->time.count - 1] - r->time.n[0];
	struct bl_warmup_curve curve;

	if (!r->dynamics->spring || r->spring.warmup.word == BL_WARMUP_NONE ||
		r->spring.warmup.last < updates)
		return false;
	bl_warmup_curve(&curve, &r->spring.warmup, r->spring.kappa);
	snprintf(buf, cap,
		"the warm-up lasts longer than the checkpoints: the pull of the last update is "
		"%.4g, that of the length %.4g",
		updates > 0 ? bl_warmup_pull(&curve, updates) : 1, r->spring.kappa);
	return true;
}

/* What is asked for may be out of reach. */
static bool warn_far(const struct bl_row *r, char *buf, size_t cap)
{
	snprintf(buf, cap,
		"no mix of these snapshots comes near the average asked for: its profile is %.0f%% "
		"off",
		100 * r->fit.share);
	return r->dynamics->fit && r->fit.share > 0.1;
}

/* The profile of an EMA is that of one that has run for ever. */
static bool warn_young(const struct bl_row *r, char *buf, size_t cap)
{
	double most = 0;

	for (size_t i = 0; r->profile && i < r->time.count; i++)
		if (!r->profile[i].power)
			most = fmax(most, r->profile[i].first);
	snprintf(buf, cap, "up to %.0f%% of a snapshot is its first checkpoint: it is no EMA that "
		"has run for long", 100 * most);
	return most > 0.01;
}

bool bl_plan_warning(const struct bl_row *row, size_t n, char *buf, size_t cap)
{
	static bool (*const warning[])(const struct bl_row *, char *, size_t) = {
		warn_short, warn_negative, warn_first, warn_kept, warn_kappa, warn_gamma,
		warn_warmup, warn_far, warn_young,
	};

	for (size_t i = 0; i < sizeof warning / sizeof warning[0]; i++)
		if (warning[i](row, buf, cap) && n-- == 0)
			return true;
	return false;
}
