/* tensor.c - tensors and the catalogue of a checkpoint. */
#include "tensor.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A piece of the catalogue's memory. Blocks are only ever added, so pointers into them stay. */
struct bl_block {
	struct bl_block *next;
	size_t used, size;
	alignas(8) unsigned char data[];
};

/* Many a catalogue holds but a few words, so the first one is small. */
#define BLOCK_LEAST ((size_t)1 << 10)
#define BLOCK_MOST ((size_t)64 << 10)

static size_t block_size(const struct bl_block *last, size_t wanted)
{
	size_t size = last ? 4 * last->size : BLOCK_LEAST;

	size = size < BLOCK_MOST ? size : BLOCK_MOST;
	return size > wanted ? size : wanted;
}

void *bl_catalog_alloc(struct bl_catalog *cat, size_t size, struct bl_err *err)
{
	struct bl_block *b = cat->memory;
	void *p;

	if (size > SIZE_MAX / 2) {
		bl_fail_memory(err, size, "the catalogue");
		return NULL;
	}
	size = (size + 7) & ~(size_t)7;
	if (!b || b->size - b->used < size) {
		const size_t room = block_size(b, size);

		b = calloc(1, sizeof *b + room);
		if (!b) {
			bl_fail_memory(err, room, "the catalogue");
			return NULL;
		}
		b->size = room;
		b->next = cat->memory;
		cat->memory = b;
	}
	p = b->data + b->used;
	b->used += size;
	return p;
}

char *bl_catalog_text(struct bl_catalog *cat, const char *text, size_t len, struct bl_err *err)
{
	char *copy = len < SIZE_MAX ? bl_catalog_alloc(cat, len + 1, err) : NULL;

	if (copy)
		memcpy(copy, text, len);
	return copy;
}

/* Grows an array of n items by more, zeroing what is new. */
static void *grow(void *array, size_t n, size_t more, size_t item, struct bl_err *err)
{
	size_t total, bytes;
	void *bigger;

	if (__builtin_add_overflow(n, more, &total) ||
		__builtin_mul_overflow(total, item, &bytes)) {
		bl_fail_memory(err, SIZE_MAX, "the catalogue");
		return NULL;
	}
	bigger = realloc(array, bytes ? bytes : 1);
	if (!bigger) {
		bl_fail_memory(err, bytes, "the catalogue");
		return NULL;
	}
	memset((unsigned char *)bigger + n * item, 0, more * item);
	return bigger;
}

int bl_catalog_reserve(struct bl_catalog *cat, size_t tensors, size_t metas, struct bl_err *err)
{
	if (tensors) {
		void *t = bl_catalog_own(cat, err) == 0
			? grow(cat->tensor, cat->tensors, tensors, sizeof *cat->tensor, err)
			: NULL;

		if (!t)
			return -1;
		cat->tensor = t;
	}
	if (metas) {
		void *m = grow(cat->meta, cat->metas, metas, sizeof *cat->meta, err);

		if (!m)
			return -1;
		cat->meta = m;
	}
	return 0;
}

int bl_catalog_extra(struct bl_catalog *cat, const struct bl_extra *extra, struct bl_err *err)
{
	struct bl_extra *list, *at;

	if (extra->n == 0)
		return 0;
	list = grow(cat->extra, cat->extras, 1, sizeof *list, err);
	if (!list)
		return -1;
	cat->extra = list;
	at = &list[cat->extras];
	*at = *extra;
	if (extra->first)
		at->first = bl_catalog_text(cat, extra->first, strlen(extra->first), err);
	if (extra->first && !at->first)
		return -1;
	cat->extras++;
	return 0;
}

/* Product of n extents; left to right, so that an overflow before a 0 is one. */
static bool product(const uint64_t *extent, unsigned n, uint64_t *out)
{
	*out = 1;
	for (unsigned i = 0; i < n; i++)
		if (__builtin_mul_overflow(*out, extent[i], out))
			return false;
	return true;
}

int bl_tensor_measure(struct bl_tensor *t, struct bl_err *err)
{
	const unsigned bits = bl_dtype(t->dtype)->bits;
	uint64_t total;

	if (!product(t->dim, t->rank, &t->count))
		return bl_fail(err, BL_INPUT, "its shape has more than 2^64 elements");
	if (__builtin_mul_overflow(t->count, (uint64_t)bits, &total))
		return bl_fail(err, BL_INPUT, "its shape has more than 2^64 bits");
	if (total % 8)
		return bl_fail(err, BL_INPUT, "its %llu bits are no whole number of bytes",
			(unsigned long long)total);
	if (t->dtype != BL_OTHER)
		t->bytes = total / 8;
	t->chunk_count = 0;
	t->chunks = 0;
	if (!t->chunk)
		return 0;
	t->chunks = 1;
	for (unsigned i = 0; i < t->rank; i++) {
		uint64_t n =
			t->chunk[i] ? t->dim[i] / t->chunk[i] + (t->dim[i] % t->chunk[i] != 0) : 0;

		if (__builtin_mul_overflow(t->chunks, n, &t->chunks))
			return bl_fail(err, BL_INPUT, "it has more than 2^64 chunks");
	}
	if (!product(t->chunk, t->rank, &t->chunk_count) || t->chunk_count == 0 ||
		__builtin_mul_overflow(t->chunk_count, (uint64_t)bits, &total))
		return bl_fail(err, BL_INPUT, "its chunk shape is impossible");
	return 0;
}

