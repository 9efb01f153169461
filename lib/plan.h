/*
 * plan.h - settings and times to weights: the first half of a run. No I/O.
 */
#ifndef BL_PLAN_H
#define BL_PLAN_H

#include "dynamics.h"
#include "overlay.h"

/*
 * One output: a row of weights and what to know of it. Ages and half-lives are in the unit of the
 * times that the plan was made from (not in updates), or in checkpoints where the length counted
 * those.
 */
struct bl_row {
	const struct bl_case *settings;       /* borrowed */
	const struct bl_dynamics *dynamics;
	const double *given;                  /* of the history; borrowed */
	const struct bl_profile *profile;     /* as well */
	struct bl_timeline time;              /* of this row, in updates or checkpoints; owned */
	struct bl_spring spring;              /* meaningful where dynamics->spring is set */
	struct bl_fit fit;                    /* meaningful where dynamics->fit is */
	const char *length_option;            /* "half-life", ...: what named it; NULL: none */
	double half_life_asked;               /* of the EMA that the length names; 0: none */
	double mean_age_asked, decay_asked;   /* the same length; decay is per update */
	double rel_std_asked;
	double median_gap;                    /* between checkpoints; 0: only one */
	double *weight;                       /* time.count; owned */
	double *part, divisor;                /* what the engine sums: weight is part / divisor */
	double sum, sum_abs;                  /* of the weights: s of the engine, and sum |w| */
	double mean_age;                      /* sum w_i (n_K - n_i), of snapshots sum w_i times the
	                                         mean age of what is in them */
	double half_life;                     /* smallest age with half the weight; -1: none, or
	                                         snapshots */
	double rel_std;                       /* standard deviation of the ages / covered time;
	                                         -1: none, negative weights leave no variance,
	                                         or snapshots */
	double effective_number;              /* 1 / sum w^2 */
	double first_share;                   /* weight of the first checkpoint */
	bool averages;                        /* s is exactly 1 for the engine */
	bool counts_checkpoints;              /* the times are 0..K: the length was in ckpt */
};

struct bl_plan {
	struct bl_row *row;
	size_t rows;
	size_t checkpoints;
	const struct bl_overlay *const *overlay; /* what some tensors have; borrowed */
	size_t overlays;
	struct bl_row *overlaid;                 /* rows x overlays of them */
	struct bl_case *merged;                  /* their settings */
};

/*
 * Makes the plan. history: the checkpoints' times, ascending, and what else is known of them; its
 * arrays but the times, and the cases, are borrowed for the plan's life.
 * Errors BL_USAGE: an option the method does not take, two lengths at once, an unstable setting, a
 * unit it cannot have, ...; the message names the option. plan is freed with bl_plan_free also
 * after a failure.
 */
int bl_plan_make(const struct bl_case *cases, size_t count, const struct bl_history *history,
	struct bl_plan *plan, struct bl_err *err) BL_MUST_USE;
void bl_plan_free(struct bl_plan *plan);

/*
 * Adds rows for tensors with settings of their own: of every output as every overlay has it. To be
 * called once; the overlays are borrowed for the plan's life. Errors: those above, with the output
 * where there are several, and with the overlay.
 */
int bl_plan_overlay(struct bl_plan *plan, const struct bl_overlay *const *overlay, size_t overlays,
	const struct bl_history *history, struct bl_err *err) BL_MUST_USE;

/* The row of output p for tensors with the settings of the output (set 0) or with overlay set - 1,
 * as bl_selection has them in overlay_of. */
const struct bl_row *bl_plan_row(const struct bl_plan *plan, size_t p, size_t set);

/* Bytes that the rows take. */
uint64_t bl_plan_bytes(const struct bl_plan *plan);

/* Refuses (BL_LIMIT) so many rows and overlays where they would take more than history->most. */
int bl_plan_fits(const struct bl_plan *plan, size_t rows, size_t overlays,
	const struct bl_history *history, struct bl_err *err) BL_MUST_USE;

/* One row, freed also after a failure. */
int bl_row_make(const struct bl_case *c, const struct bl_history *history, struct bl_row *row,
	struct bl_err *err) BL_MUST_USE;
void bl_row_free(struct bl_row *row);

/* What the user should know of a row, one message a call (n = 0, 1, ...): false behind the last.
 * Half-life below the gap, negative weights with sum |w|, over 25 % on the first checkpoint, ... */
bool bl_plan_warning(const struct bl_row *row, size_t n, char *buf, size_t cap);

#endif
