/*
 * hdf5_sink.c - writes an average.
 *
 * Where nothing but values changes, it begins as a clone of the template: the same bytes but for
 * the values of the averaged datasets. So groups, attributes, links, references, orders and types
 * stay what they are. Else it begins as a new file (hdf5_fresh.h). From then on there is no
 * difference: where the values have a place of a fixed size they are written there; the scribe is
 * asked only for places of compressed chunks and of data that have none yet.
 */
#include "hdf5_fresh.h"
#include "hdf5_places.h"
#include "hdf5_state.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct sink {
	const struct bl_h5 *h;       /* the output's datasets: the template's, or fresh ones */
	const struct bl_tensor *tensor; /* of each of them */
	const size_t *place;         /* per tensor of the plan: which it is; NULL: the same */
	uint64_t base;               /* where HDF5 begins in the output */
	struct bl_h5_fresh fresh;
	struct bl_h5_scribe *scribe; /* NULL while it is not needed, as the next */
	struct bl_h5_places *places; /* chunks that wait */
	uint64_t *address;           /* per tensor: contiguous data */
	unsigned char **inlined;     /* per tensor: compact data to be written, as stored */
	size_t tensors;
};

/* Which dataset of the output a tensor of the plan is. */
static size_t place_of(const struct sink *s, size_t tensor)
{
	return s->place ? s->place[tensor] : tensor;
}

/* Do chunks of this object need places? */
static bool needs_places(const struct bl_tensor *t, const struct bl_h5_object *o)
{
	if (o->layout != BL_H5_CHUNKED)
		return false;
	if (o->filters || !o->extent)
		return true;
	for (uint64_t i = 0; i < t->chunks; i++)
		if (bl_h5_extent(o, i).address == BL_H5_NOWHERE)
			return true;
	return false;
}

/* While there are no threads yet. */
static int need_scribe(struct bl_sink *snk, struct bl_err *err)
{
	struct sink *s = snk->state;
	const struct bl_h5 *h = s->h;
	struct bl_h5_duty duty = bl_h5_scribing;

	if (s->scribe)
		return 0;
	duty.stop = bl_output_stop(snk->out);
	duty.copied = s->place ? NULL : snk->plan.template->path;
	return bl_h5_scribe_open(&s->scribe, &duty, h->scout ? &h->scout->plugins : NULL,
		bl_output_fd(snk->out), s->base, h->super.size, err);
}

/* The same for chunks without places of their own. */
static int need_places(struct bl_sink *snk, struct bl_err *err)
{
	struct sink *s = snk->state;

	snk->ordered = true;
	if (need_scribe(snk, err) != 0)
		return -1;
	if (s->places)
		return 0;
	return bl_h5_places_new(
		&s->places, s->scribe, snk->out, s->base, s->h->super.end, err);
}

/* Makes ready what one tensor that is written needs. */
static int prepare(struct bl_sink *snk, size_t i, struct bl_err *err)
{
	struct sink *s = snk->state;
	const struct bl_tensor *t = &s->tensor[place_of(s, i)];
	const struct bl_h5_object *o = &s->h->object[place_of(s, i)];

	s->address[i] = o->address;
	if (o->foreign) {
		snk->ordered = true;
		return need_scribe(snk, err);
	}
	if (needs_places(t, o))
		return need_places(snk, err);
	if (o->layout == BL_H5_UNALLOCATED) {
		if (need_scribe(snk, err) != 0 ||
			bl_h5_scribe_allocate(s->scribe, o->header, &s->address[i], err) != 0)
			return -1;
		return bl_h5_place_check(
			s->h->super.end, s->address[i], t->count * o->element, err);
	}
	if (o->layout == BL_H5_INLINE) {
		if (need_scribe(snk, err) != 0)
			return -1;
		s->inlined[i] = calloc(1, (size_t)t->bytes);
		if (!s->inlined[i])
			return bl_fail_memory(err, (size_t)t->bytes, "compact data");
	}
	return 0;
}

static int make_state(struct bl_sink *snk, struct bl_err *err)
{
	const size_t n = bl_sink_catalog(&snk->plan)->tensors;
	struct sink *s = calloc(1, sizeof *s);

	if (!s)
		return bl_fail_memory(err, sizeof *s, "an output");
	snk->state = s;
	s->tensors = n;
	s->address = calloc(n ? n : 1, sizeof *s->address);
	s->inlined = calloc(n ? n : 1, sizeof *s->inlined);
	if (!s->address || !s->inlined)
		return bl_fail_memory(err, n * sizeof *s->address, "an output");
	return 0;
}

