/*
 * portrait.h - the averages of a plan, to be looked at: their weights over time, and what these
 * mean.
 *
 * ---- as JSON: one object, keys in this order ----
 *
 *   schema            1; a number above it means that a field has changed its meaning or gone
 *   belay             version of the program, a string
 *   times             from, key: where the times came from, as in the plan (report.h); null where
 *                     there are no files
 *   checkpoints       one object each, by ascending time: path (and path_hex where it is no UTF-8);
 *                     null where there is no file; time
 *   averages          one object each, in the order of the sweep:
 *     name            what tells it from the others
 *     method, settings, resolved   as in the plan (report.h)
 *     sum, sum_abs    of the weights w and of |w|
 *     negative        sum of the negative weights
 *     mean_age        sum of w times age; ages count from the last checkpoint, in the unit of times
 *                     (in checkpoints where the length was given in ckpt)
 *     half_life       smallest age with at least half of the weight; null where there is none
 *     rel_std         standard deviation of the ages as a share of the covered time; null where
 *                     negative weights leave none
 *     effective_number  1 / sum of w^2
 *     first_share     weight of the first checkpoint
 *     response        null unless the method is a recurrence; see response.h:
 *       damping       "first-order" (no inertia), "under-damped", "critical", "over-damped"
 *       damping_ratio of the swing; null where nothing swings
 *       period        of the swing, in the unit of times; null where nothing swings
 *       poles         slowest first: modulus, angle (radians per step; of a pair the positive one),
 *                     fade (time in which it halves; null where it never does)
 *       kappa         the pull, at the last update where a warm-up changes it
 *       kappa_most    below which it is stable
 *       settled_age   mean age in the long run; null where the start is never forgotten
 *       error         relative distance to expect from an average kept at every step; null where
 *                     not known
 *     warnings        strings
 *     weights         one number per checkpoint, each the shortest decimal that reads back as the
 *                     same double
 *     weights_hex     the same as strings of C99 hexadecimal floats, exact
 *
 * ---- as TSV ----
 *
 * A line of column names: time, checkpoint, then "weight", or of several averages their names; then
 * a line per checkpoint. Paths are escaped as in messages, NA where there is none; weights are the
 * shortest decimals.
 */
#ifndef BL_PORTRAIT_H
#define BL_PORTRAIT_H

#include "plot.h"
#include "report.h"
#include "response.h"

/* Zero-initialised is empty; freed with bl_portrait_free also after a failure. */
struct bl_portrait {
	const struct bl_report *report; /* borrowed; outputs and what is known of tensors are not
	                                   looked at; inputs without a file have the path NULL */
	struct bl_response *response;   /* one per row of the plan; owned */
	char *title;                    /* what all have in common; owned */
	char **name;                    /* what tells them apart, one per row; owned */
};

/* Error: BL_LIMIT, no memory. */
int bl_portrait_make(struct bl_portrait *p, const struct bl_report *r, struct bl_err *err)
	BL_MUST_USE;
void bl_portrait_free(struct bl_portrait *p);

/* What damping is called: "under-damped"; "" without a recurrence. */
const char *bl_damping_word(enum bl_damping d);

/* In words, at most columns in a line, with a picture of the weights. unicode, colour: what the
 * stream can show. Error: BL_LIMIT, no memory. */
int bl_portrait_text(FILE *to, const struct bl_portrait *p, size_t columns, bool unicode,
	bool colour, struct bl_err *err) BL_MUST_USE;

void bl_portrait_tsv(FILE *to, const struct bl_portrait *p);
void bl_portrait_json(FILE *to, const struct bl_portrait *p);

/* As a picture; see plot.h. Error: BL_LIMIT, no memory. */
int bl_portrait_svg(FILE *to, const struct bl_portrait *p, struct bl_err *err) BL_MUST_USE;

/* ---- what other views share ---- */

#define BL_PORTRAIT_AXIS 64

/* What the times count: "step". buf: BL_PORTRAIT_AXIS bytes. Returns buf. */
const char *bl_portrait_axis(const struct bl_report *r, char *buf);

/* "41 checkpoints, step 0 to 1000, every 25" */
void bl_portrait_times(FILE *to, const struct bl_report *r);

/* Members of JSON objects: schema, belay, times, checkpoints; weights and weights_hex. */
void bl_portrait_put_head(struct bl_json_printer *j, const struct bl_report *r);
void bl_portrait_put_weights(struct bl_json_printer *j, const struct bl_row *row);

/* ---- for the pictures ---- */

/* What a plot points to. Zero-initialised is empty. */
struct bl_portrait_plot {
	struct bl_plot plot;
	struct bl_series *series;
	double *numbers;
	char *texts; /* notes, one behind the other */
	const char **note;
	char axis[BL_PORTRAIT_AXIS], caption[96];
};

/* smooth: with the curve of the weights that every step would have had, where checkpoints stand
 * equally far apart and the method is a recurrence. Errors: BL_LIMIT. */
int bl_portrait_plot(struct bl_portrait_plot *pp, const struct bl_portrait *p, bool smooth,
	struct bl_err *err) BL_MUST_USE;
void bl_portrait_plot_free(struct bl_portrait_plot *pp);

#endif
