/*
 * nonfinite.c - results that are not finite: infinities and NaN among the values, and overflow.
 *
 * This is the rare way, taken for a tile only when a kernel reports it; it reads the tile's inputs
 * once more.
 */
#include "widen.h"
#include "worker.h"

#include <stdio.h>
#include <string.h>

/* A power of two that leaves every weighted sum of doubles room to grow. */
#define SMALL 0x1p-64

/* What is known of an element whose result is not finite. */
enum {
	WILD = 1,    /* its result is not finite */
	DIFFERS = 2, /* two checkpoints hold different bits */
	INPUT = 4    /* some checkpoint's value is not finite */
};

static bool is_finite(double d)
{
	return d - d == 0;
}

/* The types of a tile's scalars, and the weights of its output. */
struct settled {
	enum bl_scalar in, out;
	const double *weight; /* of the checkpoints */
	double scale, divisor;
	const unsigned char *ref; /* the reference's tile */
	unsigned char *result;
	double *sum; /* plain sums */
	struct bl_tally *tally;
};

static double load(
	const struct bl_worker *w, enum bl_scalar scalar, const unsigned char *tile, size_t j)
{
	double d;

	w->job->kernels->kernel[scalar].load(&d, tile + j * bl_scalar_size(scalar), 1);
	return d;
}

/* "[3,17]": where an element of a tile stands in its tensor. */
static void place(const struct bl_tensor *t, const struct bl_span *span, uint64_t element,
	char *buf, size_t cap)
{
	uint64_t index[64] = {0}, rest = element, chunk = span->first;
	size_t at = 0;

	for (unsigned i = t->rank < 64 ? t->rank : 64; i-- > 0;) {
		const uint64_t extent = span->chunk ? t->chunk[i] : t->dim[i];

		index[i] = rest % extent;
		rest /= extent;
		if (span->chunk) {
			const uint64_t grid = (t->dim[i] - 1) / t->chunk[i] + 1;

			index[i] += chunk % grid * t->chunk[i];
			chunk /= grid;
		}
	}
	at += (size_t)snprintf(buf, cap, "[");
	for (unsigned i = 0; i < t->rank && i < 64 && at + 24 < cap; i++)
		at += (size_t)snprintf(buf + at, cap - at, "%s%llu", i ? "," : "",
			(unsigned long long)index[i]);
	snprintf(buf + at, cap - at, "]");
}

/* The element that scalar j of a tile belongs to. */
static struct bl_tile_element element_of(
	const struct bl_worker *w, const struct bl_tile *tile, size_t j)
{
	const unsigned lanes = bl_dtype(w->job->cat->tensor[tile->tensor].dtype)->lanes;

	return bl_tile_element(w->job, tile, j / lanes);
}

static const char *word(double d)
{
	return d != d ? "nan" : d > 0 ? "inf" : "-inf";
}

static int fail_input(const struct bl_worker *w, const struct bl_tile *tile, size_t t, size_t j,
	double value, struct bl_err *err)
{
	const struct bl_source *src = &w->job->source[t];
	const struct bl_tile_element e = element_of(w, tile, j);
	const struct bl_tensor *tensor = &src->cat.tensor[bl_job_tensor(w->job, t, e.tensor)];
	char where[512];

	place(tensor, &tile->span, e.element, where, sizeof where);
	bl_fail(err, BL_INPUT, "%s: %s: element %s is %s, and not in every checkpoint", src->path,
		tensor->name, where, word(value));
	return bl_hint(err, "--nonfinite=keep averages on; the average is not finite either");
}

static int fail_overflow(const struct bl_worker *w, const struct bl_tile *tile, size_t p, size_t j,
	struct bl_err *err)
{
	const struct bl_tile_element e = element_of(w, tile, j);
	const struct bl_tensor *tensor = bl_job_output(w->job, p, e.tensor);
	char where[512];

	place(tensor, &tile->span, e.element, where, sizeof where);
	bl_fail(err, BL_INPUT, "%s: %s: element %s is too large for %s", w->job->sink[p].path,
		tensor->name, where, bl_dtype(tensor->dtype)->name);
	return bl_hint(err, "--nonfinite=keep writes an infinity and counts it");
}

