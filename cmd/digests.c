/* digests.c - the digests of checkpoints that are open. */
#include "digests.h"

#include "limits.h"
#include "progress.h"

#include <stdlib.h>

int bl_digests_may(const struct bl_source *src, struct bl_err *err)
{
	for (size_t i = 0; i < src->cat.tensors; i++)
		if (src->cat.tensor[i].sealed)
			return bl_fail(err, BL_INPUT, "%s: %s: %s", src->path,
				src->cat.tensor[i].name, src->cat.tensor[i].sealed);
	return 0;
}

static bool is_left(const struct bl_source *src, const struct bl_hashed *hashed, size_t i)
{
	return !(hashed->known && hashed->known[i]) && src->cat.tensor[i].dtype != BL_OTHER;
}

uint64_t bl_digests_left(const struct bl_source *src, const struct bl_hashed *hashed)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < src->cat.tensors; i++)
		if (is_left(src, hashed, i))
			bytes += src->cat.tensor[i].bytes;
	return bytes;
}

/* A run that only reads. needed, averaged: per tensor; none is averaged. */
static int read_needed(const struct bl_job *like, const struct bl_source *src,
	struct bl_hashing *hashing, const bool *needed, const bool *averaged, struct bl_err *err)
{
	const size_t *const same_places = NULL;
	const struct bl_job job = {
		.source = src,
		.sources = 1,
		.cat = &src->cat,
		.map = &same_places,
		.averaged = averaged,
		.needed = needed,
		.runs = src->format->runs,
		.kernels = like->kernels,
		.memory = like->memory,
		.overhead = like->overhead + bl_hashing_bytes(1) + 2 * src->cat.tensors,
		.threads = like->threads,
		.stop = like->stop,
		.progress = like->progress,
		.hashing = hashing,
	};
	struct bl_tally tally;

	return bl_run(&job, &tally, err);
}

int bl_digests_read(const struct bl_job *like, const struct bl_source *src,
	struct bl_hashed *hashed, struct bl_err *err)
{
	const size_t n = src->cat.tensors;
	bool *needed = calloc(n + 1, sizeof *needed), *averaged = calloc(n + 1, sizeof *averaged);
	struct bl_hashing hashing = {0};
	size_t left = 0;
	int rc = -1;

	if (!needed || !averaged) {
		bl_fail_memory(err, n, "the digests");
		goto out;
	}
	for (size_t i = 0; i < n; i++) {
		needed[i] = is_left(src, hashed, i);
		left += needed[i];
	}
	rc = bl_hashing_make(&hashing, 1, err);
	if (rc != 0 || left == 0)
		goto out;
	hashing.of[0] = hashed;
	rc = read_needed(like, src, &hashing, needed, averaged, err);
out:
	bl_hashing_free(&hashing);
	free(needed);
	free(averaged);
	return rc;
}

/* ---- of all inputs ---- */

/* All but reading. */
static int make_one(const struct bl_inputs *in, size_t t, const struct bl_hashed *hashed,
	struct bl_golden *golden, struct bl_err *err)
{
	return bl_golden_make(golden, in->source[t].path, in->time ? &in->time[t] : NULL,
		&in->source[t].cat, NULL, hashed->digest, err);
}

static int read_one(const struct bl_inputs *in, size_t t, const struct bl_job *like,
	struct bl_golden *golden, struct bl_err *err)
{
	struct bl_hashed hashed = {0};
	int rc = bl_hashed_make(&hashed, &in->source[t].cat, err);

	if (rc == 0)
		rc = bl_digests_read(like, &in->source[t], &hashed, err);
	if (rc == 0)
		rc = make_one(in, t, &hashed, golden, err);
	bl_hashed_free(&hashed);
	return rc;
}

/* What the run may take, and what is taken already. */
static int make_like(const struct bl_inputs *in, const struct bl_settings *s, struct bl_job *like,
	struct bl_progress *progress, struct bl_err *err)
{
	static const struct bl_hashed none;
	uint64_t most = 0;

	if (bl_limits_set(like, s, err) != 0)
		return -1;
	like->stop = in->stop;
	like->progress = progress;
	like->overhead = bl_inputs_bytes(in);
	for (size_t t = 0; t < in->n; t++) {
		const struct bl_catalog *cat = &in->source[t].cat;

		if (bl_digests_may(&in->source[t], err) != 0)
			return -1;
		progress->read_total += bl_digests_left(&in->source[t], &none);
		like->overhead += bl_golden_bytes(cat);
		if (bl_hashed_bytes(cat) > most)
			most = bl_hashed_bytes(cat);
	}
	like->overhead += most;
	return 0;
}

int bl_digests_of_inputs(const struct bl_inputs *in, const struct bl_settings *s,
	struct bl_progress *progress, struct bl_golden *golden, struct bl_err *err)
{
	struct bl_progress_view *view = NULL;
	struct bl_job like = {0};
	int rc = make_like(in, s, &like, progress, err);

	if (rc == 0)
		rc = bl_progress_start(&view, progress, s, err);
	for (size_t t = 0; rc == 0 && t < in->n; t++)
		rc = read_one(in, t, &like, &golden[t], err);
	bl_progress_stop(view);
	return bl_inputs_unchanged(in, rc, err);
}
