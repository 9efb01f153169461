/*
 * drift.h - how far the weights of a model moved from checkpoint to checkpoint, how far each is
 * from the last and from an average, and how to show that.
 *
 * Of every averaged tensor x, of T checkpoints t = 0 .. T-1 and their average a in double, before
 * it is rounded to a type:
 *
 *   movement     |x_t - x_(t-1)|                from t = 1 on
 *   to_last      |x_t - x_(T-1)|
 *   to_average   |x_t - a|
 *   norm         |x_t|
 *   cosine       of the angle between x_t - x_(t-1) and x_(t-1) - x_(t-2), from t = 2 on, where
 *                both are above 0: 1 on a straight line, near 0 on a random walk, -1/2 for noise
 *                around a point, -1 to and fro
 *   nonfinite    scalars of x_t that are not finite
 *
 * |.| is the root of the sum of squares over all scalars, two of a complex number. Every difference
 * and every square (product) is rounded to a double; their sum is exact and rounded once, then the
 * root; so the numbers are the same for any number of threads, any tiles and any machine. A square
 * below 2.2e-308 loses bits, one above 1.8e308 makes the number infinite. Scalars of which a
 * checkpoint in question, or the average, is not finite are left out of the sum.
 *
 * The model is all averaged tensors together.
 *
 * ---- as JSON: one object, keys in this order ----
 *
 *   schema            1; a number above it means that a field has changed its meaning or gone
 *   belay             version of the program, a string
 *   times             from, key: as of the plan (report.h)
 *   checkpoints       by ascending time: path, path_hex and time, as of the plan
 *   average           name; method, settings, resolved as of the plan; weights, weights_hex
 *   left_out          tensors that are not looked at
 *   model             one object:
 *     values          scalars
 *     movement, to_last, to_average, norm, cosine, nonfinite   an array each of one number per
 *                     checkpoint; null where there is none, or where it is infinite
 *   tensors           one object each, in the order of the last checkpoint: name, name_hex (where
 *                     bytes of it are no UTF-8), dtype, shape, and as above
 *
 * ---- as TSV ----
 *
 * A line of column names, then one for every checkpoint of the model, of the first tensor, ...:
 * scope (model or tensor), tensor (escaped as in messages), time, checkpoint (its path, escaped),
 * movement, to_last, to_average, norm, cosine, nonfinite. Numbers are the shortest decimals that
 * read back as the same, or inf. What there is not, such as the tensor of the model, is NA.
 */
#ifndef BL_DRIFT_H
#define BL_DRIFT_H

#include "align.h"
#include "exact.h"
#include "plot.h"
#include "portrait.h"
#include "run.h"
#include "text.h"

/* One checkpoint; NAN where there is no such number. */
struct bl_drift_point {
	double movement, to_last, to_average, norm, cosine;
	uint64_t nonfinite;
};

/* A tensor, or the model. */
struct bl_drift_of {
	const struct bl_tensor *tensor; /* NULL: the model */
	uint64_t values;                /* scalars */
	struct bl_drift_point *point;   /* one per checkpoint */
};

/* Zero-initialised is empty; freed with bl_drift_free also after a failure. */
struct bl_drift {
	size_t checkpoints;
	struct bl_drift_of model;
	struct bl_drift_of *of; /* the averaged tensors */
	size_t tensors;         /* of them */
	size_t *place;          /* per tensor of the run: where it is in of */
	struct bl_survey survey; /* for a run, whose take() fills all of the above */

	const struct bl_kernels *kernels;
	struct bl_drift_point *points; /* of all */
	struct bl_exact *sum;          /* of the tensor under way, then of the model */
};

/* Makes room. all, averaged: of the run; all is borrowed. d must stay where it is. Error: BL_LIMIT,
 * no memory. */
int bl_drift_make(struct bl_drift *d, const struct bl_alignment *all, const bool *averaged,
	const struct bl_kernels *kernels, struct bl_err *err) BL_MUST_USE;
void bl_drift_free(struct bl_drift *d);

/* Bytes that it takes for so many tensors: UINT64_MAX where no number holds them. */
uint64_t bl_drift_bytes(size_t tensors, size_t checkpoints);

/* After the run: the numbers of the model. */
void bl_drift_finish(struct bl_drift *d);

/* ---- what it comes to ---- */

/* Moves go from one checkpoint to the next; the later half of them is those from the middle one on.
 * NAN where there is no such number. */
struct bl_drift_sum {
	double move;   /* mean of the later half */
	double share;  /* that, over the norm at the last checkpoint */
	double path;   /* sum of all */
	double net;    /* from first to last, straight */
	double cosine; /* mean of the later half */
	double lag;    /* of the average behind the last checkpoint: their distance */
	size_t nearest; /* the checkpoint that is nearest to the average */
	uint64_t nonfinite;
};

struct bl_drift_sum bl_drift_sum(const struct bl_drift *d, const struct bl_drift_of *of);

/* What the cosine of the model's later half suggests, in a sentence; "" where nothing does. */
const char *bl_drift_advice(const struct bl_drift_sum *sum);

/* The places in of, those with the largest share first, such as have none last; equals in their
 * order. *order is malloc'd, freed by the caller also after a failure. Error: BL_LIMIT. */
int bl_drift_order(const struct bl_drift *d, size_t **order, struct bl_err *err) BL_MUST_USE;

/* ---- showing it ---- */

/* The distances that pictures show: to_last, to_average and movement, and what they are called:
 * "to the last". k < BL_DRIFT_DISTANCES. */
#define BL_DRIFT_DISTANCES 3
double bl_drift_distance(size_t k, const struct bl_drift_point *p);
const char *bl_drift_distance_name(size_t k);

/* All there is to show. Borrowed. */
struct bl_drift_view {
	const struct bl_drift *drift;
	const struct bl_portrait *portrait; /* of the one average */
	size_t left_out;                    /* tensors that are not averaged */
};

/* How names are shown: without so many bytes with which all begin. */
struct bl_drift_names {
	size_t prefix;  /* whole parts of names; 0 where all fit as they are */
	size_t columns; /* of the widest, and of head */
	char head[BL_TEXT_FIT(40)]; /* "tensor", or of what is left out "model.layers.*" */
};

/* The names of the first n tensors of an order, in at most so many columns (6 to 40). */
struct bl_drift_names bl_drift_names(
	const struct bl_drift *d, const size_t *order, size_t n, size_t most);

/* One of them, escaped and cut at its front where it must be. buf: BL_TEXT_FIT(40) bytes. */
const char *bl_drift_name(
	const struct bl_drift_names *names, const struct bl_drift_of *of, char *buf);

/* In words, tables and a picture, at most columns in a line. unicode, colour: what the stream can
 * show. Error: BL_LIMIT, no memory. */
int bl_drift_text(FILE *to, const struct bl_drift_view *v, size_t columns, bool unicode,
	bool colour, struct bl_err *err) BL_MUST_USE;

void bl_drift_tsv(FILE *to, const struct bl_drift_view *v);
void bl_drift_json(FILE *to, const struct bl_drift_view *v);

/* As a picture, 960 by 540 pixels. Error: BL_LIMIT, no memory. */
int bl_drift_svg(FILE *to, const struct bl_drift_view *v, struct bl_err *err) BL_MUST_USE;

#endif
