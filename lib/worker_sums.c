/* worker_sums.c - how a thread of the engine adds up. */
#include "worker.h"

#include <string.h>

/* Scalars that are added up over a whole group of checkpoints before the next ones, so that their
 * sums stay in a cache. */
#define BLOCK 1024

/* What the kernel takes at a time of what a group adds to the sums of an output, or of as many as
 * it takes, where they have one reference and the same checkpoints count. */
struct share {
	size_t inputs;
	const unsigned char *x[BL_KERNEL_INPUTS];
	double weight[BL_KERNEL_OUTPUTS * BL_KERNEL_INPUTS];
};

/* All of it. */
struct portion {
	size_t p, outputs;
	size_t shares;
	struct share share[BL_RUN_INPUTS / BL_KERNEL_INPUTS];
};

static bool counts(const struct bl_group *g, const struct bl_way *way, size_t p, size_t i)
{
	return way->weights->weight[p][g->checkpoint[i]] != 0 &&
		g->checkpoint[i] != way->reading->ref[way->reading->ref_of[p]];
}

/* Can the outputs from p on share their loads? */
static bool together(const struct bl_worker *w, const struct bl_group *g, const struct bl_way *way,
	size_t p)
{
	if (w->job->sinks - p < BL_KERNEL_OUTPUTS)
		return false;
	for (size_t k = p + 1; k < p + BL_KERNEL_OUTPUTS; k++) {
		if (way->reading->ref_of[k] != way->reading->ref_of[p])
			return false;
		for (size_t i = 0; i < g->n; i++)
			if (counts(g, way, k, i) != counts(g, way, p, i))
				return false;
	}
	return true;
}

/* The portion of the outputs from p on. */
static void find_portion(const struct bl_worker *w, const struct bl_group *g,
	const struct bl_way *way, size_t p, struct portion *part)
{
	struct share *s = NULL;

	part->p = p;
	part->outputs = together(w, g, way, p) ? BL_KERNEL_OUTPUTS : 1;
	part->shares = 0;
	for (size_t i = 0; i < g->n; i++) {
		if (!counts(g, way, p, i))
			continue;
		if (!s || s->inputs == BL_KERNEL_INPUTS) {
			s = &part->share[part->shares++];
			s->inputs = 0;
		}
		for (size_t k = 0; k < part->outputs; k++)
			s->weight[k * BL_KERNEL_INPUTS + s->inputs] =
				way->weights->weight[p + k][g->checkpoint[i]];
		s->x[s->inputs++] = g->tile[i];
	}
}

/* Adds a portion to its sums, for n scalars from at on. */
static void add_portion(struct bl_worker *w, const struct portion *part, const struct bl_way *way,
	size_t at, size_t n)
{
	const struct bl_kernel *kernel = &w->job->kernels->kernel[way->in];
	const size_t size = bl_scalar_size(way->in), stride = w->tiling->largest_scalars;
	const size_t k = way->reading->ref_of[part->p];
	const unsigned char *ref = w->ref + k * w->tiling->largest + at * size;
	double *acc = w->acc + part->p * stride + at;

	for (const struct share *s = part->share; s < part->share + part->shares; s++) {
		const void *x[BL_KERNEL_INPUTS];

		for (size_t i = 0; i < s->inputs; i++)
			x[i] = s->x[i] + at * size;
		kernel->accumulate(acc, stride, part->outputs, ref, x, s->inputs, s->weight, n);
	}
}

void bl_worker_add(struct bl_worker *w, const struct bl_group *g, const struct bl_way *way)
{
	const size_t stride = w->tiling->largest_scalars;
	struct portion part;

	for (size_t p = 0; p < w->job->sinks; p += part.outputs) {
		find_portion(w, g, way, p, &part);
		for (size_t at = 0; at < way->scalars; at += BLOCK) {
			const size_t n = way->scalars - at < BLOCK ? way->scalars - at : BLOCK;

			for (size_t k = p; g->first && k < p + part.outputs; k++)
				memset(w->acc + k * stride + at, 0, n * sizeof *w->acc);
			add_portion(w, &part, way, at, n);
		}
	}
}
