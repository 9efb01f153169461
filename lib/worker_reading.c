/* worker_reading.c - which checkpoints weights read, and what they refer to. */
#include "worker.h"

#include <stdlib.h>

/* Finds the references of all outputs; w: NULL where there are none. */
static int find_references(const struct bl_job *job, const struct bl_weights *w,
	struct bl_reading *r, struct bl_err *err)
{
	for (size_t p = 0; w && p < job->sinks; p++) {
		size_t last = job->sources, k = 0;

		while (last > 0 && w->weight[p][last - 1] == 0)
			last--;
		if (last == 0)
			return bl_fail(err, BL_BUG, "output %zu has no weights", p);
		while (k < r->refs && r->ref[k] != last - 1)
			k++;
		if (k == r->refs)
			r->ref[r->refs++] = last - 1;
		r->ref_of[p] = k;
	}
	return 0;
}

static int make_reading(const struct bl_job *job, const struct bl_weights *w, struct bl_reading *r,
	struct bl_err *err)
{
	r->used = calloc(job->sources, sizeof *r->used);
	r->ref = calloc(job->sinks, sizeof *r->ref);
	r->ref_of = calloc(job->sinks, sizeof *r->ref_of);
	if (!r->used || !r->ref || !r->ref_of)
		return bl_fail_memory(err, job->sources * sizeof *r->used, "the reading order");
	for (size_t t = 0; t < job->sources; t++) {
		bool used = job->survey != NULL;

		for (size_t p = 0; w && !used && p < job->sinks; p++)
			used = w->weight[p][t] != 0;
		if (used)
			r->used[r->uses++] = t;
	}
	return bl_job_is_bare(job) ? 0 : find_references(job, w, r, err);
}

int bl_readings_make(const struct bl_job *job, struct bl_reading **r, struct bl_err *err)
{
	*r = bl_room(job->n_weights, sizeof **r);
	if (!*r)
		return bl_fail_memory(err, job->n_weights * sizeof **r, "the reading order");
	for (size_t k = 0; k < job->n_weights; k++)
		if (make_reading(job, job->weights ? &job->weights[k] : NULL, &(*r)[k], err) != 0)
			return -1;
	return 0;
}

void bl_readings_free(const struct bl_job *job, struct bl_reading *r)
{
	for (size_t k = 0; r && k < job->n_weights; k++) {
		free(r[k].used);
		free(r[k].ref);
		free(r[k].ref_of);
	}
	free(r);
}

size_t bl_readings_refs(const struct bl_job *job, const struct bl_reading *r)
{
	size_t most = 0;

	for (size_t k = 0; k < job->n_weights; k++)
		most = r[k].refs > most ? r[k].refs : most;
	return most;
}

size_t bl_readings_uses(const struct bl_job *job, const struct bl_reading *r)
{
	size_t most = 0;

	for (size_t k = 0; k < job->n_weights; k++)
		most = r[k].uses > most ? r[k].uses : most;
	return most;
}
