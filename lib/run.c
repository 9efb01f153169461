/* run.c - the engine: tiles to workers, the first error to the caller. */
#include "run.h"

#include "worker.h"

#include <stdlib.h>
#include <string.h>

/* Bytes of one checkpoint in a tile. Large ones need fewer calls, and let the system keep outputs
 * in large pieces; but what a thread holds of all checkpoints and outputs is to stay in a cache. */
#define TILE_MOST ((uint64_t)256 << 10)
#define TILE_LEAST ((uint64_t)4 << 10)
#define HELD_MOST ((uint64_t)6 << 20)

/* What all threads of a run share. */
struct crew {
	const struct bl_job *job;
	const struct bl_tiling *tiling;
	struct bl_gate *gate;
	_Atomic uint64_t next;
	atomic_bool failed;
	pthread_mutex_t lock; /* for what follows */
	uint64_t failed_tile; /* of all errors that came up, that of the lowest tile is told */
	struct bl_err *err;
	struct bl_tally *tally;
};

struct member {
	struct crew *crew;
	struct bl_worker worker;
	pthread_t thread;
	bool started;
};

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t starting_tile(const struct bl_job *job)
{
	uint64_t target = TILE_MOST;

	while (target > 4 * TILE_LEAST && job->sinks > HELD_MOST / target - BL_RUN_INPUTS)
		target /= 2;
	return target;
}

/* Bytes of tensor i in all outputs together. */
static uint64_t written_of(const struct bl_job *job, size_t i)
{
	uint64_t bytes = 0;

	for (size_t p = 0; p < job->sinks && !job->survey; p++)
		if (job->averaged[i] || !bl_job_owns(job, p))
			bytes += bl_job_output(job, p, i)->bytes;
	return bytes;
}

/* Bytes that are read for tensor i. */
static uint64_t read_of(const struct bl_job *job, const struct bl_reading *reading, size_t i)
{
	const struct bl_reading *r = &reading[bl_job_weights(job, i)];
	uint64_t bytes = 0;

	if (!job->averaged[i])
		return bl_job_stored(job, bl_job_from(job, i), i)->bytes;
	for (size_t u = 0; u < r->uses; u++)
		bytes += bl_job_stored(job, r->used[u], i)->bytes;
	return bytes;
}

/* Counts what will be read and written. */
static void count_bytes(const struct bl_job *job, const struct bl_reading *reading,
	struct bl_budget *budget)
{
	budget->read_bytes = budget->written_bytes = 0;
	for (size_t i = 0; i < job->cat->tensors; i++) {
		if (!job->needed[i])
			continue;
		budget->read_bytes += read_of(job, reading, i);
		budget->written_bytes += written_of(job, i);
	}
}

static int fail_budget(const struct bl_job *job, const struct bl_tiling *tiling, uint64_t needed,
	struct bl_err *err)
{
	const bool chunk = tiling->largest_chunk > tiling->largest;
	const size_t most = chunk ? tiling->chunk_tensor : tiling->largest_tensor;

	bl_fail(err, BL_LIMIT,
		"%llu bytes of memory are not enough: %llu are needed, most of it for %s",
		(unsigned long long)job->memory, (unsigned long long)needed,
		(chunk ? tiling->largest_chunk : tiling->largest) > 2 * TILE_LEAST
			? job->cat->tensor[most].name : "what is known of the checkpoints");
	if (needed == UINT64_MAX)
		return -1;
	return bl_hint(err, "--memory %lluMiB would do", (unsigned long long)(needed >> 20) + 1);
}

/* One way to cut a run, and what a thread then needs. */
struct cut {
	uint64_t tile;
	size_t inputs;
	uint64_t bytes;
};

#define CUTS 8

/* Checkpoints held at a time, at best. */
static size_t held(const struct bl_job *job, const struct bl_reading *reading)
{
	const size_t uses = bl_readings_uses(job, reading);

	return job->survey ? job->sources : uses < BL_RUN_INPUTS ? uses : BL_RUN_INPUTS;
}

