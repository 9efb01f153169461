/* hdf5_read.c - reads spans of HDF5 tensors: preads and decoding, without libhdf5. */
#include "hdf5_state.h"

#include <inttypes.h>
#include <string.h>

int bl_h5_check_span(const struct bl_tensor *t, const struct bl_h5_object *o, struct bl_span span,
	const struct bl_h5_work *work, struct bl_err *err)
{
	const uint64_t all = span.chunk ? t->chunks : t->count;
	const uint64_t n = span.chunk ? 1 : span.count;

	if (t->dtype == BL_OTHER)
		return bl_fail(err, BL_BUG, "its values are no numbers");
	if (span.first > all || n > all - span.first ||
		(span.chunk && span.count != t->chunk_count))
		return bl_fail(err, BL_BUG, "a span of %" PRIu64 " at %" PRIu64 " of %" PRIu64,
			span.count, span.first, all);
	if (t->chunk && o->layout == BL_H5_CHUNKED && t->chunk_count * o->element > work->room)
		return bl_fail(err, BL_BUG, "chunks of %" PRIu64 " elements in too little memory",
			t->chunk_count);
	return 0;
}

int bl_h5_chunks_of(const struct bl_tensor *t, struct bl_span span, uint64_t *first, uint64_t *end,
	struct bl_err *err)
{
	const uint64_t row = t->count / t->dim[0]; /* elements of one index of the first axis */
	const uint64_t across = t->dim[0] / t->chunk[0] + (t->dim[0] % t->chunk[0] != 0);
	const uint64_t per = t->chunks / across, from = span.first / row, n = span.count / row;

	if (span.first % row || span.count % row || from % t->chunk[0] ||
		(n % t->chunk[0] && from + n != t->dim[0]))
		return bl_fail(err, BL_BUG, "a range that is no whole row of chunks");
	*first = from / t->chunk[0] * per;
	*end = *first + (n / t->chunk[0] + (n % t->chunk[0] != 0)) * per;
	return 0;
}

/* What one call works on. */
struct reading {
	const struct bl_source *src;
	const struct bl_h5 *h;
	const struct bl_tensor *t;
	const struct bl_h5_object *o;
	struct bl_h5_work *work;
	struct bl_err *err;
};

/* A chunk that only the library can read. */
static int load_through(const struct reading *r, uint64_t number, unsigned char *dst, size_t bytes)
{
	struct bl_h5_chunk chunk = {.base = r->h->base, .size = r->h->super.size,
		.header = r->o->header, .rank = r->t->rank};
	int fd = bl_file_borrow(r->src->file, r->err), rc;

	if (fd < 0)
		return -1;
	bl_h5_chunk_first(r->t, number, chunk.coordinate);
	rc = bl_h5_scout_read(r->h->scout, fd, &chunk, dst, bytes, r->err);
	bl_file_return(r->src->file);
	return rc;
}

/* A chunk's values as stored, at dst: room for a whole chunk. */
static int load(const struct reading *r, uint64_t number, unsigned char *dst)
{
	const size_t bytes = (size_t)(r->t->chunk_count * r->o->element);
	struct bl_h5_extent e = {BL_H5_NOWHERE, 0, 0};
	bool raw = r->o->filters == 0;
	int rc;

	if (r->o->extent)
		e = bl_h5_extent(r->o, number);
	if (e.address == BL_H5_NOWHERE) {
		bl_h5_fill(dst, r->o->fill, (size_t)r->o->element, r->t->chunk_count);
		return 0;
	}
	if (r->o->raw_edges && bl_h5_chunk_is_edge(r->t, number))
		raw = true;
	if (r->o->foreign)
		rc = load_through(r, number, dst, bytes);
	else if (raw && e.size != bytes)
		rc = bl_fail(r->err, BL_INPUT, "it has %u bytes, not %zu", e.size, bytes);
	else if (raw)
		rc = bl_file_read(r->src->file, r->h->base + e.address, dst, bytes, r->err);
	else if (bl_file_read(r->src->file, r->h->base + e.address, r->work->stored, e.size,
			 r->err) != 0)
		rc = -1;
	else
		rc = bl_h5_decode(r->o, e.mask, e.size, dst, bytes, r->work, r->err);
	return rc == 0 ? 0 : bl_prefix(r->err, "chunk %" PRIu64, number);
}

static int read_chunk(const struct reading *r, uint64_t number, unsigned char *dst)
{
	const size_t element = (size_t)r->o->element;
	struct bl_h5_rows rows;

	if (!bl_h5_chunk_is_edge(r->t, number))
		return load(r, number, dst);
	if (load(r, number, r->work->chunk) != 0)
		return -1;
	memset(dst, 0, (size_t)r->t->chunk_count * element);
	bl_h5_rows_begin(&rows, r->t, number);
	while (bl_h5_rows_next(&rows))
		memcpy(dst + rows.in_chunk * element, r->work->chunk + rows.in_chunk * element,
			rows.length * element);
	return 0;
}

/* One chunk's part of a range that begins at element first. */
static int read_part(const struct reading *r, uint64_t number, uint64_t first, unsigned char *dst)
{
	const size_t element = (size_t)r->o->element;
	struct bl_h5_rows rows;

	bl_h5_rows_begin(&rows, r->t, number);
	if (rows.length == r->t->chunk_count) /* one run of the tensor */
		return load(r, number, dst + (rows.in_tensor - first) * element);
	if (load(r, number, r->work->chunk) != 0)
		return -1;
	while (bl_h5_rows_next(&rows))
		memcpy(dst + (rows.in_tensor - first) * element,
			r->work->chunk + rows.in_chunk * element, rows.length * element);
	return 0;
}

static int read_chunked(const struct reading *r, struct bl_span span, unsigned char *dst)
{
	uint64_t number, end;

	if (span.chunk)
		return read_chunk(r, span.first, dst);
	if (bl_h5_chunks_of(r->t, span, &number, &end, r->err) != 0)
		return -1;
	for (; number < end; number++)
		if (read_part(r, number, span.first, dst) != 0)
			return -1;
	return 0;
}

static int read_stored(const struct reading *r, struct bl_span span, unsigned char *dst)
{
	const size_t element = (size_t)r->o->element, bytes = (size_t)(span.count * r->o->element);

	switch (r->o->layout) {
	case BL_H5_CONTIGUOUS:
		return bl_file_read(r->src->file,
			r->h->base + r->o->address + span.first * r->o->element, dst, bytes,
			r->err);
	case BL_H5_UNALLOCATED:
		bl_h5_fill(dst, r->o->fill, element, span.count);
		return 0;
	case BL_H5_INLINE:
		memcpy(dst, r->o->inlined + span.first * r->o->element, bytes);
		return 0;
	case BL_H5_CHUNKED:
		return read_chunked(r, span, dst);
	case BL_H5_EMPTY:
	case BL_H5_LAYOUTS:
		break;
	}
	return 0;
}

int bl_h5_read(const struct bl_source *src, size_t tensor, struct bl_span span, void *dst,
	void *work, struct bl_err *err)
{
	const struct bl_h5 *h = src->state;
	const struct reading r = {src, h, &src->cat.tensor[tensor], &h->object[tensor], work, err};

	if (bl_h5_check_span(r.t, r.o, span, work, err) != 0)
		return -1;
	if (span.count == 0)
		return 0;
	if (read_stored(&r, span, dst) != 0)
		return -1;
	bl_h5_swap(dst, (size_t)(span.count * r.o->element), r.o->swap);
	return 0;
}
