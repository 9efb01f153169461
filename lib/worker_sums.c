/* worker_sums.c - how a thread of the engine adds up, and what becomes of the sums. */
#include "worker.h"

#include <stdlib.h>
#include <string.h>

/* Scalars that go from the tiles of a group to their sums, or to the results, before the next ones:
 * all that is between stays in the first cache. */
#define BLOCK 128
_Static_assert(BLOCK % BL_KERNEL_STEP == 0, "the last of a block reaches beyond it");

/* Vectors that do not begin with a line of the cache take twice as long to load. */
#define LINE 64

/* What the kernel takes at a time: outputs with one reference, for which the same checkpoints
 * count. */
struct portion {
	size_t p, outputs;
	size_t ref; /* its place in the reading */
	size_t inputs;
	size_t input[BL_RUN_INPUTS]; /* their places in the group */
	bl_factors weight[BL_RUN_INPUTS];
};

struct bl_sums {
	/* Of a block: the reference, how far the group's checkpoints are from it, sums. */
	_Alignas(LINE) double ref[BLOCK];
	_Alignas(LINE) double gap[BL_RUN_INPUTS][BLOCK];
	_Alignas(LINE) double sum[BL_KERNEL_OUTPUTS][BLOCK];

	double *row;              /* one per sink, from group to group, of which what is behind the
	                             tile's scalars is no number; NULL: there is one group */
	size_t stride;            /* between rows */
	struct portion portion[]; /* of a group: one per sink at most */
};

/* Do all checkpoints come as one group? */
static bool is_one_group(const struct bl_job *job, const struct bl_reading *reading, size_t inputs)
{
	const size_t uses = bl_readings_uses(job, reading);

	return uses <= inputs && uses <= BL_RUN_INPUTS;
}

/* Scalars between rows: a line more than they need, for rows that lie whole pages apart would drive
 * one another out of the cache. */
static uint64_t stride_of(const struct bl_tiling *tiling)
{
	return (tiling->largest_scalars / BL_KERNEL_STEP + 1) * BL_KERNEL_STEP +
		LINE / sizeof(double);
}

/* Bytes of struct bl_sums, and of its rows: whole lines; UINT64_MAX where no number holds them. */
static uint64_t own_bytes(const struct bl_job *job)
{
	uint64_t bytes;
	bool over = __builtin_mul_overflow(job->sinks, sizeof(struct portion), &bytes);

	over |= __builtin_add_overflow(bytes, sizeof(struct bl_sums) + LINE, &bytes);
	return over ? UINT64_MAX : bytes / LINE * LINE;
}

static uint64_t row_bytes(const struct bl_job *job, const struct bl_tiling *tiling)
{
	uint64_t bytes;
	bool over = __builtin_mul_overflow(stride_of(tiling), sizeof(double), &bytes);

	over |= __builtin_mul_overflow(bytes, job->sinks, &bytes);
	return over ? UINT64_MAX : bytes;
}

uint64_t bl_worker_sums_bytes(const struct bl_job *job, const struct bl_tiling *tiling,
	const struct bl_reading *reading, size_t inputs)
{
	uint64_t bytes = own_bytes(job);

	if (!bl_job_sums(job))
		return 0;
	if (!is_one_group(job, reading, inputs) &&
		__builtin_add_overflow(bytes, row_bytes(job, tiling), &bytes))
		return UINT64_MAX;
	return bytes;
}

int bl_worker_sums_make(struct bl_worker *w, struct bl_err *err)
{
	const size_t bytes = (size_t)own_bytes(w->job);
	const size_t rows = (size_t)row_bytes(w->job, w->tiling);

	if (!bl_job_sums(w->job))
		return 0;
	w->sums = aligned_alloc(LINE, bytes);
	if (!w->sums)
		return bl_fail_memory(err, bytes, "sums");
	memset(w->sums, 0, bytes);
	w->sums->stride = (size_t)stride_of(w->tiling);
	if (is_one_group(w->job, w->reading, w->inputs))
		return 0;
	w->sums->row = aligned_alloc(LINE, rows);
	return w->sums->row ? 0 : bl_fail_memory(err, rows, "sums");
}

void bl_worker_sums_free(struct bl_worker *w)
{
	if (w->sums)
		free(w->sums->row);
	free(w->sums);
}

static bool counts(const struct bl_group *g, const struct bl_way *way, size_t p, size_t i)
{
	return way->weights->weight[p][g->checkpoint[i]] != 0 &&
		g->checkpoint[i] != way->reading->ref[way->reading->ref_of[p]];
}

/* Can outputs p and q share their loads? */
static bool is_alike(const struct bl_group *g, const struct bl_way *way, size_t p, size_t q)
{
	if (way->reading->ref_of[p] != way->reading->ref_of[q])
		return false;
	for (size_t i = 0; i < g->n; i++)
		if (counts(g, way, p, i) != counts(g, way, q, i))
			return false;
	return true;
}

