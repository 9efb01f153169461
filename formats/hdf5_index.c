/*
 * hdf5_index.c - takes an index for hostile input and makes the catalogue of it.
 *
 * Whoever wrote the words may have been taken over by the file it read. So every field is checked
 * here, whether or not the walk has checked it too.
 */
#include "hdf5_claims.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BOMB_BYTES ((uint64_t)4 << 30)  /* a dataset below this is no bomb */
#define BOMB_CHUNK ((uint64_t)16 << 20) /* nor a chunk below this: it may be all zeros */
#define BOMB_RATIO 1000                 /* times what is stored */

/* Reading the words. */
struct reader {
	const uint64_t *at;
	size_t left;
	bool bad; /* ran out of words, or a field is impossible */
	const struct bl_h5_super *super;
	bool plugins;
	struct bl_h5_claims claims;
};

static uint64_t take(struct reader *r)
{
	if (r->left == 0) {
		r->bad = true;
		return 0;
	}
	r->left--;
	return *r->at++;
}

/* A number up to max. */
static uint64_t take_max(struct reader *r, uint64_t max)
{
	uint64_t v = take(r);

	if (v <= max)
		return v;
	r->bad = true;
	return 0;
}

static const unsigned char *take_bytes(struct reader *r, size_t *len)
{
	const unsigned char *bytes = (const unsigned char *)(r->at + (r->left != 0));
	const uint64_t n = take(r);
	const uint64_t words = n / 8 + (n % 8 != 0);

	*len = 0;
	if (r->bad || words > r->left) {
		r->bad = true;
		return NULL;
	}
	r->at += words;
	r->left -= (size_t)words;
	*len = (size_t)n;
	return bytes;
}

static int damaged(struct bl_err *err)
{
	return bl_fail(err, BL_INPUT, "its index is damaged");
}

uint64_t bl_h5_stored_max(uint64_t n)
{
	return n + n / 256 + 256;
}

struct bl_h5_extent bl_h5_extent(const struct bl_h5_object *o, uint64_t number)
{
	const uint64_t *at = o->extent + 2 * number;
	struct bl_h5_extent e = {at[0], (uint32_t)at[1], (uint32_t)(at[1] >> 32)};

	return e;
}

/* dtype, element, swap: do they belong together? */
static bool type_is_sound(const struct bl_h5_object *o, enum bl_dtype dtype)
{
	const struct bl_dtype_info *info = bl_dtype(dtype);

	if (dtype == BL_OTHER)
		return o->element > 0 && o->swap == 0;
	if (info->bits % 8 || o->element != info->bits / 8)
		return false;
	return o->swap == 0 || (o->swap > 1 && o->swap * info->lanes == o->element);
}

static int take_fill(struct reader *r, struct bl_h5_object *o, struct bl_err *err)
{
	size_t len;
	const unsigned char *fill = take_bytes(r, &len);

	if (r->bad || (len && len != o->element))
		return damaged(err);
	o->fill = len ? fill : NULL;
	return 0;
}

/* A name that can be a C string. */
static char *take_name(struct reader *r, struct bl_catalog *cat, struct bl_err *err)
{
	size_t len;
	const unsigned char *bytes = take_bytes(r, &len);

	if (r->bad || memchr(bytes, '\0', len)) {
		damaged(err);
		return NULL;
	}
	return bl_catalog_text(cat, (const char *)bytes, len, err);
}

/* Values that cannot be read, and why (NULL: nobody has said): they are no numbers to anybody, but
 * can be copied as they are. */
static int seal(const struct bl_h5_object *o, struct bl_tensor *t, const char *why,
	uint64_t stored, struct bl_catalog *cat, struct bl_err *err)
{
	char text[64];

	snprintf(text, sizeof text, "its filter %u is not supported", o->foreign);
	t->sealed = why ? why : bl_catalog_text(cat, text, strlen(text), err);
	t->seals_weights = bl_dtype_averages(t->dtype);
	t->dtype = BL_OTHER;
	t->keep = NULL;
	t->bytes = stored;
	return t->sealed ? 0 : -1;
}

