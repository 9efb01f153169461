/* dyn_bema.c - the EMA with a falling pull and a correction of its lag. */
#include "resume.h"

#include "dd.h"

/* What the options say; the names of the fields are those of the equations. */
struct bema {
	double rho, g, k, h, least;
};

static struct bema settings(const struct bl_case *c)
{
	return (struct bema){
		.rho = bl_case_number(c, BL_OPT_BEMA_LAG, 10),
		.g = bl_case_number(c, BL_OPT_BEMA_MULTIPLIER, 1),
		.k = bl_case_number(c, BL_OPT_BEMA_EMA_POWER, 0.5),
		.h = bl_case_number(c, BL_OPT_BEMA_BIAS_POWER, 0.2),
		.least = bl_case_number(c, BL_OPT_BEMA_MIN, 0),
	};
}

/* rho + g n */
static struct bl_dd age(const struct bema *b, int64_t n)
{
	return bl_dd_add(bl_dd(b->rho), bl_dd_mul(bl_dd(b->g), bl_dd_whole(n)));
}

/* (rho + g n)^-power - 1, for ages from 1. */
static struct bl_dd fall(const struct bema *b, int64_t n, double power)
{
	return bl_dd_expm1(bl_dd_mul(bl_dd(-power), bl_dd_log(age(b, n))));
}

/* b_i, and *rest: 1 - b_i without cancellation. */
static struct bl_dd pull(const struct bema *b, int64_t n, struct bl_dd *rest)
{
	struct bl_dd pull;

	*rest = bl_dd_neg(fall(b, n, b->k));
	pull = bl_dd_sub(bl_dd(1), *rest);
	if (bl_dd_sub(pull, bl_dd(b->least)).h >= 0)
		return pull;
	*rest = bl_dd_sum(1, -b->least);
	return bl_dd(b->least);
}

static int check(const struct bema *b, const struct bl_timeline *time, struct bl_err *err)
{
	const double first = age(b, time->n[1]).h;

	if (!(b->rho >= 0 && b->g >= 0 && b->k >= 0 && b->h >= 0))
		return bl_fail(err, BL_USAGE, "the lag, the multiplier and the powers of bema "
			"must be at least 0");
	if (!(b->least >= 0 && b->least <= 1))
		return bl_fail(err, BL_USAGE, "--bema-min %g: must be from 0 to 1", b->least);
	if (first >= 1)
		return 0;
	bl_fail(err, BL_USAGE, "bema: lag + multiplier x time is %g at the second checkpoint, "
		"but must be at least 1", first);
	return bl_hint(err, "times count from the start of the training; a larger --bema-lag or "
		"--bema-multiplier helps");
}

static int weights(const struct bl_case *c, const struct bl_history *history, double *part,
	double *divisor, struct bl_err *err)
{
	const struct bl_timeline *time = &history->time;
	const size_t last = time->count - 1;
	const struct bema b = settings(c);
	struct bl_dd kept = bl_dd(1), correction, rest;

	*divisor = 1;
	part[0] = 1;
	if (last == 0)
		return 0;
	if (check(&b, time, err) != 0)
		return -1;
	correction = bl_dd_add(bl_dd(1), fall(&b, time->n[last], b.h));
	for (size_t i = last; i > 0; i--) {
		struct bl_dd w = bl_dd_mul(kept, pull(&b, time->n[i], &rest));

		part[i] = bl_dd_round(i == last ? bl_dd_add(w, correction) : w);
		kept = bl_dd_mul(kept, rest);
	}
	part[0] = bl_dd_round(bl_dd_sub(kept, correction));
	return 0;
}

/* Kept: the result, e and x_0. */
static int resume(const struct bl_case *c, const struct bl_spring *s,
	const struct bl_timeline *time, struct bl_resume *r, struct bl_err *err)
{
	const size_t last = time->count - 1;
	const struct bema b = settings(c);
	struct bl_dd kept = bl_dd(1), correction, rest;

	(void)s;
	(void)err;
	if (r->vectors == 0)
		bl_resume_begin(r, 3, 1);
	if (last == 0)
		return 0;
	correction = bl_dd_add(bl_dd(1), fall(&b, time->n[last], b.h));
	for (size_t i = last; i > 0; i--) {
		const struct bl_dd w = bl_dd_mul(kept, pull(&b, time->n[i], &rest));

		r->part[0][i] = bl_dd_round(i == last ? bl_dd_add(w, correction) : w);
		r->part[1][i] = bl_dd_round(w);
		kept = bl_dd_mul(kept, rest);
	}
	r->carry[0][1] = r->carry[1][1] = bl_dd_round(kept);
	r->carry[0][2] = -bl_dd_round(correction);
	r->carry[2][2] = 1;
	return 0;
}

static size_t resolved(const struct bl_case *c, struct bl_resolved *out)
{
	const struct bema b = settings(c);

	out[0] = (struct bl_resolved){"lag", b.rho};
	out[1] = (struct bl_resolved){"multiplier", b.g};
	out[2] = (struct bl_resolved){"ema-power", b.k};
	out[3] = (struct bl_resolved){"bias-power", b.h};
	out[4] = (struct bl_resolved){"min", b.least};
	return 5;
}

static const enum bl_option options[] = {
	BL_OPT_BEMA_LAG, BL_OPT_BEMA_MULTIPLIER, BL_OPT_BEMA_EMA_POWER, BL_OPT_BEMA_BIAS_POWER,
	BL_OPT_BEMA_MIN, BL_OPTIONS,
};

/* Block and Zhang, "EMA Without the Lag" (2025), arXiv 2508.00180, as TRL's BEMACallback has it. */
const struct bl_dynamics bl_dynamics_bema = {
	.name = "bema",
	.summary = "EMA with a correction of its lag",
	.equation =
		"e <- e + b_i (x_i - e) at every checkpoint i >= 1,  e = x_0 at the first;\n"
		"b_i = max((rho + g n_i)^-k, min),  and the result is\n"
		"e + (rho + g n_K)^-h (x_K - x_0).\n"
		"rho: --bema-lag, g: --bema-multiplier, k: --bema-ema-power,\n"
		"h: --bema-bias-power, min: --bema-min. n counts from the start of training,\n"
		"and rho + g n_1 must be at least 1. A checkpoint is one update, as in TRL, so\n"
		"save as often as it should update. k = 0 takes the last checkpoint for e;\n"
		"a large h leaves out the correction, 0 makes it x_K - x_0 at any time; with\n"
		"g = 0, e is an EMA of the checkpoints with the decay 1 - rho^-k.",
	.options = options,
	.weights = weights,
	.resume = resume,
	.resolved = resolved,
	.fades = true,
};