/* All ways, best first: smaller tiles before fewer inputs at once, which a survey cannot do with.
 * Returns their number, 0 on an error. tiling is left as that of the smallest tiles. */
static size_t list_cuts(const struct bl_job *job, const struct bl_reading *reading,
	struct bl_tiling *tiling, struct cut *cut, struct bl_err *err)
{
	const size_t some = job->n_weights > 0 ? 1 : 0; /* without weights none is held */
	const size_t most = held(job, reading);
	const size_t least = job->survey ? job->sources : some;
	size_t n = 0;

	for (uint64_t tile = starting_tile(job); tile >= TILE_LEAST && n < CUTS / 2; tile /= 4) {
		bl_tiling_free(tiling);
		if (bl_tiling_make(job, tile, tiling, err) != 0)
			return 0;
		cut[n] = (struct cut){
			tile, most, bl_worker_bytes(job, tiling, reading, most)};
		cut[CUTS / 2 + n] = (struct cut){
			tile, least, bl_worker_bytes(job, tiling, reading, least)};
		n++;
	}
	memmove(cut + n, cut + CUTS / 2, n * sizeof *cut);
	return 2 * n;
}

/* Bytes of what the threads share, and of what each has beside its buffers. */
static uint64_t bytes_of_crew(const struct bl_job *job, unsigned threads)
{
	const uint64_t tensors = job->cat->tensors + 1;

	return job->overhead + tensors * (3 * sizeof(uint64_t) + sizeof(bool)) +
		(job->n_weights == 0) + job->n_weights * (sizeof(struct bl_reading) +
			(job->sources + 2 * job->sinks) * sizeof(size_t)) +
		(job->sinks + bl_job_streams(job)) * sizeof(struct bl_gate) +
		threads * sizeof(struct member);
}

/* Tries to fit into the memory: first with smaller tiles, then fewer inputs at once, then fewer
 * threads. tiling is left as the cut that fits. */
static int fit(const struct bl_job *job, const struct bl_reading *reading, struct bl_tiling *tiling,
	struct bl_budget *budget, struct bl_err *err)
{
	struct cut cut[CUTS];
	const size_t n = list_cuts(job, reading, tiling, cut, err);
	uint64_t needed = 0, least_needed = UINT64_MAX;

	if (n == 0)
		return -1;
	for (unsigned threads = job->threads; threads > 0; threads--) {
		for (size_t k = 0; k < n; k++) {
			if (__builtin_mul_overflow(cut[k].bytes, threads, &needed) ||
				__builtin_add_overflow(
					needed, bytes_of_crew(job, threads), &needed))
				needed = UINT64_MAX;
			least_needed = least(least_needed, needed);
			if (needed > job->memory)
				continue;
			budget->tile = cut[k].tile;
			budget->inputs = cut[k].inputs;
			budget->threads = threads;
			budget->peak = needed;
			bl_tiling_free(tiling);
			return bl_tiling_make(job, budget->tile, tiling, err);
		}
	}
	return fail_budget(job, tiling, least_needed, err);
}

int bl_run_budget(const struct bl_job *job, struct bl_budget *budget, struct bl_err *err)
{
	struct bl_tiling tiling = {0};
	struct bl_reading *reading = NULL;
	int rc = bl_readings_make(job, &reading, err);

	if (rc == 0)
		rc = fit(job, reading, &tiling, budget, err);
	if (rc == 0)
		count_bytes(job, reading, budget);
	if (rc == 0) /* for small models the target is more than any tile */
		budget->tile = least(budget->tile, tiling.largest);
	bl_readings_free(job, reading);
	bl_tiling_free(&tiling);
	return rc;
}

/* Gates of the sinks, then of the digests' streams. */
static size_t gates_of(const struct bl_job *job)
{
	return job->sinks + bl_job_streams(job);
}

/* Notes an error, stops everybody. */
static void fail_crew(struct crew *crew, uint64_t tile, const struct bl_err *err)
{
	pthread_mutex_lock(&crew->lock);
	if (!atomic_load(&crew->failed) || tile < crew->failed_tile) {
		*crew->err = *err;
		crew->failed_tile = tile;
	}
	atomic_store(&crew->failed, true);
	pthread_mutex_unlock(&crew->lock);
	for (size_t p = 0; p < gates_of(crew->job); p++)
		bl_gate_close(&crew->gate[p]);
}