static int take_filters(struct reader *r, struct bl_h5_object *o, struct bl_tensor *t,
	uint64_t stored, struct bl_catalog *cat, struct bl_err *err)
{
	const uint64_t n = take_max(r, 32);
	const char *why = NULL;
	bool through;

	for (uint64_t i = 0; i < n; i++) {
		const uint64_t id = take_max(r, UINT32_MAX), value = take_max(r, UINT32_MAX);

		if (r->bad || id == 0)
			return damaged(err);
		for (unsigned k = 0; k < o->filters; k++)
			if (o->filter[k].id == id) /* twice: nobody does that */
				o->foreign = (unsigned)id;
		if (id > BL_H5_FLETCHER32 || o->foreign || o->filters == BL_H5_FILTERS) {
			o->foreign = (unsigned)id;
			continue;
		}
		if (id == BL_H5_DEFLATE && value > 9)
			return bl_fail(err, BL_INPUT, "its deflate level is %" PRIu64, value);
		o->filter[o->filters].id = (unsigned)id;
		o->filter[o->filters++].value = (unsigned)value;
	}
	through = take_max(r, 1) != 0;
	if (!through && !r->bad && !(why = take_name(r, cat, err)))
		return -1;
	if (r->bad)
		return damaged(err);
	if (!o->foreign || t->dtype == BL_OTHER || (r->plugins && through))
		return 0;
	return seal(o, t, why, stored, cat, err);
}

/* One chunk: it must be able to be what it says. */
static int check_extent(struct reader *r, const struct bl_h5_object *o, const struct bl_tensor *t,
	uint64_t number, size_t tensor, uint64_t chunk_bytes, struct bl_err *err)
{
	const struct bl_h5_extent e = bl_h5_extent(o, number);

	if (e.address == BL_H5_NOWHERE)
		return e.size == 0 ? 0 : damaged(err);
	if (e.size == 0)
		return damaged(err);
	if (bl_h5_claim(&r->claims, r->super, e.address, e.size, tensor, false, err) != 0)
		return bl_prefix(err, "chunk %" PRIu64, number);
	if (t->dtype == BL_OTHER)
		return 0;
	if (o->filters == 0 && !o->foreign && e.size != chunk_bytes)
		return bl_fail(err, BL_INPUT, "chunk %" PRIu64 ": %u bytes are stored, not %"
			PRIu64, number, e.size, chunk_bytes);
	if (e.size > bl_h5_stored_max(chunk_bytes) && !o->foreign)
		return bl_fail(err, BL_INPUT, "chunk %" PRIu64 ": %u bytes are stored for %" PRIu64,
			number, e.size, chunk_bytes);
	if (chunk_bytes > BOMB_CHUNK && chunk_bytes / BOMB_RATIO > e.size)
		return bl_fail(err, BL_INPUT, "chunk %" PRIu64 ": %" PRIu64
			" bytes are stored as %u, over %d times less", number, chunk_bytes, e.size,
			BOMB_RATIO);
	return 0;
}

static int take_chunks(struct reader *r, struct bl_h5_object *o, const struct bl_tensor *t,
	size_t tensor, uint64_t chunk_bytes, struct bl_err *err)
{
	const uint64_t n = take_max(r, BL_H5_CHUNKS);

	if (r->bad || (n && n != t->chunks) || n > r->left / 2)
		return damaged(err);
	if (n == 0)
		return 0;
	o->extent = r->at;
	r->at += 2 * n;
	r->left -= 2 * (size_t)n;
	for (uint64_t i = 0; i < n; i++)
		if (check_extent(r, o, t, i, tensor, chunk_bytes, err) != 0)
			return -1;
	return 0;
}

static int take_chunked(struct reader *r, struct bl_h5_object *o, struct bl_tensor *t,
	uint64_t stored, struct bl_catalog *cat, struct bl_err *err)
{
	uint64_t *chunk = bl_catalog_alloc(cat, t->rank * sizeof *chunk, err), bytes, marks;

	if (!chunk)
		return -1;
	if (t->rank == 0 || take_fill(r, o, err) != 0)
		return damaged(err);
	for (unsigned i = 0; i < t->rank; i++)
		chunk[i] = take(r);
	marks = take_max(r, BL_H5_RAW_EDGES | BL_H5_RESIZABLE);
	o->raw_edges = marks & BL_H5_RAW_EDGES;
	o->resizable = marks & BL_H5_RESIZABLE;
	t->chunk = chunk;
	if (r->bad)
		return damaged(err);
	if (bl_tensor_measure(t, err) != 0 || take_filters(r, o, t, stored, cat, err) != 0)
		return -1;
	if (__builtin_mul_overflow(t->chunk_count, o->element, &bytes) ||
		(bytes > BL_H5_CHUNK_BYTES && t->dtype != BL_OTHER))
		return bl_fail(err, BL_INPUT, "its chunks are larger than %" PRIu64 " bytes",
			BL_H5_CHUNK_BYTES);
	return take_chunks(r, o, t, (size_t)(t - cat->tensor), bytes, err);
}

