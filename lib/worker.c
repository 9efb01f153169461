/* worker.c - what one thread of the engine does with one tile. */
#include "worker.h"

#include <stdlib.h>
#include <string.h>

/* Scalars that all outputs take their sums of before the next ones: all of it stays in the
 * first-level cache. */
#define BLOCK 1024

/* Finds the references of all outputs. */
static int find_references(const struct bl_job *job, const struct bl_weights *w,
	struct bl_reading *r, struct bl_err *err)
{
	for (size_t p = 0; p < job->sinks; p++) {
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
		bool used = false;

		for (size_t p = 0; p < job->sinks; p++)
			used = used || w->weight[p][t] != 0;
		if (used)
			r->used[r->uses++] = t;
	}
	return find_references(job, w, r, err);
}

int bl_readings_make(const struct bl_job *job, struct bl_reading **r, struct bl_err *err)
{
	*r = calloc(job->n_weights, sizeof **r);
	if (!*r)
		return bl_fail_memory(err, job->n_weights * sizeof **r, "the reading order");
	for (size_t k = 0; k < job->n_weights; k++)
		if (make_reading(job, &job->weights[k], &(*r)[k], err) != 0)
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

/* The distinct formats of inputs and outputs. Returns their number. */
static size_t formats_of(const struct bl_job *job, const struct bl_format **list)
{
	size_t n = 0;

	for (size_t i = 0; i < job->sources + job->sinks && n < BL_RUN_FORMATS; i++) {
		const struct bl_format *f = i < job->sources ? job->source[i].format
		                                             : job->sink[i - job->sources].format;
		size_t k = 0;

		while (k < n && list[k] != f)
			k++;
		if (k == n && f && f->work_new)
			list[n++] = f;
	}
	return n;
}

/* What writing adds to the working memory. */
static size_t write_size(const struct bl_job *job)
{
	size_t most = 0;

	for (size_t p = 0; p < job->sinks; p++) {
		const struct bl_format *f = job->sink[p].format;
		const size_t bytes = f && f->write_size ? f->write_size(&job->sink[p].plan) : 0;

		most = bytes > most ? bytes : most;
	}
	return most;
}

uint64_t bl_worker_bytes(const struct bl_job *job, const struct bl_tiling *tiling,
	const struct bl_reading *reading, size_t inputs)
{
	const struct bl_format *format[BL_RUN_FORMATS];
	const size_t n = formats_of(job, format);
	uint64_t bytes, sums;
	bool over = __builtin_mul_overflow(
		tiling->largest, inputs + bl_readings_refs(job, reading), &bytes);

	over |= __builtin_add_overflow(bytes, tiling->largest_out, &bytes);
	over |= __builtin_mul_overflow(
		tiling->largest_scalars, job->sinks * sizeof(double) + 1, &sums);
	over |= __builtin_add_overflow(bytes, sums, &bytes);
	for (size_t k = 0; k < n; k++)
		over |= __builtin_add_overflow(
			bytes, format[k]->work_size(tiling->largest_chunk), &bytes);
	over |= __builtin_add_overflow(bytes, write_size(job), &bytes);
	return over ? UINT64_MAX : bytes;
}

int bl_worker_make(struct bl_worker *w, struct bl_err *err)
{
	const struct bl_format *format[BL_RUN_FORMATS];
	size_t n = formats_of(w->job, format);
	const size_t tile = w->tiling->largest, scalars = w->tiling->largest_scalars;

	w->refs = bl_readings_refs(w->job, w->reading);
	w->input = calloc(w->inputs, tile);
	w->ref = calloc(w->refs, tile);
	w->out = calloc(1, w->tiling->largest_out);
	w->acc = calloc(w->job->sinks, scalars * sizeof *w->acc);
	w->flag = calloc(1, scalars);
	if (!w->input || !w->ref || !w->out || !w->acc || !w->flag)
		return bl_fail_memory(err, tile * (w->inputs + w->refs + 1), "a tile");
	for (size_t k = 0; k < n; k++) {
		w->work[k].memory = format[k]->work_new(w->tiling->largest_chunk);
		w->work[k].format = format[k];
		if (!w->work[k].memory)
			return bl_fail_memory(err, format[k]->work_size(w->tiling->largest_chunk),
				"decoding");
	}
	return 0;
}

void bl_worker_free(struct bl_worker *w)
{
	free(w->input);
	free(w->ref);
	free(w->out);
	free(w->acc);
	free(w->flag);
	for (size_t k = 0; k < BL_RUN_FORMATS; k++)
		if (w->work[k].memory)
			w->work[k].format->work_free(w->work[k].memory);
}

static void *work_for(const struct bl_worker *w, const struct bl_format *format)
{
	for (size_t k = 0; k < BL_RUN_FORMATS; k++)
		if (w->work[k].format == format)
			return w->work[k].memory;
	return NULL;
}

static const struct bl_tensor *tensor_of(const struct bl_worker *w, const struct bl_tile *tile)
{
	return &w->job->cat->tensor[tile->tensor];
}

static const struct bl_reading *reading_of(const struct bl_worker *w, const struct bl_tile *tile)
{
	return &w->reading[bl_job_weights(w->job, tile->tensor)];
}

static const struct bl_weights *weights_of(const struct bl_worker *w, const struct bl_tile *tile)
{
	return &w->job->weights[bl_job_weights(w->job, tile->tensor)];
}

/* Bytes of a tile that are in the tensor: a chunk may reach beyond its edge. */
static uint64_t tile_bytes(const struct bl_tensor *t, const struct bl_tile *tile)
{
	uint64_t n = tile->span.count, chunk = tile->span.first;

	for (unsigned i = tile->span.chunk ? t->rank : 0; i-- > 0;) {
		const uint64_t grid = (t->dim[i] - 1) / t->chunk[i] + 1;
		const uint64_t left = t->dim[i] - chunk % grid * t->chunk[i];

		if (left < t->chunk[i])
			n = n / t->chunk[i] * left;
		chunk /= grid;
	}
	return (n * bl_dtype(t->dtype)->bits + 7) / 8;
}

int bl_worker_read(struct bl_worker *w, size_t t, const struct bl_tile *tile, void *dst,
	struct bl_err *err)
{
	const struct bl_source *src = &w->job->source[t];
	const size_t i = bl_job_tensor(w->job, t, tile->tensor);

	if (bl_go_on(w->job->stop, err) != 0)
		return -1;
	if (src->format->read(src, i, tile->span, dst, work_for(w, src->format), err) != 0) {
		bl_prefix(err, "%s", src->cat.tensor[i].name);
		return bl_prefix(err, "%s", src->path);
	}
	return 0;
}

/* Reads what was planned: a look back for what is not finite is no progress. */
static int read_tile(struct bl_worker *w, size_t t, const struct bl_tile *tile, void *dst,
	struct bl_err *err)
{
	if (bl_worker_read(w, t, tile, dst, err) != 0)
		return -1;
	if (w->job->progress)
		atomic_fetch_add_explicit(&w->job->progress->read_bytes,
			tile_bytes(bl_job_stored(w->job, t, tile->tensor), tile),
			memory_order_relaxed);
	return 0;
}

/* Writes a tile to output p, in its turn where the output wants one. */
static int write_tile(struct bl_worker *w, size_t p, uint64_t n, const struct bl_tile *tile,
	const void *src, struct bl_err *err)
{
	struct bl_sink *snk = &w->job->sink[p];
	struct bl_turn turn = {&w->gate[p], n, false};
	int rc = snk->format->write(snk, tile->tensor, tile->span, src, work_for(w, snk->format),
		snk->ordered ? &turn : NULL, err);

	if (rc == 0 && snk->ordered && !turn.taken) {
		rc = bl_turn_wait(&turn);
		if (rc == 0)
			bl_turn_done(&turn);
	}
	if (rc != 0) {
		if (err->text[0]) {
			bl_prefix(err, "%s", tensor_of(w, tile)->name);
			bl_prefix(err, "%s", snk->path);
		}
		return -1;
	}
	if (w->job->progress)
		atomic_fetch_add_explicit(&w->job->progress->written_bytes,
			tile_bytes(bl_job_output(w->job, p, tile->tensor), tile),
			memory_order_relaxed);
	return 0;
}

/* Some checkpoints' tiles, ascending in time. */
struct group {
	size_t n;
	size_t checkpoint[BL_KERNEL_INPUTS];
	const unsigned char *tile[BL_KERNEL_INPUTS];
};

/* One tensor's way through the engine. */
struct way {
	const struct bl_reading *reading;
	const struct bl_weights *weights;
	enum bl_scalar in, out; /* out: of the output that is being stored */
	size_t scalars; /* in the tile */
};

/* Adds a group to the sums of all outputs. */
static void accumulate(struct bl_worker *w, const struct group *g, const struct way *way)
{
	const struct bl_kernel *kernel = &w->job->kernels->kernel[way->in];
	const size_t size = bl_scalar_size(way->in), n = way->scalars;

	for (size_t at = 0; at < n; at += BLOCK) {
		for (size_t p = 0; p < w->job->sinks; p++) {
			const size_t k = way->reading->ref_of[p];
			const void *x[BL_KERNEL_INPUTS];
			double weight[BL_KERNEL_INPUTS];
			size_t inputs = 0;

			for (size_t i = 0; i < g->n; i++) {
				const double wt = way->weights->weight[p][g->checkpoint[i]];

				if (wt == 0 || g->checkpoint[i] == way->reading->ref[k])
					continue;
				x[inputs] = g->tile[i] + at * size;
				weight[inputs++] = wt;
			}
			kernel->accumulate(w->acc + p * w->tiling->largest_scalars + at,
				w->ref + k * w->tiling->largest + at * size, x, weight, inputs,
				n - at < BLOCK ? n - at : BLOCK);
		}
	}
}

/* Where checkpoint t's tile is already held as a reference; NULL: nowhere. */
static const unsigned char *held(const struct bl_worker *w, const struct bl_reading *r, size_t t)
{
	for (size_t k = 0; k < r->refs; k++)
		if (r->ref[k] == t)
			return w->ref + k * w->tiling->largest;
	return NULL;
}

/* Reads every checkpoint's tile once and sums. */
static int sum_tile(struct bl_worker *w, const struct bl_tile *tile, const struct way *way,
	struct bl_err *err)
{
	const struct bl_reading *r = way->reading;
	struct group g = {.n = 0};

	for (size_t k = 0; k < r->refs; k++)
		if (read_tile(w, r->ref[k], tile, w->ref + k * w->tiling->largest, err) != 0)
			return -1;
	for (size_t p = 0; p < w->job->sinks; p++)
		memset(w->acc + p * w->tiling->largest_scalars, 0, way->scalars * sizeof *w->acc);
	for (size_t u = 0; u < r->uses; u++) {
		const size_t t = r->used[u];
		const unsigned char *at = held(w, r, t);

		if (!at) {
			unsigned char *room = w->input + g.n * w->tiling->largest;

			if (read_tile(w, t, tile, room, err) != 0)
				return -1;
			at = room;
		}
		g.checkpoint[g.n] = t;
		g.tile[g.n++] = at;
		if (g.n == w->inputs || u + 1 == r->uses) {
			accumulate(w, &g, way);
			g.n = 0;
		}
	}
	return 0;
}

/* Rounds the results of output p into w->out. Returns whether all are what they should be. */
static bool store(struct bl_worker *w, size_t p, const struct way *way)
{
	const struct bl_kernel *from = &w->job->kernels->kernel[way->in];
	const struct bl_kernel *to = &w->job->kernels->kernel[way->out];
	const double *acc = w->acc + p * w->tiling->largest_scalars;
	const unsigned char *ref = w->ref + way->reading->ref_of[p] * w->tiling->largest;
	const double scale = way->weights->scale[p], divisor = way->weights->divisor[p];
	double x[BLOCK];
	bool fine = true;

	if (way->in == way->out)
		return to->store(w->out, acc, ref, scale, divisor, way->scalars);
	for (size_t at = 0; at < way->scalars; at += BLOCK) {
		const size_t n = way->scalars - at < BLOCK ? way->scalars - at : BLOCK;

		from->load(x, ref + at * bl_scalar_size(way->in), n);
		fine &= to->convert(
			w->out + at * bl_scalar_size(way->out), acc + at, x, scale, divisor, n);
	}
	return fine;
}

static int average(struct bl_worker *w, uint64_t n, const struct bl_tile *tile, struct bl_err *err)
{
	const struct bl_dtype_info *type = bl_dtype(tensor_of(w, tile)->dtype);
	struct way way = {
		.reading = reading_of(w, tile),
		.weights = weights_of(w, tile),
		.in = bl_dtype(bl_job_input(w->job, tile->tensor)->dtype)->scalar,
		.scalars = (size_t)tile->span.count * type->lanes,
	};

	if (sum_tile(w, tile, &way, err) != 0)
		return -1;
	for (size_t p = 0; p < w->job->sinks; p++) {
		way.out = bl_dtype(bl_job_output(w->job, p, tile->tensor)->dtype)->scalar;
		if (!store(w, p, &way) && bl_worker_settle(w, tile, p, way.scalars, err) != 0)
			return -1;
		if (write_tile(w, p, n, tile, w->out, err) != 0)
			return -1;
	}
	return 0;
}

static int copy(struct bl_worker *w, uint64_t n, const struct bl_tile *tile, struct bl_err *err)
{
	if (read_tile(w, bl_job_from(w->job, tile->tensor), tile, w->out, err) != 0)
		return -1;
	for (size_t p = 0; p < w->job->sinks; p++)
		if (!bl_job_owns(w->job, p) && write_tile(w, p, n, tile, w->out, err) != 0)
			return -1;
	return 0;
}

int bl_worker_tile(struct bl_worker *w, uint64_t n, struct bl_err *err)
{
	const struct bl_tile tile = bl_tiling_get(w->job, w->tiling, n);

	return w->job->averaged[tile.tensor] ? average(w, n, &tile, err) : copy(w, n, &tile, err);
}