/* Has the attribute to be written, or the word of another average to be removed? */
static bool tells(const struct bl_sink *snk)
{
	const struct sink *s = snk->state;

	return snk->plan.provenance ||
		(!s->place && bl_catalog_meta(&snk->plan.template->cat, "belay"));
}

static int begin_clone(struct bl_sink *snk, struct bl_err *err)
{
	struct sink *s = snk->state;

	s->h = snk->plan.template->state;
	s->tensor = snk->plan.template->cat.tensor;
	return bl_h5_clone(snk, err);
}

static int begin_fresh(struct bl_sink *snk, struct bl_err *err)
{
	struct sink *s = snk->state;

	if (bl_h5_fresh_make(snk, s->base, &s->fresh, err) != 0)
		return -1;
	s->h = s->fresh.made.state;
	s->tensor = s->fresh.made.cat.tensor;
	s->place = s->fresh.place;
	return 0;
}

/* Prepares all tensors that come through write(). */
static int prepare_all(struct bl_sink *snk, struct bl_err *err)
{
	const struct bl_catalog *cat = bl_sink_catalog(&snk->plan);
	bool *needed = calloc(cat->tensors + 1, sizeof *needed);
	int rc = 0;

	if (!needed)
		return bl_fail_memory(err, cat->tensors, "an output");
	snk->format->needs(&snk->plan, needed);
	for (size_t i = 0; rc == 0 && i < cat->tensors; i++)
		if (needed[i] && prepare(snk, i, err) != 0)
			rc = bl_prefix(err, "%s", cat->tensor[i].name);
	free(needed);
	return rc;
}

int bl_h5_create(struct bl_sink *snk, uint64_t base, struct bl_err *err)
{
	struct sink *s;

	snk->ordered = false;
	if (bl_output_is_pipe(snk->out)) {
		bl_fail(err, BL_USAGE, "HDF5 cannot be written to a pipe");
		return bl_hint(err, "name a file");
	}
	if (make_state(snk, err) != 0)
		return -1;
	s = snk->state;
	s->base = base;
	if ((bl_h5_clones(&snk->plan, snk->format) ? begin_clone : begin_fresh)(snk, err) != 0)
		return -1;
	if (prepare_all(snk, err) != 0)
		return -1;
	return tells(snk) ? need_scribe(snk, err) : 0;
}

uint64_t bl_h5_size_most(const struct bl_sink *snk)
{
	const struct sink *s = snk->state;
	uint64_t most = s->h->super.size;

	for (size_t i = 0; i < s->fresh.made.cat.tensors; i++) {
		const struct bl_tensor *t = &s->tensor[i];
		const uint64_t chunk = t->chunk_count * s->h->object[i].element;

		if (t->chunk && t->dtype != BL_OTHER)
			most += t->chunks * bl_h5_stored_max(chunk);
	}
	return most;
}

/* What one call works on. */
struct writing {
	struct bl_sink *snk;
	struct sink *s;
	const struct bl_tensor *t;
	const struct bl_h5_object *o;
	size_t tensor;
	struct bl_h5_work *work;
	struct bl_turn *turn; /* NULL: this call is alone */
	bool mine;            /* the turn has come */
	struct bl_err *err;
};

static int write_contiguous(const struct writing *w, struct bl_span span, const unsigned char *src)
{
	const size_t element = (size_t)w->o->element;
	uint64_t at = w->s->base + w->s->address[w->tensor] + span.first * element;
	size_t left = (size_t)(span.count * element);

	if (!w->o->swap)
		return bl_output_write(w->snk->out, at, src, left, w->err);
	while (left) {
		size_t n = left < BL_H5_WORK_MIN ? left : BL_H5_WORK_MIN;

		memcpy(w->work->chunk, src, n);
		bl_h5_swap(w->work->chunk, n, w->o->swap);
		if (bl_output_write(w->snk->out, at, w->work->chunk, n, w->err) != 0)
			return -1;
		src += n;
		at += n;
		left -= n;
	}
	return 0;
}