static int take_inline(struct reader *r, struct bl_h5_object *o, const struct bl_tensor *t,
	struct bl_err *err)
{
	size_t len;

	o->inlined = take_bytes(r, &len);
	if (r->bad || (t->dtype != BL_OTHER && (len != t->bytes || len > BL_H5_COMPACT)))
		return damaged(err);
	return 0;
}

static int take_contiguous(struct reader *r, struct bl_h5_object *o, size_t tensor,
	uint64_t needed, uint64_t stored, struct bl_err *err)
{
	o->address = take(r);
	if (r->bad)
		return damaged(err);
	if (stored != needed)
		return bl_fail(err, BL_INPUT, "its shape needs %" PRIu64 " bytes, but %" PRIu64
			" are stored", needed, stored);
	return bl_h5_claim(&r->claims, r->super, o->address, needed, tensor, false, err);
}

static int take_layout(struct reader *r, struct bl_h5_object *o, struct bl_tensor *t,
	uint64_t stored, struct bl_catalog *cat, struct bl_err *err)
{
	uint64_t bytes = stored; /* what is only copied needs no other size */

	if (t->dtype != BL_OTHER && __builtin_mul_overflow(t->count, o->element, &bytes))
		return bl_fail(err, BL_INPUT, "its shape has more than 2^64 bytes");
	o->layout = (enum bl_h5_layout)take_max(r, BL_H5_LAYOUTS - 1);
	if (r->bad || (o->layout == BL_H5_EMPTY) != (t->count == 0))
		return damaged(err);
	if (o->layout != BL_H5_CONTIGUOUS && !r->super->made && bytes > BOMB_BYTES &&
		bytes / BOMB_RATIO > stored)
		return bl_fail(err, BL_INPUT, "it declares %" PRIu64 " bytes and stores %" PRIu64
			", over %d times less", bytes, stored, BOMB_RATIO);
	switch (o->layout) {
	case BL_H5_CONTIGUOUS:
		return take_contiguous(r, o, (size_t)(t - cat->tensor), bytes, stored, err);
	case BL_H5_UNALLOCATED:
		return take_fill(r, o, err);
	case BL_H5_INLINE:
		return take_inline(r, o, t, err);
	case BL_H5_CHUNKED:
		return take_chunked(r, o, t, stored, cat, err);
	case BL_H5_EMPTY:
	case BL_H5_LAYOUTS:
		break;
	}
	return 0;
}

static int take_shape(struct reader *r, struct bl_tensor *t, struct bl_catalog *cat,
	struct bl_err *err)
{
	uint64_t *dim;

	t->rank = (unsigned)take_max(r, BL_H5_RANK);
	if (r->bad)
		return damaged(err);
	dim = bl_catalog_alloc(cat, t->rank * sizeof *dim, err);
	if (!dim)
		return -1;
	for (unsigned i = 0; i < t->rank; i++)
		dim[i] = take(r);
	t->dim = dim;
	return r->bad ? damaged(err) : bl_tensor_measure(t, err);
}

/* All of a dataset's row but its name. */
static int take_object(struct reader *r, struct bl_h5_object *o, struct bl_tensor *t,
	struct bl_catalog *cat, struct bl_err *err)
{
	uint64_t header_bytes, header, stored;
	bool unsaid;

	o->header = take(r);
	header_bytes = take(r);
	t->dtype = (enum bl_dtype)take_max(r, BL_H5_OPAQUE2);
	unsaid = t->dtype == BL_H5_OPAQUE2;
	if (unsaid)
		t->dtype = BL_OTHER;
	o->element = take(r);
	o->swap = (unsigned)take_max(r, 8);
	stored = take(r);
	if (r->bad || !type_is_sound(o, t->dtype) ||
		__builtin_add_overflow(o->header, r->super->start, &header))
		return damaged(err);
	if (bl_h5_claim(&r->claims, r->super, header, header_bytes ? header_bytes : 1,
		(size_t)(t - cat->tensor), true, err) != 0 || take_shape(r, t, cat, err) != 0)
		return -1;
	t->keep = unsaid ? "opaque" : NULL;
	if (t->dtype == BL_OTHER)
		t->bytes = stored;
	return take_layout(r, o, t, stored, cat, err);
}

