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

	g->chunk[i] = ours->chunk && !job->own && !job->hashing; /* those take ranges */
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

	if (bl_job_is_bare(job)) {
		for (size_t t = 0; t < job->sources; t++)
			note_tile(bl_job_stored(job, t, i), in, i, unit, g);
		return;
	}
	note_tile(in, &job->cat->tensor[i], i, unit, g);
	for (size_t p = 0; job->own && job->averaged[i] && p < job->sinks; p++)
		if (job->own[p] && (p == 0 || job->own[p] != job->own[p - 1]))
			note_tile(in, &job->own[p]->tensor[i], i, unit, g);
}

/* The most bits that an element of tensor i has anywhere. */
static unsigned widest(const struct bl_job *job, size_t i)
{
	unsigned bits = bl_dtype(job->cat->tensor[i].dtype)->bits;
	unsigned in = bl_dtype(bl_job_input(job, i)->dtype)->bits;

	for (size_t t = 0; bl_job_is_bare(job) && t < job->sources; t++)
		if (bl_dtype(bl_job_stored(job, t, i)->dtype)->bits > in)
			in = bl_dtype(bl_job_stored(job, t, i)->dtype)->bits;
	return in > bits ? in : bits;
}

/* Bytes that file systems write at one go at least. */
#define PAGE 4096

/* Where an output has tensor i, in a piece of so many bytes; NOWHERE: it does not say. */
#define NOWHERE UINT64_MAX

static uint64_t place_of(const struct bl_job *job, size_t p, size_t i, uint64_t piece)
{
	const struct bl_sink *snk = &job->sink[p];
	const bool known = snk->state && snk->format->place && !bl_job_owns(job, p);

	return known ? snk->format->place(snk, i) % piece : NOWHERE;
}

/* Outputs among which the usual one is looked for. */
#define CANDIDATES 64

/* An output in which tensors stand in pieces where they do in most of those that say where: outputs
 * differ in their headers, by which all tensors are moved. job->sinks: none says. */
static size_t usual_sink(const struct bl_job *job, uint64_t piece)
{
	const bool none = job->survey || job->hashing || !job->sink;
	size_t i = 0, usual = job->sinks, most = 0;

	while (i < job->cat->tensors && !(job->needed[i] && job->averaged[i]))
		i++;
	if (none || i == job->cat->tensors)
		return job->sinks;
	for (size_t p = 0; p < job->sinks && p < CANDIDATES && 2 * most <= job->sinks; p++) {
		const uint64_t place = place_of(job, p, i, piece);
		size_t n = 0;

		for (size_t q = p; q < job->sinks && place != NOWHERE; q++)
			n += place_of(job, q, i, piece) == place;
		if (n > most) {
			most = n;
			usual = p;
		}
	}
	return usual;
}

/* The elements of tensor i's first tile, when the others have unit, so that these are pieces of
 * just that size in the file of output p, where they can. Two threads then never write to one page,
 * no page is written twice, and a piece can be one in the system's cache. */
static uint64_t leading(const struct bl_job *job, size_t p, size_t i, uint64_t unit)
{
	const uint64_t element = bl_dtype(job->cat->tensor[i].dtype)->bits / 8;
	uint64_t place;

	if (p == job->sinks || unit == job->cat->tensor[i].count || element == 0 ||
		unit * element % PAGE != 0)
		return unit;
	place = place_of(job, p, i, unit * element);
	if (place % element != 0)
		return unit;
	return unit - place / element;
}

/* Cuts tensor i; returns its number of tiles. */
static uint64_t cut(const struct bl_job *job, size_t i, uint64_t target, struct bl_tiling *g)
{
	const struct bl_tensor *t = &job->cat->tensor[i];
	uint64_t rows, unit, lead = 0, tiles;
	unsigned bits;

	if (!job->needed[i] || t->count == 0 || bl_dtype(t->dtype)->bits == 0)
		return 0;
	bits = widest(job, i);
	examine(job, i, g, &rows);
	if (g->chunk[i]) {
		unit = t->chunk_count;
		tiles = t->chunks;
	} else {
		unit = target * 8 / bits / 8 * 8; /* whole bytes for 4- and 6-bit types */
		unit = unit > rows ? unit / rows * rows : rows;
		if (unit > t->count)
			unit = t->count;
		lead = rows == 1 ? leading(job, g->usual, i, unit) : unit;
		tiles = lead < t->count ? (t->count - lead - 1) / unit + 2 : 1;
	}
	g->unit[i] = unit;
	g->lead[i] = lead;
	note_tiles(job, i, unit, g);
	return tiles;
}

/* May ranges go on through several tensors at all? */
static bool has_runs(const struct bl_job *job)
{
	if (!job->runs || job->own || job->widened)
		return false;
	for (size_t t = 0; t < job->sources; t++)
		if (!job->source[t].format || !job->source[t].format->runs)
			return false;
	return true;
}

/* Do tensors i and i + 1 follow one another, without chunks, in every checkpoint that they are read
 * from? */