static void write_inline(const struct writing *w, struct bl_span span, const unsigned char *src)
{
	const size_t element = (size_t)w->o->element;
	unsigned char *to = w->s->inlined[w->tensor] + span.first * element;

	memcpy(to, src, (size_t)(span.count * element));
	bl_h5_swap(to, (size_t)(span.count * element), w->o->swap);
}

/* Encodes a chunk that has no place of its own, waits for the turn, gets it one. */
static int write_placed(struct writing *w, uint64_t number, const unsigned char *values,
	size_t bytes, uint32_t mask, bool raw, bool last)
{
	struct bl_h5_place place = {.header = w->o->header, .mask = mask, .rank = w->t->rank};
	uint64_t offset;
	size_t n = bytes;

	if (!raw)
		values = bl_h5_encode(w->o, w->snk->plan.deflate, mask, values, bytes, &n,
			w->work, w->err);
	if (!values)
		return -1;
	place.size = n;
	bl_h5_chunk_first(w->t, number, place.coordinate);
	if (w->turn && !w->mine && bl_turn_wait(w->turn) != 0)
		return -1;
	w->mine = true;
	if (bl_h5_places_add(w->s->places, &place, values, &offset, w->err) != 0)
		return -1;
	if (w->turn && last) {
		bl_turn_done(w->turn);
		w->mine = false;
	}
	return offset ? bl_output_write(w->snk->out, offset, values, n, w->err) : 0;
}

/* Has the library encode and write a chunk, in its turn. */
static int write_through(struct writing *w, uint64_t number, const unsigned char *values,
	size_t bytes, bool last)
{
	struct bl_h5_place place = {.header = w->o->header, .size = bytes, .rank = w->t->rank};

	bl_h5_chunk_first(w->t, number, place.coordinate);
	if (w->turn && !w->mine && bl_turn_wait(w->turn) != 0)
		return -1;
	w->mine = true;
	if ((w->s->places && bl_h5_places_flush(w->s->places, w->err) != 0) ||
		bl_h5_scribe_write(w->s->scribe, &place, values, w->err) != 0)
		return -1;
	if (w->turn && last) {
		bl_turn_done(w->turn);
		w->mine = false;
	}
	return 0;
}

/* Writes a chunk's values, in stored byte order. last: of this call. */
static int write_chunk(struct writing *w, uint64_t number, const unsigned char *values, bool last)
{
	const size_t element = (size_t)w->o->element, bytes = (size_t)w->t->chunk_count * element;
	struct bl_h5_extent e = {BL_H5_NOWHERE, 0, 0};
	bool raw = w->o->filters == 0;

	if (w->o->extent)
		e = bl_h5_extent(w->o, number);
	if (w->o->raw_edges && bl_h5_chunk_is_edge(w->t, number))
		raw = true;
	if (e.address == BL_H5_NOWHERE &&
		bl_h5_is_fill(values, w->o->fill, element, w->t->chunk_count))
		return 0; /* what is not stored stays so while it is the fill value */
	if (w->o->foreign)
		return write_through(w, number, values, bytes, last);
	if (raw && e.address != BL_H5_NOWHERE)
		return bl_output_write(w->snk->out, w->s->base + e.address, values, bytes, w->err);
	return write_placed(w, number, values, bytes, e.mask, raw, last);
}

/* Values of one chunk from src, where element first stands at the beginning; the rest of the chunk
 * is filled as HDF5 does, for whoever makes the dataset larger later. */
static const unsigned char *gather(const struct writing *w, uint64_t number,
	const unsigned char *src, bool is_chunk, uint64_t first)
{
	const size_t element = (size_t)w->o->element;
	unsigned char fill[16] = {0}, *to = w->work->chunk;
	struct bl_h5_rows rows;

	bl_h5_rows_begin(&rows, w->t, number);
	if (!w->o->swap && rows.length == w->t->chunk_count)
		return is_chunk ? src : src + (rows.in_tensor - first) * element;
	if (!w->o->swap && is_chunk && !bl_h5_chunk_is_edge(w->t, number))
		return src;
	if (w->o->fill)
		memcpy(fill, w->o->fill, element);
	bl_h5_swap(fill, element, w->o->swap); /* and back, with the values */
	bl_h5_fill(to, fill, element, w->t->chunk_count);
	while (bl_h5_rows_next(&rows))
		memcpy(to + rows.in_chunk * element,
			src + (is_chunk ? rows.in_chunk : rows.in_tensor - first) * element,
			rows.length * element);
	bl_h5_swap(to, (size_t)w->t->chunk_count * element, w->o->swap);
	return to;
}