static int take_attributes(struct reader *r, size_t n, struct bl_catalog *cat, struct bl_err *err)
{
	for (size_t i = 0; i < n; i++) {
		struct bl_meta *m = &cat->meta[i];

		m->key = take_name(r, cat, err);
		if (!m->key)
			return -1;
		m->value = take_name(r, cat, err);
		if (!m->value)
			return -1;
		cat->metas++;
	}
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

/* One name, one tensor. */
static int check_names(const struct bl_catalog *cat, struct bl_err *err)
{
	const char **name = calloc(cat->tensors ? cat->tensors : 1, sizeof *name);
	int rc = 0;

	if (!name)
		return bl_fail_memory(err, cat->tensors * sizeof *name, "a list of names");
	for (size_t i = 0; i < cat->tensors; i++)
		name[i] = cat->tensor[i].name;
	qsort(name, cat->tensors, sizeof *name, by_name);
	for (size_t i = 1; i < cat->tensors && rc == 0; i++)
		if (strcmp(name[i - 1], name[i]) == 0)
			rc = bl_fail(err, BL_INPUT, "%s: two datasets have this name", name[i]);
	free(name);
	return rc;
}

static int take_datasets(struct reader *r, size_t n, struct bl_catalog *cat,
	struct bl_h5_object *object, struct bl_err *err)
{
	for (size_t i = 0; i < n; i++) {
		struct bl_tensor *t = &cat->tensor[i];

		t->name = take_name(r, cat, err);
		if (!t->name)
			return -1;
		cat->tensors++;
		if (take_object(r, &object[i], t, cat, err) != 0)
			return bl_prefix(err, "%s", t->name);
	}
	return 0;
}

static int take_extras(struct reader *r, struct bl_catalog *cat, struct bl_err *err)
{
	static const struct bl_extra kind[BL_H5_EXTRAS] = {
		[BL_H5_EXTRA_ATTRIBUTE] = {"attribute of a group or dataset",
			"attributes of groups and datasets", 0, NULL, false},
		[BL_H5_EXTRA_ROOT_ATTRIBUTE] = {"attribute that is no short string or number",
			"attributes that are no short strings or numbers", 0, NULL, false},
		[BL_H5_EXTRA_SOFT_LINK] = {"soft link", "soft links", 0, NULL, false},
		[BL_H5_EXTRA_HARD_LINK] = {"further name (hard link)",
			"further names (hard links)", 0, NULL, false},
		[BL_H5_EXTRA_GROUP] = {"empty group", "empty groups", 0, NULL, false},
		[BL_H5_EXTRA_TYPE] = {"named type", "named types", 0, NULL, false},
	};
	const struct bl_extra block = {"byte before HDF5 (user block)",
		"bytes before HDF5 (user block)", r->super->start, NULL, false};

	for (size_t i = 0; i < BL_H5_EXTRAS; i++) {
		struct bl_extra extra = kind[i];

		extra.n = take(r);
		extra.first = take_name(r, cat, err);
		if (!extra.first || bl_catalog_extra(cat, &extra, err) != 0)
			return -1;
	}
	return bl_catalog_extra(cat, &block, err);
}

static int take_file(struct reader *r, size_t words, struct bl_catalog *cat,
	struct bl_h5_object **object, struct bl_err *err)
{
	const bool marked = take(r) == BL_H5_MARK, whole = take(r) == words;
	const uint64_t aliases = take_max(r, SIZE_MAX);
	const uint64_t attributes = take_max(r, words), datasets = take_max(r, BL_H5_DATASETS);

	if (r->bad || !marked || !whole || datasets > words)
		return damaged(err);
	*object = calloc(datasets ? datasets : 1, sizeof **object);
	if (!*object)
		return bl_fail_memory(err, datasets * sizeof **object, "an index");
	cat->aliases = (size_t)aliases;
	if (bl_catalog_reserve(cat, (size_t)datasets, (size_t)attributes, err) != 0 ||
		take_attributes(r, (size_t)attributes, cat, err) != 0 ||
		take_datasets(r, (size_t)datasets, cat, *object, err) != 0 ||
		take_extras(r, cat, err) != 0)
		return -1;
	if (r->left)
		return damaged(err);
	return check_names(cat, err) != 0 ? -1 : bl_h5_claims_check(&r->claims, cat, err);
}

int bl_h5_index_read(const uint64_t *word, size_t words, const struct bl_h5_super *super,
	bool plugins, struct bl_catalog *cat, struct bl_h5_object **object, struct bl_err *err)
{
	struct reader r = {.at = word, .left = words, .super = super, .plugins = plugins};
	int rc;

	*object = NULL;
	rc = take_file(&r, words, cat, object, err);
	free(r.claims.range);
	return rc;
}
