/* dyn_posthoc.c - another average out of averages that were kept during the training. */
#include "posthoc.h"

#include "length.h"
#include "power.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

/* With more, the result is mostly what rounding left of the snapshots. */
#define MOST_AMPLIFIED 100

static const enum bl_option length[] = {BL_OPT_HALF_LIFE, BL_OPT_MEAN_AGE, BL_OPT_DECAY};

#define LENGTHS (sizeof length / sizeof length[0])

/* All of one kind, at times that they can have. */
static int check_snapshots(const struct bl_history *h, struct bl_err *err)
{
	const bool power = h->profile[0].power;

	for (size_t j = 1; j < h->time.count; j++)
		if (h->profile[j].power != power)
			return bl_fail(err, BL_USAGE, "--method posthoc: some snapshots are power "
				"averages, others are EMAs");
	if (power && h->time.n[0] <= 0) {
		bl_fail(err, BL_USAGE, "--method posthoc counts the time of power averages from "
			"the start of the training, but the first snapshot has the time %" PRId64,
			h->time.n[0]);
		return bl_hint(err, "times above 0 are wanted");
	}
	if (h->time.count > BL_POSTHOC_MOST)
		return bl_fail(err, BL_USAGE, "--method posthoc takes at most %d snapshots",
			BL_POSTHOC_MOST);
	return 0;
}

static int power_target(const struct bl_case *c, struct bl_profile *target, struct bl_err *err)
{
	const struct bl_value *v = bl_case_value(c, BL_OPT_REL_STD);

	for (size_t i = 0; i < LENGTHS; i++)
		if (bl_case_value(c, length[i])) {
			bl_fail(err, BL_USAGE, "--%s names an EMA, but the snapshots are power "
				"averages", bl_option(length[i])->key);
			return bl_hint(err, "--rel-std names a power average");
		}
	if (!v) {
		bl_fail(err, BL_USAGE, "--method posthoc: no average is named that the snapshots "
			"are to become");
		return bl_hint(err, "--rel-std S, since they are power averages");
	}
	*target = (struct bl_profile){true, bl_power_exponent(v->number), 0};
	if (target->number == 0)
		return bl_fail(err, BL_USAGE, "--rel-std %s: must be above 0 and below 0.288675 "
			"for power averages", v->text);
	return 0;
}

static int ema_target(const struct bl_case *c, const struct bl_timeline *time,
	struct bl_profile *target, struct bl_err *err)
{
	const struct bl_value *v = NULL;
	struct bl_spring spring = {.kappa = 0};

	for (size_t i = 0; i < LENGTHS && !v; i++)
		v = bl_case_value(c, length[i]);
	if (!v) {
		if (bl_case_value(c, BL_OPT_REL_STD))
			bl_fail(err, BL_USAGE, "--rel-std names a power average, but the snapshots "
				"are EMAs");
		else
			bl_fail(err, BL_USAGE, "--method posthoc: no average is named that the "
				"snapshots are to become");
		return bl_hint(err, "--half-life, --mean-age or --decay, since they are EMAs");
	}
	if (v->unit != BL_UNIT_TIME) {
		bl_fail(err, BL_USAGE, "%s: --method posthoc takes a length in time", v->text);
		return bl_hint(err, "snapshots do not say how long they were averaged, nor over "
			"how many checkpoints");
	}
	if (bl_length_pulls(c, time, HUGE_VAL, bl_dd(1), &spring, err) != 0)
		return -1;
	*target = (struct bl_profile){false, spring.kappa, 0};
	return 0;
}

static int refuse_dependent(const struct bl_history *h, size_t j, struct bl_err *err)
{
	const int64_t time = h->time.n[j];

	if (time == h->time.n[j - 1] && bl_profile_compare(&h->profile[j - 1], &h->profile[j]) == 0)
		bl_fail(err, BL_USAGE, "--method posthoc: two snapshots at time %" PRId64
			" have the same profile", time);
	else
		bl_fail(err, BL_USAGE, "--method posthoc: the snapshots are too much alike: one "
			"at time %" PRId64 " is a mix of those before it", time);
	return bl_hint(err, "leave one of them out");
}

static int solve(const struct bl_case *c, const struct bl_history *h, struct bl_fit *fit,
	struct bl_dd *gram, double *weight, struct bl_err *err)
{
	const size_t n = h->time.count;
	const int64_t *time = h->time.n, end = time[n - 1];
	struct bl_dd *const right = gram + n * n;
	const struct bl_posthoc p = {gram, right,
		bl_profile_product(&fit->target, end, &fit->target, end), n,
		bl_case_value(c, BL_OPT_NORMALIZE)};
	size_t dependent;