static bool is_followed(const struct bl_job *job, size_t i)
{
	const size_t from = job->averaged[i] ? 0 : bl_job_from(job, i);
	const size_t end = job->averaged[i] ? job->sources : from + 1;

	for (size_t t = from; t < end; t++) {
		const size_t a = bl_job_tensor(job, t, i), b = bl_job_tensor(job, t, i + 1);

		if (a == BL_NOWHERE || b != a + 1 || job->source[t].cat.tensor[a].chunk ||
			job->source[t].cat.tensor[b].chunk)
			return false;
	}
	return true;
}

static bool is_plain(const struct bl_tensor *t)
{
	return !t->chunk && t->count > 0 && bl_dtype(t->dtype)->bits >= 8;
}

/* Are tensors i and i + 1 treated alike? */
static bool is_alike(const struct bl_job *job, size_t i)
{
	const struct bl_tensor *a = &job->cat->tensor[i], *b = a + 1;
	const struct bl_tensor *in = bl_job_input(job, i), *next = bl_job_input(job, i + 1);

	return job->needed[i + 1] && job->averaged[i] == job->averaged[i + 1] &&
		bl_job_weights(job, i) == bl_job_weights(job, i + 1) &&
		bl_job_from(job, i) == bl_job_from(job, i + 1) && a->dtype == b->dtype &&
		in->dtype == next->dtype && is_plain(b) && is_plain(next);
}

/* The end of the tensors that share a tile with tensor i; i + 1 where it has tiles of its own.
 * Sets their elements. */
static size_t find_run(const struct bl_job *job, size_t i, uint64_t target, uint64_t *elements)
{
	const struct bl_tensor *t = &job->cat->tensor[i];
	unsigned bits = bl_dtype(t->dtype)->bits, in;

	*elements = t->count;
	if (!job->needed[i] || !is_plain(t) || !is_plain(bl_job_input(job, i)))
		return i + 1;
	in = bl_dtype(bl_job_input(job, i)->dtype)->bits;
	bits = in > bits ? in : bits;
	while (i + 1 < job->cat->tensors) {
		const uint64_t more = job->cat->tensor[i + 1].count, most = target * 8 / bits;

		if (*elements > most || more > most - *elements || !is_alike(job, i) ||
			!is_followed(job, i))
			break;
		*elements += more;
		i++;
	}
	return i + 1;
}

int bl_tiling_make(const struct bl_job *job, uint64_t target, struct bl_tiling *tiling,
	struct bl_err *err)
{
	size_t n = job->cat->tensors;
	const bool runs = has_runs(job);
	uint64_t total = 0;

	memset(tiling, 0, sizeof *tiling);
	tiling->tensors = n;
	tiling->first = calloc(n + 1, sizeof *tiling->first);
	tiling->lead = calloc(n + 1, sizeof *tiling->lead);
	tiling->unit = calloc(n + 1, sizeof *tiling->unit);
	tiling->chunk = calloc(n + 1, sizeof *tiling->chunk);
	if (!tiling->first || !tiling->lead || !tiling->unit || !tiling->chunk)
		return bl_fail_memory(err, n * 25, "the tiles");
	tiling->usual = usual_sink(job, target);
	for (size_t i = 0; i < n;) {
		uint64_t elements;
		const size_t end = runs ? find_run(job, i, target, &elements) : i + 1;

		tiling->first[i] = total;
		if (end == i + 1) {
			total += cut(job, i++, target, tiling);
			continue;
		}
		tiling->lead[i] = tiling->unit[i] = elements;
		note_tiles(job, i, elements, tiling);
		for (total++, i++; i < end; i++)
			tiling->first[i] = total;
	}
	tiling->first[n] = total;
	if (total == 0)
		tiling->largest = tiling->largest_out = tiling->largest_scalars = 1;
	tiling->largest = (tiling->largest + 63) / 64 * 64; /* so that tiles in a row are aligned */
	tiling->largest_out = (tiling->largest_out + 63) / 64 * 64;
	return 0;
}

void bl_tiling_free(struct bl_tiling *tiling)
{
	free(tiling->first);
	free(tiling->lead);
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
	tile.span.first = k;
	tile.span.count = k == 0 && !tile.span.chunk ? tiling->lead[low] : tiling->unit[low];
	if (!tile.span.chunk && k > 0)
		tile.span.first = tiling->lead[low] + (k - 1) * tiling->unit[low];
	if (!tile.span.chunk && tile.span.first > 0 && tile.span.count > count - tile.span.first)
		tile.span.count = count - tile.span.first;
	return tile;
}

struct bl_tile_element bl_tile_element(
	const struct bl_job *job, const struct bl_tile *tile, uint64_t k)
{
	struct bl_tile_element e = {tile->tensor, tile->span.chunk ? k : tile->span.first + k};

	while (!tile->span.chunk && e.element >= job->cat->tensor[e.tensor].count)
		e.element -= job->cat->tensor[e.tensor++].count;
	return e;
}
