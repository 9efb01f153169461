/*
 * warmup.h - schedules that let a young average follow the model faster.
 *
 * Updates are numbered t = 1, 2, ... behind the first checkpoint. With s = t - copies the pull is
 *
 *   1                                     where s <= 0: the update copies the model
 *   min(max(kappa, w(s)), most)           behind that
 *   tf, diffusers0   w(s) = 9 / (10 + s), which is a decay of (1 + s) / (10 + s)
 *   diffusers        w(s) = (1 + s / inv_gamma)^-power
 *
 * tf is TensorFlow's and Paddle's (copies 0), diffusers0 what diffusers does without its own
 * schedule (copies 1), diffusers that schedule, EMAModel's with use_ema_warmup (copies AFTER + 1,
 * most 1 - MIN); ema-pytorch's is the same. All but the power needs no more than one division.
 */
#ifndef BL_WARMUP_H
#define BL_WARMUP_H

#include "dd.h"
#include "err.h"

#include <stdbool.h>

#define BL_WARMUP_TERMS 11

enum bl_warmup_word { BL_WARMUP_NONE, BL_WARMUP_TF, BL_WARMUP_DIFFUSERS, BL_WARMUP_DIFFUSERS0 };

struct bl_warmup {
	enum bl_warmup_word word;
	double inv_gamma; /* 1e-9..1e15; diffusers only, as power */
	double power;     /* 0..100 */
	double most;      /* largest pull behind the copies, above 0 */
	int64_t copies;   /* updates 1 .. copies take the model as it is */
	int64_t last;     /* the last update of the schedule, see bl_warmup_end */
	double settled;   /* the pull behind it */
};

/*
 * From none, tf, diffusers0 or diffusers:INV_GAMMA,POWER[,AFTER[,MIN]], whose numbers may be
 * fractions such as 2/3; last and settled are left 0. Errors BL_USAGE: another word, a number that
 * is none or out of range.
 */
int bl_warmup_parse(const char *text, struct bl_warmup *out, struct bl_err *err) BL_MUST_USE;

/*
 * Sets last and settled: of updates updates towards a pull of kappa, those up to last must be taken
 * one by one, but for the copies; then the pull stays what it is. last is at least copies.
 */
void bl_warmup_end(struct bl_warmup *w, double kappa, int64_t updates);

/*
 * The pulls of one schedule. A power comes from the binomial series around a point near it, and
 * that from double-double: to 0.6 units in the last place, the same bits on every machine, for some
 * nanoseconds where neighbours are asked for in turn. The number of an update alone decides which
 * point is taken.
 */
struct bl_warmup_curve {
	const struct bl_warmup *warmup;
	double kappa;
	double term[BL_WARMUP_TERMS]; /* of the series, from the linear one */
	int64_t fine;                 /* the power, rounded up to a power of two */
	int64_t from, to;             /* the series holds for from <= s < to */
	double middle;                /* s of its point */
	struct bl_dd value;           /* w there */
};

void bl_warmup_curve(struct bl_warmup_curve *c, const struct bl_warmup *w, double kappa);
/* The pull of update t >= 1. */
double bl_warmup_pull(struct bl_warmup_curve *c, int64_t t);

#endif
