/* dyn_ema.c - the exponential moving average. */
#include "length.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define LONGEST_SCHEDULE ((int64_t)1 << 30)

/* The schedule, for as many updates as there are. */
static int warm_up(const struct bl_case *c, const struct bl_timeline *time, struct bl_spring *out,
	struct bl_err *err)
{
	const char *text = bl_case_word(c, BL_OPT_WARMUP);
	struct bl_warmup *w = &out->warmup;

	if (bl_warmup_parse(text, w, err) != 0)
		return bl_prefix(err, "--warmup %s", text);
	if (w->word == BL_WARMUP_NONE || time->count < 2)
		return 0;
	if (out->kappa > 1)
		return bl_fail(err, BL_USAGE, "--warmup needs a kappa of at most 1, not %g",
			out->kappa);
	bl_warmup_end(w, out->kappa, time->n[time->count - 1] - time->n[0]);
	if (w->last - w->copies <= LONGEST_SCHEDULE)
		return 0;
	bl_fail(err, BL_USAGE,
		"--warmup %s: the schedule has %" PRId64 " updates, more than %" PRId64, text,
		w->last - w->copies, LONGEST_SCHEDULE);
	return bl_hint(err, "with --update-every N there is one update in N steps");
}

static int spring(const struct bl_case *c, const struct bl_timeline *time, struct bl_spring *out,
	struct bl_err *err)
{
	*out = (struct bl_spring){
		.restore = 1,
		.gain = 1,
		.zero = strcmp(bl_case_word(c, BL_OPT_START), "zero") == 0,
		.hold = bl_case_hold(c),
	};
	if (bl_length_pulls(c, time, HUGE_VAL, bl_dd(1), out, err) != 0)
		return -1;
	if (time->count > 1 && bl_spring_check(out, err) != 0)
		return -1;
	return warm_up(c, time, out, err);
}

static const enum bl_option options[] = {
	BL_OPT_HALF_LIFE, BL_OPT_MEAN_AGE, BL_OPT_DECAY, BL_OPT_REL_STD, BL_OPT_KAPPA,
	BL_OPT_HOLD, BL_OPT_START, BL_OPT_WARMUP, BL_OPT_UPDATE_EVERY, BL_OPTIONS,
};

const struct bl_dynamics bl_dynamics_ema = {
	.name = "ema",
	.summary = "exponential moving average",
	.equation =
		"z <- z + kappa (x_n - z),  z = x_0 at the first checkpoint\n"
		"kappa = 1 - 2^(-1/H) for a half-life of H steps, 1 / (A + 1) for a mean age\n"
		"of A, 1 - B for a decay of B, 2 / (1 + sqrt(1 + 4 (S T)^2)) for a relative\n"
		"standard deviation of S, T the time covered.\n"
		"With --start zero, z = 0 at the first checkpoint and the result is divided by\n"
		"the sum of the weights.\n"
		"With --warmup, update t behind the first checkpoint has max(kappa, w_t) instead:\n"
		"tf: w_t = 9 / (10 + t);  diffusers0: 1, then 9 / (9 + t);\n"
		"diffusers: 1 where s = t - AFTER - 1 <= 0, else (1 + s / INV_GAMMA)^-POWER, and\n"
		"at most 1 - MIN.",
	.options = options,
	.spring = spring,
	.fades = true,
};
