/* memory.c - checkpoints in memory: formats that count every byte and check what they are asked. */
#include "memory.h"

#include "arith.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The contract was broken. */
static void require(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "memory.c: %s\n", what);
	abort();
}

void memory_init(struct memory *m, const struct bl_catalog *cat)
{
	memset(m, 0, sizeof *m);
	m->cat = cat;
	m->fault.element = MEMORY_NOWHERE;
	m->value = calloc(cat->tensors + 1, sizeof *m->value);
	m->count = calloc(cat->tensors + 1, sizeof *m->count);
	for (size_t i = 0; i < cat->tensors; i++) {
		m->value[i] = calloc(1, cat->tensor[i].bytes + 1);
		m->count[i] = calloc(1, cat->tensor[i].bytes + 1);
	}
}

void memory_uncount(struct memory *m)
{
	for (size_t i = 0; i < m->cat->tensors; i++)
		memset(m->count[i], 0, m->cat->tensor[i].bytes);
	atomic_store(&m->calls, 0);
	m->begun = false;
}

void memory_clear(struct memory *m)
{
	memory_uncount(m);
	for (size_t i = 0; i < m->cat->tensors; i++)
		memset(m->value[i], 0, m->cat->tensor[i].bytes);
}

void memory_free(struct memory *m)
{
	for (size_t i = 0; m->value && i < m->cat->tensors; i++) {
		free(m->value[i]);
		free(m->count[i]);
	}
	free(m->value);
	free(m->count);
	memset(m, 0, sizeof *m);
}

void memory_counts(const struct memory *m, size_t tensor, unsigned *least, unsigned *most)
{
	const size_t n = m->cat->tensor[tensor].bytes;

	*least = n ? 255 : 0;
	*most = 0;
	for (size_t i = 0; i < n; i++) {
		const unsigned count = m->count[tensor][i];

		*least = count < *least ? count : *least;
		*most = count > *most ? count : *most;
	}
}

/* Is the span one that io.h allows for this tensor? */
static void check_span(const struct bl_tensor *t, const struct bl_span *span, bool chunked)
{
	const uint64_t row = chunked ? bl_row_of_chunks(t) : 1;

	if (span->chunk) {
		require(chunked && t->chunk, "a chunk of what has none");
		require(span->first < t->chunks, "a chunk beyond the last");
		require(span->count == t->chunk_count, "not a whole chunk");
		return;
	}
	require(span->first * bl_dtype(t->dtype)->bits % 8 == 0,
		"a range that begins within a byte");
	require(span->first < t->count && span->count <= t->count - span->first, "beyond the end");
	require(span->first % row == 0, "a range that does not begin with a row of chunks");
	require(span->count % row == 0 || span->first + span->count == t->count,
		"a range that does not end with a row of chunks");
}

/* The element at place k of a span; MEMORY_NOWHERE: beyond the tensor's edge. */
static uint64_t element_of(const struct bl_tensor *t, const struct bl_span *span, uint64_t k)
{
	uint64_t element = 0, step = 1, chunk = span->first;

	if (!span->chunk)
		return span->first + k;
	for (unsigned i = t->rank; i-- > 0;) {
		const uint64_t grid = (t->dim[i] + t->chunk[i] - 1) / t->chunk[i];
		const uint64_t at = chunk % grid * t->chunk[i] + k % t->chunk[i];

		if (at >= t->dim[i])
			return MEMORY_NOWHERE;
		element += at * step;
		step *= t->dim[i];
		chunk /= grid;
		k /= t->chunk[i];
	}
	return element;
}

/* Bytes [*from, *to) of a tensor that element k takes; 4- and 6-bit elements go by groups. */
static size_t bytes_of(
	const struct bl_tensor *t, const struct bl_span *span, uint64_t k, size_t *at)
{
	const unsigned bits = bl_dtype(t->dtype)->bits;
	const uint64_t element = element_of(t, span, k);

	if (element == MEMORY_NOWHERE)
		return 0;
	*at = element * bits / 8;
	return (element + 1) * bits / 8 - *at;
}