/* The portion of the outputs from p on. */
static void find_portion(const struct bl_worker *w, const struct bl_group *g,
	const struct bl_way *way, size_t p, struct portion *part)
{
	size_t alike = 1;

	while (alike < BL_KERNEL_OUTPUTS && p + alike < w->job->sinks &&
		is_alike(g, way, p, p + alike))
		alike++;
	part->p = p;
	for (part->outputs = BL_KERNEL_OUTPUTS; part->outputs > alike;)
		part->outputs /= 2;
	part->ref = way->reading->ref_of[p];
	part->inputs = 0;
	for (size_t i = 0; i < g->n; i++) {
		if (!counts(g, way, p, i))
			continue;
		for (size_t k = 0; k < part->outputs; k++)
			part->weight[part->inputs][k] =
				way->weights->weight[p + k][g->checkpoint[i]];
		part->input[part->inputs++] = i;
	}
}

/* A part of a tile: n scalars from at on. */
struct stretch {
	size_t at, n;
};

static void load_reference(struct bl_worker *w, const struct bl_way *way, size_t ref,
	const struct stretch *here)
{
	const unsigned char *x =
		w->ref + ref * w->tiling->largest + here->at * bl_scalar_size(way->in);

	w->job->kernels->kernel[way->in].load(w->sums->ref, x, here->n);
}

/* How far the group's checkpoints are from the reference. */
static void find_gaps(struct bl_worker *w, const struct bl_group *g, const struct bl_way *way,
	size_t ref, const struct stretch *here)
{
	const struct bl_kernel *kernel = &w->job->kernels->kernel[way->in];
	const size_t offset = here->at * bl_scalar_size(way->in);
	struct bl_sums *s = w->sums;

	for (size_t i = 0; i < g->n; i++)
		if (g->checkpoint[i] != way->reading->ref[ref])
			kernel->gap(s->gap[i], s->ref, g->tile[i] + offset, here->n);
}

/* Adds to the sums of outputs, which share the gaps. */
static void add_several(struct bl_worker *w, const struct bl_group *g, const struct portion *part,
	double *sum, size_t stride, size_t n)
{
	const double *gap[BL_RUN_INPUTS];

	for (size_t i = 0; i < part->inputs; i++)
		gap[i] = w->sums->gap[part->input[i]];
	w->job->kernels->add_several(sum, stride, part->outputs, g->first, gap, part->inputs,
		part->weight, (n + BL_KERNEL_STEP - 1) / BL_KERNEL_STEP * BL_KERNEL_STEP);
}

/* Adds to those of one, for which it does not pay to keep the gaps. */
static void add_one(struct bl_worker *w, const struct bl_group *g, const struct bl_way *way,
	const struct portion *part, double *sum, const struct stretch *here)
{
	const size_t offset = here->at * bl_scalar_size(way->in);
	const void *x[BL_RUN_INPUTS];

	for (size_t i = 0; i < part->inputs; i++)
		x[i] = g->tile[part->input[i]] + offset;
	w->job->kernels->kernel[way->in].add_one(
		sum, g->first, w->sums->ref, x, part->inputs, part->weight, here->n);
}

/* Rounds sums of output p to its results. */
static void store(struct bl_worker *w, const struct bl_way *way, size_t p, const double *sum,
	const struct stretch *here)
{
	const enum bl_scalar s = bl_dtype(bl_job_output(w->job, p, way->tensor)->dtype)->scalar;
	const double scale = way->weights->scale[p], divisor = way->weights->divisor[p];
	unsigned char *out = bl_worker_out(w, p) + here->at * bl_scalar_size(s);

	if (w->job->kernels->kernel[s].store(out, sum, w->sums->ref, scale, divisor, here->n))
		return;
	w->wild[p] = true;
	for (size_t j = 0; j < here->n && bl_scalar_size(s) == 1 && !bl_job_owns(w->job, p); j++)
		w->tally.saturated +=
			bl_f8_saturates(s, scale * w->sums->ref[j] - sum[j] / divisor);
}

/* Adds to the sums of all outputs; of the last group come results. */
static void add_stretch(struct bl_worker *w, const struct bl_group *g, const struct bl_way *way,
	const struct portion *end, const struct stretch *here)
{
	struct bl_sums *s = w->sums;
	const size_t stride = s->row ? s->stride : BLOCK;

	for (const struct portion *part = s->portion; part < end; part++) {
		const bool other = part == s->portion || part->ref != part[-1].ref;
		double *sum = s->row ? s->row + part->p * stride + here->at : s->sum[0];

		if (other)
			load_reference(w, way, part->ref, here);
		if (part->outputs > 1 && (other || part[-1].outputs == 1))
			find_gaps(w, g, way, part->ref, here);
		if (part->outputs > 1)
			add_several(w, g, part, sum, stride, here->n);
		else
			add_one(w, g, way, part, sum, here);
		for (size_t k = 0; g->last && k < part->outputs; k++)
			store(w, way, part->p + k, sum + k * stride, here);
	}
}

void bl_worker_add(struct bl_worker *w, const struct bl_group *g, const struct bl_way *way)
{
	struct portion *end = w->sums->portion;
	struct stretch here = {0, BLOCK};

	for (size_t p = 0; p < w->job->sinks; p += end++->outputs)
		find_portion(w, g, way, p, end);
	memset(w->wild, 0, w->job->sinks * sizeof *w->wild);
	for (; here.at < way->scalars; here.at += BLOCK) {
		if (here.n > way->scalars - here.at)
			here.n = way->scalars - here.at;
		add_stretch(w, g, way, end, &here);
	}
}
