/* listing_json.c - what is in checkpoints, as JSON. */
#include "config.h"

#include "listing.h"

#include "json.h"

#include <string.h>

static void put_extents(
	struct bl_json_printer *j, const char *key, const uint64_t *n, unsigned rank)
{
	bl_json_key(j, key);
	bl_json_begin_array(j);
	for (unsigned i = 0; i < rank; i++)
		bl_json_put_unsigned(j, n[i]);
	bl_json_end_array(j);
}

static void put_storage(struct bl_json_printer *j, const struct bl_source *src, size_t i)
{
	const struct bl_tensor *t = &src->cat.tensor[i];
	struct bl_storage s;

	src->format->storage(src, i, &s);
	bl_json_member_text(j, "layout", s.layout);
	if (t->chunk)
		put_extents(j, "chunk", t->chunk, t->rank);
	bl_json_key(j, "filters");
	bl_json_begin_array(j);
	for (size_t k = 0; k < s.filters; k++)
		bl_json_put_text(j, s.filter[k]);
	bl_json_end_array(j);
	bl_json_member_count(j, "stored_bytes", s.bytes);
	if (s.file)
		bl_json_put_name(j, "file", s.file);
}

static void put_tensors(struct bl_json_printer *j, const struct bl_source *src)
{
	bl_json_key(j, "tensors");
	bl_json_begin_array(j);
	for (size_t i = 0; i < src->cat.tensors; i++) {
		const struct bl_tensor *t = &src->cat.tensor[i];

		bl_json_begin_object(j);
		bl_json_put_name(j, "name", t->name);
		bl_json_member_text(j, "dtype", bl_dtype(t->dtype)->name);
		put_extents(j, "shape", t->dim, t->rank);
		bl_json_member_count(j, "bytes", t->bytes);
		put_storage(j, src, i);
		bl_json_end_object(j);
	}
	bl_json_end_array(j);
}

static void put_words(struct bl_json_printer *j, const struct bl_catalog *cat)
{
	bl_json_key(j, "metadata");
	bl_json_begin_object(j);
	for (size_t i = 0; i < cat->metas; i++)
		bl_json_member_text(j, cat->meta[i].key, cat->meta[i].value);
	bl_json_end_object(j);
	bl_json_key(j, "others");
	bl_json_begin_object(j);
	for (size_t i = 0; i < cat->extras; i++)
		bl_json_member_count(j, cat->extra[i].many, cat->extra[i].n);
	bl_json_end_object(j);
}

static void put_source(struct bl_json_printer *j, const struct bl_inputs *in, size_t t)
{
	const struct bl_source *src = &in->source[t];
	const struct bl_totals sum = bl_totals_of(&src->cat);
	int64_t time;

	bl_json_begin_object(j);
	bl_json_put_name(j, "path", src->path);
	bl_json_member_text(j, "format", src->format->name);
	bl_json_key(j, "time");
	if (bl_listing_time(in, t, &time))
		bl_json_put_signed(j, time);
	else
		bl_json_put_null(j);
	bl_json_member_count(j, "size", bl_source_size(src));
	bl_json_member_count(j, "values", sum.values);
	bl_json_member_count(j, "bytes", sum.bytes);
	put_tensors(j, src);
	put_words(j, &src->cat);
	bl_json_end_object(j);
}

void bl_listing_json(FILE *to, const struct bl_inputs *in)
{
	struct bl_json_printer j = {.to = to, .pretty = true};

	bl_json_begin_object(&j);
	bl_json_member_count(&j, "schema", 1);
	bl_json_member_text(&j, "belay", PACKAGE_VERSION);
	bl_json_key(&j, "checkpoints");
	bl_json_begin_array(&j);
	for (size_t t = 0; t < in->n; t++)
		put_source(&j, in, t);
	bl_json_end_array(&j);
	bl_json_end_object(&j);
	putc('\n', to);
}
