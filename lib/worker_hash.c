/* worker_hash.c - what one thread of the engine does for the digests. */
#include "worker.h"

#include "hashing.h"

#include <stdlib.h>

size_t bl_job_streams(const struct bl_job *job)
{
	return job->hashing ? job->hashing->streams : 0;
}

/* Leaves that lie whole in a tile, at most. */
static uint64_t leaves(const struct bl_tiling *tiling)
{
	const uint64_t most = tiling->largest > tiling->largest_out ? tiling->largest
	                                                            : tiling->largest_out;

	return most / BL_DIGEST_LEAF + 1;
}

uint64_t bl_worker_hash_bytes(const struct bl_job *job, const struct bl_tiling *tiling)
{
	if (!job->hashing)
		return 0;
	return leaves(tiling) * sizeof(struct bl_digest) +
	       bl_job_streams(job) * sizeof(struct bl_turn);
}

int bl_worker_hash_make(struct bl_worker *w, struct bl_err *err)
{
	if (!w->job->hashing)
		return 0;
	w->leaf = calloc(leaves(w->tiling), sizeof *w->leaf);
	w->turn = calloc(bl_job_streams(w->job), sizeof *w->turn);
	if (w->leaf && w->turn)
		return 0;
	return bl_fail_memory(
		err, (size_t)bl_worker_hash_bytes(w->job, w->tiling), "a tile's digests");
}

void bl_worker_hash_begin(struct bl_worker *w, uint64_t n)
{
	for (size_t s = 0; s < bl_job_streams(w->job); s++)
		w->turn[s] = (struct bl_turn){&w->gate[w->job->sinks + s], n, false};
}

int bl_worker_hash(struct bl_worker *w, size_t stream, const struct bl_tile *tile,
	const struct bl_tensor *t, size_t place, const void *data)
{
	const unsigned bits = bl_dtype(t->dtype)->bits;
	const uint64_t at = tile->span.first * bits / 8, n = (tile->span.count * bits + 7) / 8;
	const bool one = n <= t->bytes - at;

	if (!w->job->hashing || !w->job->hashing->of[stream])
		return 0;
	if (one)
		bl_digest_leaves(t->bytes, at, data, (size_t)n, w->leaf);
	if (bl_turn_wait(&w->turn[stream]) != 0)
		return -1;
	bl_hashing_take(
		w->job->hashing, stream, t, place, at, data, n, one ? w->leaf : NULL);
	bl_turn_done(&w->turn[stream]);
	return 0;
}

int bl_worker_hash_end(struct bl_worker *w)
{
	for (size_t s = 0; s < bl_job_streams(w->job); s++) {
		if (w->turn[s].taken)
			continue;
		if (bl_turn_wait(&w->turn[s]) != 0)
			return -1;
		bl_turn_done(&w->turn[s]);
	}
	return 0;
}
