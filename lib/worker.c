/* worker.c - what one thread of the engine does with one tile. */
#include "worker.h"

#include <stdlib.h>
#include <string.h>

void *bl_room(size_t n, size_t size)
{
	return calloc(n > 0 ? n : 1, n > 0 ? size : 1);
}

/* Adds the bytes of that. Returns whether there are too many to tell. */
static bool add_room(uint64_t *bytes, uint64_t n, uint64_t size)
{
	uint64_t more = 1;
	bool over = n > 0 && __builtin_mul_overflow(n, size, &more);

	return __builtin_add_overflow(*bytes, more, bytes) || over;
}

/* The distinct formats of inputs and outputs. Returns their number. */
static size_t formats_of(const struct bl_job *job, const struct bl_format **list)
{
	const size_t sinks = job->survey ? 0 : job->sinks;
	size_t n = 0;

	for (size_t i = 0; i < job->sources + sinks && n < BL_RUN_FORMATS; i++) {
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

/* Scalars that can be other than finite. */
static size_t scalars_of(const struct bl_job *job, const struct bl_tiling *tiling)
{
	return bl_job_sums(job) ? tiling->largest_scalars : 0;
}

/* Tiles of results: where nothing is written, one takes what is only read. */
static size_t results_of(const struct bl_job *job)
{
	return bl_job_is_bare(job) ? 0 : job->sinks > 0 ? job->sinks : 1;
}

/* What writing adds to the working memory. */
static size_t write_size(const struct bl_job *job)
{
	size_t most = 0;

	for (size_t p = 0; p < job->sinks && job->sink; p++) { /* a survey has none */
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
	uint64_t bytes = 0;
	bool over = add_room(&bytes, inputs, tiling->largest);

	over |= add_room(&bytes, bl_readings_refs(job, reading), tiling->largest);
	over |= add_room(&bytes, results_of(job), tiling->largest_out);
	over |= add_room(&bytes, job->sinks, sizeof(bool));
	over |= add_room(&bytes, scalars_of(job, tiling), sizeof(double));
	over |= add_room(&bytes, scalars_of(job, tiling), 1);
	if (job->survey)
		over |= __builtin_add_overflow(
			bytes, job->survey->room + job->sources * sizeof(void *), &bytes);
	over |= __builtin_add_overflow(
		bytes, bl_worker_sums_bytes(job, tiling, reading, inputs), &bytes);
	for (size_t k = 0; k < n; k++)
		over |= __builtin_add_overflow(
			bytes, format[k]->work_size(tiling->largest_chunk), &bytes);
	over |= __builtin_add_overflow(bytes, bl_worker_hash_bytes(job, tiling), &bytes);
	over |= __builtin_add_overflow(bytes, write_size(job), &bytes);
	return over ? UINT64_MAX : bytes;
}

int bl_worker_make(struct bl_worker *w, struct bl_err *err)
{
	const struct bl_format *format[BL_RUN_FORMATS];
	size_t n = formats_of(w->job, format);
	const size_t tile = w->tiling->largest, scalars = scalars_of(w->job, w->tiling);

	w->refs = bl_readings_refs(w->job, w->reading);
	w->input = bl_room(w->inputs, tile);
	w->ref = bl_room(w->refs, tile);
	w->out = bl_room(results_of(w->job), w->tiling->largest_out);
	w->wild = bl_room(w->job->sinks, sizeof *w->wild);
	w->plain = bl_room(scalars, sizeof *w->plain);
	w->flag = bl_room(scalars, 1);
	if (!w->input || !w->ref || !w->out || !w->wild || !w->plain || !w->flag)
		return bl_fail_memory(
			err, tile * (w->inputs + w->refs + results_of(w->job)), "a tile");
	if (bl_worker_sums_make(w, err) != 0)
		return -1;
	if (w->job->survey) {
		w->tile = calloc(w->job->sources, sizeof *w->tile);
		w->room = calloc(1, w->job->survey->room);
		if (!w->tile || !w->room)
			return bl_fail_memory(err, w->job->survey->room, "a tile's numbers");
	}
	for (size_t k = 0; k < n; k++) {
		w->work[k].memory = format[k]->work_new(w->tiling->largest_chunk);
		w->work[k].format = format[k];
		if (!w->work[k].memory)
			return bl_fail_memory(err, format[k]->work_size(w->tiling->largest_chunk),
				"decoding");
	}
	return bl_worker_hash_make(w, err);
}

void bl_worker_free(struct bl_worker *w)
{
	free(w->input);
	free(w->ref);
	free(w->out);
	free(w->wild);
	free(w->plain);
	bl_worker_sums_free(w);
	free(w->flag);
	free(w->tile);
	free(w->room);
	free(w->leaf);
	free(w->turn);
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
	const size_t i = bl_job_tensor(w->job, t, tile->tensor);

	if (bl_worker_read(w, t, tile, dst, err) != 0)
		return -1;
	if (w->job->progress)
		atomic_fetch_add_explicit(&w->job->progress->read_bytes,
			tile_bytes(bl_job_stored(w->job, t, tile->tensor), tile),
			memory_order_relaxed);
	return bl_worker_hash(w, t, tile, &w->job->source[t].cat.tensor[i], i, dst);
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

/* Where checkpoint t's tile is already held as a reference; NULL: nowhere. */
static const unsigned char *held(const struct bl_worker *w, const struct bl_reading *r, size_t t)
{
	for (size_t k = 0; k < r->refs; k++)
		if (r->ref[k] == t)
			return w->ref + k * w->tiling->largest;
	return NULL;
}

/* Reads every checkpoint's tile once and sums. */
static int sum_tile(struct bl_worker *w, const struct bl_tile *tile, const struct bl_way *way,
	struct bl_err *err)
{
	const struct bl_reading *r = way->reading;
	struct bl_group g = {.first = true};

	for (size_t k = 0; k < r->refs; k++)
		if (read_tile(w, r->ref[k], tile, w->ref + k * w->tiling->largest, err) != 0)
			return -1;
	for (size_t u = 0; u < r->uses; u++) {
		const size_t t = r->used[u];
		const unsigned char *at = held(w, r, t);

		if (!at) {
			unsigned char *room =
				w->input + (w->tile ? u : g.n) * w->tiling->largest;

			if (read_tile(w, t, tile, room, err) != 0)
				return -1;
			at = room;
		}
		if (w->tile)
			w->tile[t] = at;
		g.checkpoint[g.n] = t;
		g.tile[g.n++] = at;
		g.last = u + 1 == r->uses;
		if (g.n == w->inputs || g.n == BL_RUN_INPUTS || g.last) {
			bl_worker_add(w, &g, way);
			g.first = false;
			g.n = 0;
		}
	}
	return 0;
}

/* Shows the survey tile n. */
static int look(struct bl_worker *w, uint64_t n, const struct bl_sight *sight)
{
	struct bl_survey *survey = w->job->survey;
	const bool last = n + 1 == w->tiling->first[sight->tensor + 1];
	struct bl_turn turn = {&w->gate[0], n, false};

	survey->look(survey, sight, w->room);
	if (bl_turn_wait(&turn) != 0)
		return -1;
	survey->take(survey, sight->tensor, last, w->room);
	bl_turn_done(&turn);
	return 0;
}

/* Shows it one whose sums are made. */
static int look_at_average(
	struct bl_worker *w, uint64_t n, const struct bl_tile *tile, const struct bl_way *way)
{
	const struct bl_sight sight = {
		.tensor = tile->tensor,
		.span = tile->span,
		.scalar = way->in,
		.n = way->scalars,
		.tile = w->tile,
		.average = (const double *)(const void *)w->out,
	};

	return look(w, n, &sight); /* what is not finite is the survey's matter */
}

/* Reads every checkpoint's tile, and shows them. */
static int look_at_values(
	struct bl_worker *w, uint64_t n, const struct bl_tile *tile, struct bl_err *err)
{
	const struct bl_sight sight = {
		.tensor = tile->tensor,
		.span = tile->span,
		.n = (size_t)tile->span.count,
		.tile = w->tile,
	};

	for (size_t t = 0; t < w->job->sources; t++) {
		unsigned char *room = w->input + t * w->tiling->largest;

		if (read_tile(w, t, tile, room, err) != 0)
			return -1;
		w->tile[t] = room;
	}
	return look(w, n, &sight);
}

static int average(struct bl_worker *w, uint64_t n, const struct bl_tile *tile, struct bl_err *err)
{
	const struct bl_dtype_info *type = bl_dtype(tensor_of(w, tile)->dtype);
	const struct bl_way way = {
		.reading = reading_of(w, tile),
		.weights = weights_of(w, tile),
		.tensor = tile->tensor,
		.in = bl_dtype(bl_job_input(w->job, tile->tensor)->dtype)->scalar,
		.scalars = (size_t)tile->span.count * type->lanes,
	};

	if (sum_tile(w, tile, &way, err) != 0)
		return -1;
	if (w->job->survey)
		return look_at_average(w, n, tile, &way);
	for (size_t k = 0; k < w->job->sinks; k++) {
		/* Threads with neighbouring tiles begin with different files: two that write to
		 * one wait for each other. */
		const size_t p = (k + (size_t)(n % w->job->sinks)) % w->job->sinks;
		unsigned char *out = bl_worker_out(w, p);

		if (w->wild[p] && bl_worker_settle(w, tile, p, way.scalars, err) != 0)
			return -1;
		if (bl_worker_hash(w, w->job->sources + p, tile, tensor_of(w, tile), tile->tensor,
			    out) != 0 || write_tile(w, p, n, tile, out, err) != 0)
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

	int (*const work)(struct bl_worker *, uint64_t, const struct bl_tile *, struct bl_err *) =
		bl_job_is_bare(w->job) ? look_at_values :
		w->job->averaged[tile.tensor] ? average : copy;

	bl_worker_hash_begin(w, n);
	if (work(w, n, &tile, err) != 0)
		return -1;
	return bl_worker_hash_end(w);
}