static int write_chunked(struct writing *w, struct bl_span span, const unsigned char *src)
{
	uint64_t number = span.first, end = span.first + 1;

	if (!span.chunk && bl_h5_chunks_of(w->t, span, &number, &end, w->err) != 0)
		return -1;
	for (; number < end; number++) {
		const unsigned char *values = gather(w, number, src, span.chunk, span.first);

		if (write_chunk(w, number, values, number + 1 == end) != 0)
			return w->err->text[0] ? bl_prefix(w->err, "chunk %" PRIu64, number) : -1;
	}
	if (w->mine && w->turn)
		bl_turn_done(w->turn);
	return 0;
}

/* Of values in one piece; pieces of others are chunks. */
uint64_t bl_h5_place(const struct bl_sink *snk, size_t tensor)
{
	const struct sink *s = snk->state;

	return s->address[tensor] ? s->base + s->address[tensor] : 0;
}

size_t bl_h5_write_size(const struct bl_sink_plan *plan)
{
	return bl_deflate_size(plan->deflate);
}

int bl_h5_write(struct bl_sink *snk, size_t tensor, struct bl_span span, const void *src,
	void *work, struct bl_turn *turn, struct bl_err *err)
{
	struct sink *s = snk->state;
	const size_t place = place_of(s, tensor);
	struct writing w = {.snk = snk, .s = s, .tensor = tensor, .work = work,
		.t = &s->tensor[place], .o = &s->h->object[place], .turn = turn, .err = err};

	if (bl_h5_check_span(w.t, w.o, span, work, err) != 0)
		return -1;
	if (span.count == 0)
		return 0;
	switch (w.o->layout) {
	case BL_H5_CONTIGUOUS:
	case BL_H5_UNALLOCATED:
		return write_contiguous(&w, span, src);
	case BL_H5_INLINE:
		write_inline(&w, span, src);
		return 0;
	case BL_H5_CHUNKED:
		return write_chunked(&w, span, src);
	case BL_H5_EMPTY:
	case BL_H5_LAYOUTS:
		break;
	}
	return 0;
}

/* What the library writes itself, in the catalogue's order. */
static int write_late(struct bl_sink *snk, struct bl_err *err)
{
	struct sink *s = snk->state;

	for (size_t i = 0; i < s->tensors; i++) {
		const size_t at = place_of(s, i);

		if (s->inlined[i] &&
			bl_h5_scribe_store(s->scribe, s->h->object[at].header, s->inlined[i],
				(size_t)s->tensor[at].bytes, err) != 0)
			return bl_prefix(err, "%s", s->tensor[at].name);
	}
	if (!tells(snk))
		return 0;
	return bl_h5_scribe_attribute(s->scribe, "belay", snk->plan.provenance, err);
}

int bl_h5_complete(struct bl_sink *snk, uint64_t *size, struct bl_err *err)
{
	struct sink *s = snk->state;
	int rc;

	*size = s->h->super.size;
	if (s->places && bl_h5_places_flush(s->places, err) != 0)
		return -1;
	if (write_late(snk, err) != 0)
		return -1;
	if (!s->scribe)
		return 0;
	rc = bl_h5_scribe_close(s->scribe, size, err);
	s->scribe = NULL;
	if (rc != 0)
		return -1;
	return bl_h5_place_check(0, s->base, *size, err);
}

int bl_h5_finish(struct bl_sink *snk, struct bl_err *err)
{
	const struct sink *s = snk->state;
	uint64_t size;

	if (bl_h5_complete(snk, &size, err) != 0)
		return -1;
	return bl_output_resize(snk->out, s->base + size, err);
}

void bl_h5_abandon(struct bl_sink *snk)
{
	struct sink *s = snk->state;

	if (!s)
		return;
	bl_h5_places_free(s->places);
	bl_h5_scribe_abandon(s->scribe);
	for (size_t i = 0; i < s->tensors && s->inlined; i++)
		free(s->inlined[i]);
	free(s->inlined);
	free(s->address);
	bl_h5_fresh_free(&s->fresh);
	free(s);
	snk->state = NULL;
}