void bl_catalog_lend(const struct bl_catalog *owner, struct bl_catalog *cat)
{
	cat->tensor = owner->tensor;
	cat->tensors = owner->tensors;
	cat->lent = true;
}

int bl_catalog_lend_all(const struct bl_catalog *owner, struct bl_catalog *cat, struct bl_err *err)
{
	if (bl_catalog_reserve(cat, 0, owner->metas, err) != 0)
		return -1;
	if (owner->metas)
		memcpy(cat->meta, owner->meta, owner->metas * sizeof *cat->meta);
	cat->metas = owner->metas;
	for (size_t i = 0; i < owner->extras; i++)
		if (bl_catalog_extra(cat, &owner->extra[i], err) != 0)
			return -1;
	cat->aliases = owner->aliases;
	bl_catalog_lend(owner, cat);
	return 0;
}

int bl_catalog_own(struct bl_catalog *cat, struct bl_err *err)
{
	struct bl_tensor *copy;

	if (!cat->lent)
		return 0;
	copy = grow(NULL, 0, cat->tensors, sizeof *copy, err);
	if (!copy)
		return -1;
	if (cat->tensors)
		memcpy(copy, cat->tensor, cat->tensors * sizeof *copy);
	cat->tensor = copy;
	cat->lent = false;
	return 0;
}

size_t bl_catalog_bytes(const struct bl_catalog *cat)
{
	const size_t tensors = cat->lent ? 0 : cat->tensors;
	size_t total = tensors * sizeof *cat->tensor + cat->metas * sizeof *cat->meta;

	for (const struct bl_block *b = cat->memory; b; b = b->next)
		total += sizeof *b + b->size;
	return total;
}

/* Hangs blocks in behind the one that is being filled. */
static void take_blocks(struct bl_catalog *cat, struct bl_block *first)
{
	struct bl_block *last = first;

	if (!first)
		return;
	while (last->next)
		last = last->next;
	if (cat->memory) {
		last->next = cat->memory->next;
		cat->memory->next = first;
	} else {
		cat->memory = first;
	}
}

/* Puts the metas of more whose keys cat has not behind those of cat, where there is room. */
static int join_metas(struct bl_catalog *cat, const struct bl_catalog *more, struct bl_err *err)
{
	struct bl_lookup keys = {0};
	size_t metas = cat->metas;
	int rc = 0;

	for (size_t i = 0; rc == 0 && more->metas && i < cat->metas; i++)
		rc = bl_lookup_add(&keys, cat->meta[i].key, &(size_t){i}, err);
	for (size_t i = 0; rc == 0 && i < more->metas; i++) {
		size_t number = metas;

		rc = bl_lookup_add(&keys, more->meta[i].key, &number, err);
		if (rc == 0 && number == metas)
			cat->meta[metas++] = more->meta[i];
	}
	bl_lookup_free(&keys);
	if (rc == 0)
		cat->metas = metas;
	return rc;
}

int bl_catalog_join(struct bl_catalog *cat, struct bl_catalog *more, struct bl_err *err)
{
	if (bl_catalog_reserve(cat, more->tensors, more->metas, err) != 0 ||
		join_metas(cat, more, err) != 0)
		return -1;
	if (more->tensors)
		memcpy(cat->tensor + cat->tensors, more->tensor,
			more->tensors * sizeof *cat->tensor);
	cat->tensors += more->tensors;
	cat->aliases += more->aliases;
	take_blocks(cat, more->memory);
	more->memory = NULL;
	bl_catalog_free(more);
	return 0;
}

void bl_catalog_free(struct bl_catalog *cat)
{
	while (cat->memory) {
		struct bl_block *b = cat->memory;

		cat->memory = b->next;
		free(b);
	}
	if (!cat->lent)
		free(cat->tensor);
	free(cat->meta);
	free(cat->extra);
	memset(cat, 0, sizeof *cat);
}

const char *bl_catalog_meta(const struct bl_catalog *cat, const char *key)
{
	for (size_t i = 0; i < cat->metas; i++)
		if (strcmp(cat->meta[i].key, key) == 0)
			return cat->meta[i].value;
	return NULL;
}

const char *bl_shape_text(const struct bl_tensor *t, char *buf, size_t cap)
{
	size_t at = 0;

	if (t->rank == 0)
		snprintf(buf, cap, "scalar");
	for (unsigned i = 0; i < t->rank && at < cap; i++) {
		int n = snprintf(buf + at, cap - at, "%s%llu", i ? "x" : "",
			(unsigned long long)t->dim[i]);

		at += (size_t)(n > 0 ? n : 0);
	}
	return buf;
}

bool bl_same_shape(const struct bl_tensor *a, const struct bl_tensor *b)
{
	return a->rank == b->rank &&
		(a->rank == 0 || memcmp(a->dim, b->dim, a->rank * sizeof *a->dim) == 0);
}
