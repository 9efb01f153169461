/* tiles.c - how a run is cut into tiles. */
#include "tiles.h"

#include "widen.h"

#include <stdlib.h>
#include <string.h>

const struct bl_tensor *bl_job_input(const struct bl_job *job, size_t i)
{
	size_t t = bl_job_from(job, i);

	if (job->averaged[i])
		for (t = job->sources - 1; t > 0 && bl_job_tensor(job, t, i) == BL_NOWHERE;)
			t--;
	return &job->source[t].cat.tensor[bl_job_tensor(job, t, i)];
}

const struct bl_tensor *bl_job_stored(const struct bl_job *job, size_t t, size_t i)
{
	const size_t place = bl_job_tensor(job, t, i);

	return job->widened ? bl_wide_stored(&job->source[t], place)
	                    : &job->source[t].cat.tensor[place];
}

static uint64_t value_bytes(const struct bl_tensor *t, uint64_t elements)
{
	return elements / 8 * bl_dtype(t->dtype)->bits +
	       (elements % 8 * bl_dtype(t->dtype)->bits + 7) / 8;
}

static bool same_chunks(const struct bl_tensor *a, const struct bl_tensor *b)
{
	return a->chunk && b->chunk && a->rank == b->rank &&
		memcmp(a->chunk, b->chunk, a->rank * sizeof *a->chunk) == 0;
}

static uint64_t gcd(uint64_t a, uint64_t b)
{
	while (b) {
		uint64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

/* Smallest range that is whole rows of chunks for all; count where there is none smaller. */
static uint64_t common_rows(uint64_t rows, const struct bl_tensor *t)
{
	uint64_t other = bl_row_of_chunks(t), both;

	if (__builtin_mul_overflow(rows / gcd(rows, other), other, &both) || both > t->count)
		return t->count;
	return both;
}

static void note_chunk(const struct bl_tensor *t, size_t i, struct bl_tiling *g)
{
	const uint64_t bytes = t->chunk ? value_bytes(t, t->chunk_count) : 0;

	if (bytes <= g->largest_chunk)
		return;
	g->largest_chunk = bytes;
	g->chunk_tensor = i;
}

/* Looks at tensor i in all inputs: may its tiles be chunks, and which ranges are whole? */
static void examine(const struct bl_job *job, size_t i, struct bl_tiling *g, uint64_t *rows)
{
	const struct bl_tensor *ours = &job->cat->tensor[i];
	const size_t from = job->averaged[i] ? 0 : bl_job_from(job, i);
	const size_t end = job->averaged[i] ? job->sources : from + 1;

	g->chunk[i] = ours->chunk && !job->own; /* those take ranges */
	*rows = bl_row_of_chunks(ours);
	note_chunk(ours, i, g);
	for (size_t t = from; t < end; t++) {
		const size_t place = bl_job_tensor(job, t, i);
		const struct bl_tensor *theirs;

		if (place == BL_NOWHERE)
			continue;
		theirs = &job->source[t].cat.tensor[place];
		g->chunk[i] = g->chunk[i] && same_chunks(ours, theirs);
		*rows = common_rows(*rows, theirs);
		note_chunk(theirs, i, g);
	}
}

/* Takes in a tile of so many elements of tensor i. */
static void note_tile(const struct bl_tensor *in, const struct bl_tensor *out, size_t i,
	uint64_t unit, struct bl_tiling *g)
{
	const uint64_t scalars = unit * bl_dtype(out->dtype)->lanes;

	if (value_bytes(in, unit) > g->largest) {
		g->largest = value_bytes(in, unit);
		g->largest_tensor = i;
	}
	if (value_bytes(out, unit) > g->largest_out)
		g->largest_out = value_bytes(out, unit);
	if (scalars > g->largest_scalars)
		g->largest_scalars = scalars;
}

/* Takes in the same of all outputs. */
static void note_tiles(const struct bl_job *job, size_t i, uint64_t unit, struct bl_tiling *g)
{
	const struct bl_tensor *in = bl_job_input(job, i);

	note_tile(in, &job->cat->tensor[i], i, unit, g);
	for (size_t p = 0; job->own && job->averaged[i] && p < job->sinks; p++)
		if (job->own[p] && (p == 0 || job->own[p] != job->own[p - 1]))
			note_tile(in, &job->own[p]->tensor[i], i, unit, g);
}

/* Cuts tensor i; returns its number of tiles. */
static uint64_t cut(const struct bl_job *job, size_t i, uint64_t target, struct bl_tiling *g)
{
	const struct bl_tensor *t = &job->cat->tensor[i];
	unsigned bits = bl_dtype(t->dtype)->bits, in;
	uint64_t rows, unit, tiles;

	if (!job->needed[i] || t->count == 0 || bits == 0)
		return 0;
	in = bl_dtype(bl_job_input(job, i)->dtype)->bits;
	if (in > bits)
		bits = in;
	examine(job, i, g, &rows);
	if (g->chunk[i]) {
		unit = t->chunk_count;
		tiles = t->chunks;
	} else {
		unit = target * 8 / bits / 8 * 8; /* whole bytes for 4- and 6-bit types */
		unit = unit > rows ? unit / rows * rows : rows;
		if (unit > t->count)
			unit = t->count;
		tiles = (t->count - 1) / unit + 1;
	}
	g->unit[i] = unit;
	note_tiles(job, i, unit, g);
	return tiles;
}

int bl_tiling_make(const struct bl_job *job, uint64_t target, struct bl_tiling *tiling,
	struct bl_err *err)
{
	size_t n = job->cat->tensors;
	uint64_t total = 0;

	memset(tiling, 0, sizeof *tiling);
	tiling->tensors = n;
	tiling->first = calloc(n + 1, sizeof *tiling->first);
	tiling->unit = calloc(n + 1, sizeof *tiling->unit);
	tiling->chunk = calloc(n + 1, sizeof *tiling->chunk);
	if (!tiling->first || !tiling->unit || !tiling->chunk)
		return bl_fail_memory(err, n * 17, "the tiles");
	for (size_t i = 0; i < n; i++) {
		tiling->first[i] = total;
		total += cut(job, i, target, tiling);
	}
	tiling->first[n] = total;
	if (total == 0)
		tiling->largest = tiling->largest_out = tiling->largest_scalars = 1;
	tiling->largest = (tiling->largest + 63) / 64 * 64; /* so that tiles in a row are aligned */
	return 0;
}

void bl_tiling_free(struct bl_tiling *tiling)
{
	free(tiling->first);
	free(tiling->unit);
	free(tiling->chunk);
	memset(tiling, 0, sizeof *tiling);
}

struct bl_tile bl_tiling_get(const struct bl_job *job, const struct bl_tiling *tiling, uint64_t n)
{
	size_t low = 0, high = tiling->tensors; /* first[low] <= n < first[high] */
	struct bl_tile tile;
	uint64_t k, count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (tiling->first[middle] <= n)
			low = middle;
		else
			high = middle;
	}
	k = n - tiling->first[low];
	count = job->cat->tensor[low].count;
	tile.tensor = low;
	tile.span.chunk = tiling->chunk[low];
	tile.span.first = tile.span.chunk ? k : k * tiling->unit[low];
	tile.span.count = tiling->unit[low];
	if (!tile.span.chunk && tile.span.count > count - tile.span.first)
		tile.span.count = count - tile.span.first;
	return tile;
}
