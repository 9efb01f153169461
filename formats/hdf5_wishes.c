/* hdf5_wishes.c - what a new file shall hold, as words for the process that makes it. */
#include "hdf5_skeleton.h"

#include <stdlib.h>
#include <string.h>

static void put_text(struct bl_h5_words *words, const char *text)
{
	bl_h5_put_bytes(words, text ? text : "", (text ? strlen(text) : 0) + 1);
}

static void put_wish(struct bl_h5_words *words, const struct bl_h5_wish *wish)
{
	bl_h5_put(words, wish->header);
	bl_h5_put(words, wish->fate);
	put_text(words, wish->name);
	bl_h5_put(words, wish->dtype);
	bl_h5_put(words, wish->rank);
	for (unsigned i = 0; i < wish->rank; i++)
		bl_h5_put(words, wish->dim[i]);
	bl_h5_put(words, wish->chunk != NULL);
	for (unsigned i = 0; wish->chunk && i < wish->rank; i++)
		bl_h5_put(words, wish->chunk[i]);
}

void bl_h5_wishes_put(struct bl_h5_words *words, const struct bl_h5_wishes *wishes)
{
	bl_h5_put(words, wishes->compression);
	bl_h5_put(words, wishes->level);
	bl_h5_put(words, wishes->keras);
	bl_h5_put(words, wishes->attributes);
	bl_h5_put(words, wishes->n);
	for (size_t i = 0; i < wishes->attributes; i++) {
		put_text(words, wishes->attribute[i].key);
		put_text(words, wishes->attribute[i].value);
	}
	for (size_t i = 0; i < wishes->n; i++)
		put_wish(words, &wishes->wish[i]);
}

/* The words that are left. */
struct reader {
	const uint64_t *at;
	size_t left;
	bool bad;
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

static const uint64_t *take_some(struct reader *r, uint64_t n)
{
	const uint64_t *at = r->at;

	if (n > r->left) {
		r->bad = true;
		return NULL;
	}
	r->at += n;
	r->left -= (size_t)n;
	return at;
}

static const char *take_text(struct reader *r)
{
	const uint64_t bytes = take(r);
	const char *text = (const char *)take_some(r, bytes / 8 + (bytes % 8 != 0));

	if (text && bytes && text[bytes - 1] == '\0')
		return text;
	r->bad = true;
	return "";
}

static void take_wish(struct reader *r, struct bl_h5_wish *wish)
{
	uint64_t rank;

	wish->header = take(r);
	wish->fate = (enum bl_h5_fate)take(r);
	wish->name = take_text(r);
	wish->dtype = (enum bl_dtype)take(r);
	rank = take(r);
	if (rank > BL_H5_RANK) {
		r->bad = true;
		return;
	}
	wish->rank = (unsigned)rank;
	wish->dim = take_some(r, rank);
	if (take(r) != 0)
		wish->chunk = take_some(r, rank);
}

int bl_h5_wishes_take(const uint64_t *word, size_t words, struct bl_h5_wishes *wishes,
	struct bl_err *err)
{
	struct reader r = {word, words, false};
	struct bl_meta *attribute;

	memset(wishes, 0, sizeof *wishes);
	wishes->compression = (enum bl_compression)take(&r);
	wishes->level = (unsigned)take(&r);
	wishes->keras = take(&r) != 0;
	wishes->attributes = (size_t)take(&r);
	wishes->n = (size_t)take(&r);
	if (r.bad || wishes->attributes > words || wishes->n > words)
		return bl_fail(err, BL_BUG, "wishes without an end");
	attribute = calloc(wishes->attributes + 1, sizeof *attribute);
	wishes->attribute = attribute;
	wishes->wish = calloc(wishes->n + 1, sizeof *wishes->wish);
	if (!attribute || !wishes->wish)
		return bl_fail_memory(err, wishes->n * sizeof *wishes->wish, "a new file");
	for (size_t i = 0; i < wishes->attributes; i++) {
		attribute[i].key = take_text(&r);
		attribute[i].value = take_text(&r);
	}
	for (size_t i = 0; i < wishes->n; i++)
		take_wish(&r, &wishes->wish[i]);
	return r.bad || r.left ? bl_fail(err, BL_BUG, "wishes without an end") : 0;
}

void bl_h5_wishes_free(struct bl_h5_wishes *wishes)
{
	struct bl_meta *attribute;

	memcpy(&attribute, &wishes->attribute, sizeof attribute); /* free() wants no const */
	free(attribute);
	free(wishes->wish);
	memset(wishes, 0, sizeof *wishes);
}