/* Marks what is wild among the results; sets their sums to 0. Returns whether there is any. */
static bool mark(struct bl_worker *w, const struct settled *s, size_t n)
{
	bool any = false;

	for (size_t j = 0; j < n; j++) {
		w->flag[j] = is_finite(load(w, s->out, s->result, j)) ? 0 : WILD;
		if (w->flag[j])
			s->sum[j] = 0;
		any = any || w->flag[j];
	}
	return any;
}

/* Takes in one checkpoint's tile (in w->input): its bits against the reference, its part of the
 * plain weighted sum, made smaller so that it does not overflow on its way. The reference comes
 * last, so a value that is not finite and not the same everywhere is found here. */
static int take(struct bl_worker *w, const struct bl_tile *tile, const struct settled *s, size_t t,
	size_t n, struct bl_err *err)
{
	const size_t size = bl_scalar_size(s->in);

	for (size_t j = 0; j < n; j++) {
		double value;

		if (!w->flag[j])
			continue;
		value = load(w, s->in, w->input, j);
		s->sum[j] += s->weight[t] * (value * SMALL);
		if (memcmp(w->input + j * size, s->ref + j * size, size) != 0)
			w->flag[j] |= DIFFERS;
		if (is_finite(value))
			continue;
		w->flag[j] |= INPUT;
		if (w->flag[j] & DIFFERS && !w->job->keep_nonfinite)
			return fail_input(w, tile, t, j, value, err);
	}
	return 0;
}

/* Puts another result; is it finite? */
static bool put(struct bl_worker *w, const struct settled *s, size_t j, double value)
{
	const size_t size = bl_scalar_size(s->out);
	const double negative = -value, zero = 0;

	return w->job->kernels->kernel[s->out].store(
		s->result + j * size, &negative, &zero, 0, 1, 1);
}

/* Writes the value that all checkpoints have, which is not finite. */
static void keep(struct bl_worker *w, const struct settled *s, size_t j)
{
	const size_t in = bl_scalar_size(s->in), out = bl_scalar_size(s->out);

	if (s->in == s->out)
		memcpy(s->result + j * out, s->ref + j * in, out);
	else if (!w->job->widened || !bl_narrow_nan(s->out, s->result + j * out, s->ref + j * in))
		put(w, s, j, load(w, s->in, s->ref, j));
}

/* Writes the verdict on element j. */
static int settle_one(struct bl_worker *w, const struct bl_tile *tile, size_t p,
	const struct settled *s, size_t j, struct bl_err *err)
{
	const double plain = s->sum[j] / s->divisor / SMALL;

	if (w->flag[j] & INPUT) {
		/* If it differs, only with keep_nonfinite: take() refuses it. */
		if (w->flag[j] & DIFFERS)
			put(w, s, j, plain);
		else
			keep(w, s, j);
		s->tally->kept_nonfinite++;
		return 0;
	}
	if (put(w, s, j, plain)) /* only a difference of two large values had overflowed */
		return 0;
	if (!w->job->keep_nonfinite)
		return fail_overflow(w, tile, p, j, err);
	s->tally->overflowed++;
	return 0;
}

int bl_worker_settle(struct bl_worker *w, const struct bl_tile *tile, size_t p, size_t n,
	struct bl_err *err)
{
	const size_t k = bl_job_weights(w->job, tile->tensor);
	struct bl_tally untold = {0};
	const struct settled s = {
		.in = bl_dtype(bl_job_input(w->job, tile->tensor)->dtype)->scalar,
		.out = bl_dtype(bl_job_output(w->job, p, tile->tensor)->dtype)->scalar,
		.weight = w->job->weights[k].weight[p],
		.scale = w->job->weights[k].scale[p],
		.divisor = w->job->weights[k].divisor[p],
		.ref = w->ref + w->reading[k].ref_of[p] * w->tiling->largest,
		.result = bl_worker_out(w, p),
		.sum = w->plain,
		.tally = bl_job_owns(w->job, p) ? &untold : &w->tally,
	};

	if (!mark(w, &s, n))
		return 0;
	for (size_t t = 0; t < w->job->sources; t++) {
		if (s.weight[t] == 0)
			continue;
		if (bl_worker_read(w, t, tile, w->input, err) != 0)
			return -1;
		if (take(w, tile, &s, t, n, err) != 0)
			return -1;
	}
	for (size_t j = 0; j < n; j++)
		if (w->flag[j] && settle_one(w, tile, p, &s, j, err) != 0)
			return -1;
	return 0;
}