/* Takes from a span what is in its first tensor; *tensor and *span are what is left, with count 0
 * at the end. */
static struct bl_span take_part(const struct memory *m, size_t *tensor, struct bl_span *span)
{
	const struct bl_tensor *t = &m->cat->tensor[*tensor];
	struct bl_span part = *span;

	if (!span->chunk && span->first < t->count && span->count > t->count - span->first)
		part.count = t->count - span->first;
	span->count -= part.count;
	span->first = 0;
	if (span->count > 0) {
		require(*tensor + 1 < m->cat->tensors, "a range beyond the last tensor");
		require(t[1].dtype == t->dtype, "a range through several types");
		require(bl_dtype(t->dtype)->bits >= 8, "a range through parts of bytes");
		require(!t->chunk && !t[1].chunk, "a range through chunks");
		require(span->count >= t[1].count || t[1].count == 0,
			"a range that ends within a later tensor");
		++*tensor;
	}
	return part;
}

/* Copies between a part's buffer and the values, counting. Reading fills what is beyond the edge
 * with zeros, as io.h says. */
static void transfer_part(struct memory *m, size_t tensor, const struct bl_span *span,
	unsigned char *dst, const unsigned char *src)
{
	const struct bl_tensor *t = &m->cat->tensor[tensor];
	const size_t bits = bl_dtype(t->dtype)->bits;

	for (uint64_t k = 0; k < span->count; k++) {
		const size_t in_span = k * bits / 8, end_in_span = (k + 1) * bits / 8;
		size_t at = 0, n = bytes_of(t, span, k, &at);

		if (n == 0 && dst)
			memset(dst + in_span, 0, end_in_span - in_span);
		for (size_t i = 0; i < n; i++, at++) {
			__atomic_fetch_add(&m->count[tensor][at], 1, __ATOMIC_RELAXED);
			if (dst)
				dst[in_span + i] = m->value[tensor][at];
			else
				m->value[tensor][at] = src[in_span + i];
		}
	}
}

/* The same of all parts. */
static void transfer(struct memory *m, size_t tensor, struct bl_span span, unsigned char *dst,
	const unsigned char *src)
{
	while (span.count > 0) {
		const size_t at = tensor;
		const struct bl_span part = take_part(m, &tensor, &span);
		const size_t n = part.count * bl_dtype(m->cat->tensor[at].dtype)->bits / 8;

		transfer_part(m, at, &part, dst, src);
		if (dst)
			dst += n;
		else
			src += n;
	}
}

/* Is every part of a span one that io.h allows? */
static void check_parts(const struct memory *m, size_t tensor, struct bl_span span, bool chunked)
{
	require(span.count > 0, "an empty range");
	while (span.count > 0) {
		const size_t at = tensor;
		const struct bl_span part = take_part(m, &tensor, &span);

		check_span(&m->cat->tensor[at], &part, chunked);
	}
}

static bool covers_part(const struct memory *m, size_t tensor, const struct bl_span *span)
{
	const struct bl_tensor *t = &m->cat->tensor[tensor];

	if (m->fault.element == MEMORY_NOWHERE || m->fault.tensor != tensor)
		return false;
	for (uint64_t k = 0; k < span->count; k++)
		if (element_of(t, span, k) == m->fault.element)
			return true;
	return false;
}

static bool covers(const struct memory *m, size_t tensor, struct bl_span span)
{
	while (span.count > 0) {
		const size_t at = tensor;
		const struct bl_span part = take_part(m, &tensor, &span);

		if (covers_part(m, at, &part))
			return true;
	}
	return false;
}

static int fail(const struct memory *m, enum bl_exit code, struct bl_err *err)
{
	bl_fail(err, code, "%s", m->fault.text ? m->fault.text : "closed");
	if (!m->fault.text)
		err->text[0] = '\0';
	return -1;
}

/* Counts a call, sets the stop flag when it is time, lets others run. */
static void tick(struct memory *m)
{
	const unsigned n = atomic_fetch_add(&m->calls, 1) + 1;

	if (m->stop && n == m->stop_at)
		__atomic_store_n(m->stop, SIGTERM, __ATOMIC_RELAXED);
	if (m->seed) {
		uint64_t state = m->seed + n;

		for (uint64_t k = arith_below(&state, 4); k > 0; k--)
			sched_yield();
	}
}