static void *work(void *arg)
{
	struct member *m = arg;
	struct crew *crew = m->crew;
	struct bl_err err = {0};
	uint64_t n = 0;

	while (!atomic_load(&crew->failed)) {
		n = atomic_fetch_add(&crew->next, 1);
		if (n >= crew->tiling->first[crew->tiling->tensors])
			break;
		err.text[0] = '\0';
		err.code = BL_BUG;
		if (bl_worker_tile(&m->worker, n, &err) != 0) {
			/* Without a word: a gate was closed, which is not the cause. */
			if (err.code != BL_BUG || err.text[0])
				fail_crew(crew, n, &err);
			break;
		}
	}
	pthread_mutex_lock(&crew->lock);
	crew->tally->kept_nonfinite += m->worker.tally.kept_nonfinite;
	crew->tally->overflowed += m->worker.tally.overflowed;
	crew->tally->saturated += m->worker.tally.saturated;
	pthread_mutex_unlock(&crew->lock);
	return NULL;
}

/* Runs the members: each in a thread, the last in this one. */
static void run_members(struct member *member, size_t n)
{
	for (size_t i = 0; i + 1 < n; i++) /* a thread that cannot be had is only a loss of speed */
		member[i].started = pthread_create(&member[i].thread, NULL, work, &member[i]) == 0;
	work(&member[n - 1]);
	for (size_t i = 0; i + 1 < n; i++)
		if (member[i].started)
			pthread_join(member[i].thread, NULL);
}

static int make_gates(struct crew *crew, size_t *made, struct bl_err *err)
{
	const size_t n = gates_of(crew->job);

	crew->gate = calloc(n, sizeof *crew->gate);
	if (!crew->gate)
		return bl_fail_memory(err, n * sizeof *crew->gate, "the gates");
	for (*made = 0; *made < n; ++*made)
		if (bl_gate_init(&crew->gate[*made], err) != 0)
			return -1;
	return 0;
}

/* Everything is cut: makes crew and members, lets them run. */
static int run_crew(struct crew *crew, const struct bl_reading *reading,
	const struct bl_budget *budget, struct bl_err *err)
{
	struct member *member = calloc(budget->threads, sizeof *member);
	size_t gates = 0, n = 0;
	int rc = -1;

	pthread_mutex_init(&crew->lock, NULL);
	if (!member) {
		bl_fail_memory(err, budget->threads * sizeof *member, "the threads");
		goto out;
	}
	if (make_gates(crew, &gates, err) != 0)
		goto out;
	for (; n < budget->threads; n++) {
		member[n].crew = crew;
		member[n].worker = (struct bl_worker){.job = crew->job, .tiling = crew->tiling,
			.reading = reading, .gate = crew->gate, .inputs = budget->inputs};
		if (bl_worker_make(&member[n].worker, err) != 0) {
			n++;
			goto out;
		}
	}
	run_members(member, n);
	rc = atomic_load(&crew->failed) ? -1 : 0;
out:
	while (n > 0)
		bl_worker_free(&member[--n].worker);
	while (gates > 0)
		bl_gate_free(&crew->gate[--gates]);
	free(crew->gate);
	free(member);
	pthread_mutex_destroy(&crew->lock);
	return rc;
}

int bl_run(const struct bl_job *job, struct bl_tally *tally, struct bl_err *err)
{
	struct bl_tiling tiling = {0};
	struct bl_reading *reading = NULL;
	struct bl_budget budget;
	struct crew crew = {.job = job, .tiling = &tiling, .err = err, .tally = tally};
	int rc = bl_readings_make(job, &reading, err);

	memset(tally, 0, sizeof *tally);
	if (rc == 0)
		rc = fit(job, reading, &tiling, &budget, err);
	if (rc == 0)
		rc = run_crew(&crew, reading, &budget, err);
	bl_readings_free(job, reading);
	bl_tiling_free(&tiling);
	return rc;
}
