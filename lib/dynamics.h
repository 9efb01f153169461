/*
 * dynamics.h - the averaging dynamics: one row each.
 *
 * Every dynamics is linear in the checkpoints with the same scalar weights for all elements:
 * out = sum_i W_i x_i. A row gives either a recurrence, from which the weights follow by the
 * adjoint (adjoint.h), or the weights themselves.
 */
#ifndef BL_DYNAMICS_H
#define BL_DYNAMICS_H

#include "profile.h"
#include "settings.h"
#include "timeline.h"
#include "warmup.h"

/* The path of the model between saved checkpoints, for n_{i-1} < n <= n_i. */
enum bl_hold {
	BL_HOLD_LINEAR, /* x_{i-1} + (x_i - x_{i-1}) (n - n_{i-1}) / (n_i - n_{i-1}) */
	BL_HOLD_RIGHT,  /* x_i */
	BL_HOLD_LEFT,   /* x_{i-1} */
	BL_HOLD_MID     /* (x_{i-1} + x_i) / 2 */
};

/*
 * The two-way spring, of which EMA and the one-way spring are corners. One step:
 *   y* = y + gain (x_n - x_{n-1}) + restore (x_{n-1} - y);  d = y* - z;
 *   y <- y* - pull d;  v <- (1 - gamma) v + kappa d;  z <- z + v;  start y = z = x_0, v = 0.
 */
struct bl_spring {
	double kappa;   /* pull on the average, per step, > 0 */
	double gamma;   /* velocity lost per step; 1: no inertia */
	double pull;    /* pull on the model (a) */
	double restore; /* pull of the model back to the recorded one (lambda), 0..1 */
	double gain;    /* share of the recorded displacement passed on */
	bool model;     /* read out y, else z */
	bool zero;      /* start from 0 and divide by the sum of the weights */
	enum bl_hold hold;
	struct bl_warmup warmup; /* of kappa; only where nothing else moves but the average */
	const char *length_option; /* key of the option whose length made kappa; NULL: raw pulls */
	double half_life;          /* of the EMA that the length names, in updates; 0 without one */
	double ema_kappa;          /* its pull; 0 without one */
};

/* How near a mix of snapshots came to the average that it stands for. */
struct bl_fit {
	struct bl_profile target; /* of that average */
	double residual;          /* |sum c_j p_j - p|, of profiles p */
	double share;             /* the same over |p| */
	double condition;         /* of the matrix that was solved, scaled */
};

/* What a run knows of its checkpoints. Everything is borrowed. */
struct bl_history {
	struct bl_timeline time;
	const double *given; /* a weight for each, all finite, from --weights; NULL: none */
	const struct bl_profile *profile; /* what each is an average of; NULL: they are no
	                                  snapshots */
	uint64_t most; /* bytes that the weights of all outputs may take; 0: no bound */
};

/* A length that was asked for, in every language. */
struct bl_asked {
	const char *option; /* key of the option that named it; NULL: none did, the rest is 0 */
	double half_life;   /* in updates, as mean_age */
	double mean_age;
	double decay;       /* per update, at the end */
	double rel_std;     /* standard deviation of the ages as a share of the time, see there */
};

/* A number that follows from the settings of a row. */
struct bl_resolved {
	const char *name;
	double value;
};

#define BL_RESOLVED 8 /* at most */

struct bl_resume; /* resume.h */

struct bl_dynamics {
	const char *name;
	const char *summary;  /* one line */
	const char *equation; /* plain text, several lines, for the manual */
	const enum bl_option *options; /* the BL_METHOD options it takes; ends with BL_OPTIONS */

	/* A recurrence: settings to coefficients, stability checked (BL_USAGE with the region). */
	int (*spring)(const struct bl_case *c, const struct bl_timeline *time,
		struct bl_spring *out, struct bl_err *err);
	/* No recurrence: history->time.count weights, part[i] / *divisor. Whole parts keep a mean
	 * exact (run.h). */
	int (*weights)(const struct bl_case *c, const struct bl_history *history, double *part,
		double *divisor, struct bl_err *err);
	/* Nor checkpoints, but snapshots, whose times are ascending and may be equal:
	 * history->time.count weights. Exactly one of the three is not NULL. */
	int (*fit)(const struct bl_case *c, const struct bl_history *history, struct bl_fit *fit,
		double *weight, struct bl_err *err);

	/* For settings that made a row; each may be NULL. */
	/* The length asked for, where it names no EMA. */
	void (*asked)(const struct bl_case *c, const struct bl_timeline *time,
		struct bl_asked *out);
	/* The numbers that the weights were made with, where it is no recurrence: how many of
	 * BL_RESOLVED. */
	size_t (*resolved)(const struct bl_case *c, struct bl_resolved *out);

	bool fades; /* the first checkpoint stands for all before it: little is to be left of it */

	/* How it goes on from what was kept of it at time->n[0], see resume.h; s: the pulls, where
	 * it has any. Error: BL_USAGE, where these settings cannot. NULL: it never can, and
	 * no_state says why: "a checkpoint that leaves the window ...". */
	int (*resume)(const struct bl_case *c, const struct bl_spring *s,
		const struct bl_timeline *time, struct bl_resume *r, struct bl_err *err);
	const char *no_state;
};

extern const struct bl_dynamics bl_dynamics_ema, bl_dynamics_spring, bl_dynamics_belay,
	bl_dynamics_uniform, bl_dynamics_window, bl_dynamics_trapezoid, bl_dynamics_power,
	bl_dynamics_bema, bl_dynamics_minus_sqrt, bl_dynamics_linear_decay, bl_dynamics_posthoc,
	bl_dynamics_weights;

/* All dynamics, NULL behind the last. */
extern const struct bl_dynamics *const bl_dynamics[];

/* By name; NULL where there is none. */
const struct bl_dynamics *bl_dynamics_find(const char *name);

/* Does it take an option of methods? */
bool bl_dynamics_takes(const struct bl_dynamics *d, enum bl_option o);

/*
 * For the rows that are recurrences.
 * The pulls must be stable: BL_USAGE with the region where they are. A spring that is dispatched to
 * the one-way spring (see bl_spring_weights) is judged as that.
 */
int bl_spring_check(const struct bl_spring *s, struct bl_err *err) BL_MUST_USE;

/* The kappa below which a spring is stable, all else being as it is; 0 < gamma < 2. */
double bl_spring_kappa_most(const struct bl_spring *s);

/* Is it dispatched to the one-way spring, and is it the recorded model itself? */
bool bl_spring_one_way(const struct bl_spring *s);
bool bl_spring_is_model(const struct bl_spring *s);

/*
 * The weights of time->count checkpoints; one checkpoint has all of it. Where the model is not
 * pulled (pull 0) or wholly restored (restore 1), gain 1, the average is that of the one-way spring
 * and comes from the same operations, so it is the same bit for bit.
 */
void bl_spring_weights(const struct bl_spring *s, const struct bl_timeline *time, double *weight);

/* The slot resume of them. */
int bl_spring_resume(const struct bl_case *c, const struct bl_spring *s,
	const struct bl_timeline *time, struct bl_resume *r, struct bl_err *err) BL_MUST_USE;

/* The path that --hold asks for. */
enum bl_hold bl_case_hold(const struct bl_case *c);

/*
 * For the rows that are none. Where all parts and the divisor are whole numbers that doubles hold,
 * divides them by what they have in common, so that equal parts are 1, as those of a plain mean.
 */
void bl_parts_reduce(double *part, size_t count, double *divisor);

#endif