/* What a thread's working memory is: as large as the largest chunk, used by one at a time. */
struct work {
	const struct bl_format *format;
	size_t size;
	atomic_bool busy;
	unsigned char room[];
};

static size_t work_size(size_t largest_chunk)
{
	return sizeof(struct work) + largest_chunk;
}

static void *work_new(const struct bl_format *format, size_t largest_chunk)
{
	struct work *w = calloc(1, work_size(largest_chunk));

	if (!w)
		return NULL;
	w->format = format;
	w->size = largest_chunk;
	return w;
}

static void *working_new(size_t largest_chunk)
{
	return work_new(&memory_working, largest_chunk);
}

static void *other_new(size_t largest_chunk)
{
	return work_new(&memory_other, largest_chunk);
}

static void begin_work(struct work *w, const struct bl_format *format, const struct bl_tensor *t)
{
	const uint64_t bytes = t->chunk ? t->chunk_count * bl_dtype(t->dtype)->bits / 8 : 0;

	if (!format->work_new) {
		require(w == NULL, "working memory that was not asked for");
		return;
	}
	require(w && w->format == format, "working memory of another format");
	require(!atomic_exchange(&w->busy, true), "working memory of two threads");
	require(bytes <= w->size, "a chunk larger than was said");
	memset(w->room, 0xcc, bytes);
}

static void end_work(struct work *w)
{
	if (w)
		atomic_store(&w->busy, false);
}

static int read_span(const struct bl_source *src, size_t tensor, struct bl_span span, void *dst,
	void *work, struct bl_err *err)
{
	struct memory *m = src->state;
	const struct bl_tensor *t = &m->cat->tensor[tensor];

	tick(m);
	check_parts(m, tensor, span, true);
	if (covers(m, tensor, span))
		return fail(m, BL_INPUT, err);
	begin_work(work, src->format, t);
	transfer(m, tensor, span, dst, NULL);
	end_work(work);
	return 0;
}

/* Turns come in the order of the tiles: tensors ascending, within one the spans ascending. */
static void check_order(struct memory *m, size_t tensor, uint64_t first)
{
	require(!m->begun || tensor > m->last_tensor ||
			(tensor == m->last_tensor && first > m->last_first), "out of order");
	m->begun = true;
	m->last_tensor = tensor;
	m->last_first = first;
}

static int write_span(struct bl_sink *snk, size_t tensor, struct bl_span span, const void *src,
	void *work, struct bl_turn *turn, struct bl_err *err)
{
	struct memory *m = snk->state;
	const struct bl_tensor *t = &m->cat->tensor[tensor];
	const bool faulty = covers(m, tensor, span);
	const bool waits = snk->ordered && m->turns && (m->turns == 1 || tensor % 2);

	tick(m);
	check_parts(m, tensor, span, m->chunked);
	require(snk->ordered == (turn != NULL), "a turn that was not asked for, or none");
	if (faulty && !(waits && m->fault.between))
		return fail(m, BL_OUTPUT, err);
	begin_work(work, snk->format, t);
	if (!waits) {
		transfer(m, tensor, span, NULL, src);
		end_work(work);
		return 0;
	}
	end_work(work);
	if (bl_turn_wait(turn) != 0)
		return -1;
	if (faulty)
		return fail(m, BL_OUTPUT, err);
	check_order(m, tensor, span.first);
	transfer(m, tensor, span, NULL, src);
	bl_turn_done(turn);
	return 0;
}

const struct bl_format memory_plain = {.name = "plain", .runs = true,
	.read = read_span, .write = write_span};

const struct bl_format memory_working = {.name = "working", .runs = true,
	.read = read_span, .write = write_span,
	.work_size = work_size, .work_new = working_new, .work_free = free};

const struct bl_format memory_other = {.name = "other", .runs = true,
	.read = read_span, .write = write_span,
	.work_size = work_size, .work_new = other_new, .work_free = free};