	for (size_t j = 0; j < n; j++) {
		right[j] = bl_profile_product(&h->profile[j], time[j], &fit->target, end);
		for (size_t k = 0; k <= j; k++)
			gram[j * n + k] = gram[k * n + j] = bl_profile_product(
				&h->profile[j], time[j], &h->profile[k], time[k]);
	}
	if (bl_posthoc_solve(&p, weight, fit, &dependent, err) != 0)
		return -1;
	return dependent < n ? refuse_dependent(h, dependent, err) : 0;
}

static int check_amplified(const double *weight, size_t n, struct bl_err *err)
{
	double sum = 0;

	for (size_t j = 0; j < n; j++)
		sum += fabs(weight[j]);
	if (sum <= MOST_AMPLIFIED)
		return 0;
	bl_fail(err, BL_USAGE, "--method posthoc: the absolute weights have the sum %.4g, which is "
		"above %d: the rounding of the snapshots would be enlarged as much", sum,
		MOST_AMPLIFIED);
	return bl_hint(err, "an average that is more like the snapshots, or fewer snapshots of "
		"nearly one profile, need less");
}

static int fit(const struct bl_case *c, const struct bl_history *history, struct bl_fit *fit,
	double *weight, struct bl_err *err)
{
	const size_t n = history->time.count;
	struct bl_dd *gram; /* n x n, and n of the right side */
	int rc;

	if (check_snapshots(history, err) != 0)
		return -1;
	if (history->profile[0].power)
		rc = power_target(c, &fit->target, err);
	else
		rc = ema_target(c, &history->time, &fit->target, err);
	if (rc != 0)
		return -1;
	gram = calloc(n * (n + 1), sizeof *gram);
	if (!gram)
		return bl_fail_memory(err, n * (n + 1) * sizeof *gram, "the profiles");
	rc = solve(c, history, fit, gram, weight, err);
	free(gram);
	return rc == 0 ? check_amplified(weight, n, err) : -1;
}

static void asked(const struct bl_case *c, const struct bl_timeline *time, struct bl_asked *out)
{
	struct bl_spring spring = {.kappa = 0};
	struct bl_err none;

	if (bl_case_value(c, BL_OPT_REL_STD))
		bl_dynamics_power.asked(c, time, out);
	else if (bl_length_pulls(c, time, HUGE_VAL, bl_dd(1), &spring, &none) == 0)
		bl_length_asked(&spring, time, out);
}

static const enum bl_option options[] = {BL_OPT_HALF_LIFE, BL_OPT_MEAN_AGE, BL_OPT_DECAY,
	BL_OPT_REL_STD, BL_OPT_NORMALIZE, BL_OPT_PROFILES, BL_OPTIONS};

const struct bl_dynamics bl_dynamics_posthoc = {
	.name = "posthoc",
	.summary = "another average out of averages that were kept during the training (EDM2)",
	.equation =
		"out = sum_j c_j s_j of snapshots s_j whose profiles p_j, the weights of the\n"
		"steps in them, are known: all power averages, or all EMAs that have run for\n"
		"long. c is such that sum_j c_j = 1 and |sum_j c_j p_j - p| is least, where p is\n"
		"the profile of the average that is asked for, at the time of the last snapshot:\n"
		"of --rel-std for power averages, of --half-life, --mean-age or --decay for EMAs:\n"
		"c = c0 + h (1 - sum c0) / sum h,  c0 = G^-1 r,  h = G^-1 1,  r_j = <p_j, p>,\n"
		"with --normalize c = c0 / sum c0, as in EDM2;  G_jk = <p_j, p_k>, t_j <= t_k:\n"
		"power: (g_j + 1)(g_k + 1) (t_j / t_k)^g_k / ((g_j + g_k + 1) t_k)\n"
		"EMA:   kappa_j kappa_k B_k^(t_k - t_j) / (1 - B_j B_k),  B = 1 - kappa.\n"
		"residual is |sum_j c_j p_j - p|, residual-share the same over |p|, condition\n"
		"that of G with a diagonal of ones (in the 1-norm).\n"
		"Several snapshots may have one time.",
	.options = options,
	.fit = fit,
	.no_state = "every weight depends on all snapshots",
	.asked = asked,
};
