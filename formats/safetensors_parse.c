/* safetensors_parse.c - from header text to a catalogue. */
#include "safetensors.h"

#include <stdlib.h>
#include <string.h>

/* What a tensor's object has said so far. */
struct fields {
	bool dtype, shape, offsets;
};

static enum bl_json_token next(struct bl_safetensors_scan *p, struct bl_err *err)
{
	const enum bl_json_token t = bl_json_next(p->json, err);

	if (t == BL_JSON_FAIL)
		bl_prefix(err, "the header is no valid JSON");
	return t;
}

static int skip(struct bl_safetensors_scan *p, struct bl_err *err)
{
	if (next(p, err) == BL_JSON_FAIL)
		return -1;
	if (bl_json_skip(p->json, err) == 0)
		return 0;
	return bl_prefix(err, "the header is no valid JSON");
}

int bl_safetensors_count(struct bl_safetensors_scan *scan, size_t bytes, struct bl_err *err)
{
	scan->kept += bytes;
	if (scan->kept <= BL_SAFETENSORS_KEPT)
		return 0;
	return bl_fail(err, BL_INPUT,
		"its header would take more than %d MB of memory, which belay does not give it",
		BL_SAFETENSORS_KEPT / 1000000);
}

/* Room that lives as long as the catalogue. NULL on error. */
static void *keep(struct bl_safetensors_scan *p, struct bl_catalog *cat, size_t size,
	struct bl_err *err)
{
	if (bl_safetensors_count(p, (size + 7) / 8 * 8, err) != 0)
		return NULL;
	return bl_catalog_alloc(cat, size, err);
}

/* The text of the last key or string, living as long as the catalogue. NULL on error. */
static const char *keep_text(struct bl_safetensors_scan *p, struct bl_catalog *cat, size_t *length,
	struct bl_err *err)
{
	char *text = keep(p, cat, p->json->size + 1, err);

	if (text)
		*length = bl_json_text(p->json, text);
	return text;
}

/* A name or a metadata key. */
static const char *keep_name(struct bl_safetensors_scan *p, struct bl_catalog *cat,
	const char *what, struct bl_err *err)
{
	size_t length;
	const char *name = keep_text(p, cat, &length, err);

	if (!name || strlen(name) == length)
		return name;
	bl_fail(err, BL_INPUT, "%s that begins with '%s' holds a NUL byte", what, name);
	return NULL;
}

/* For how many more than n items, each of so many bytes, there shall be room: a fourth, for they
 * are most of what is kept. */
static int more_room(struct bl_safetensors_scan *p, size_t n, size_t item, const char *what,
	size_t *more, struct bl_err *err)
{
	const size_t left = BL_SAFETENSORS_MOST - n;

	*more = n / 4 + 64 < left ? n / 4 + 64 : left;
	if (left > 0)
		return bl_safetensors_count(p, *more * item, err);
	return bl_fail(err, BL_INPUT, "has more than %d %s; belay reads no more",
		BL_SAFETENSORS_MOST, what);
}

static int more_metas(struct bl_safetensors_scan *p, struct bl_err *err)
{
	size_t more;

	if (more_room(p, p->meta_room, sizeof *p->meta->meta, "metadata keys", &more, err) != 0 ||
		bl_catalog_reserve(p->meta, 0, more, err) != 0)
		return -1;
	p->meta_room += more;
	return 0;
}

static int add_meta(struct bl_safetensors_scan *p, struct bl_err *err)
{
	struct bl_catalog *cat = p->meta;
	const char *key = keep_name(p, cat, "a key of __metadata__", err);
	struct bl_meta *meta;
	enum bl_json_token t;
	size_t length;

	if (!key)
		return -1;
	t = next(p, err);
	if (t == BL_JSON_FAIL)
		return -1;
	if (t != BL_JSON_STRING)
		return bl_fail(err, BL_INPUT,
			"__metadata__: %s: is %s, but only strings are allowed", key,
			bl_json_word(t));
	if (cat->metas == p->meta_room && more_metas(p, err) != 0)
		return -1;
	meta = &cat->meta[cat->metas];
	meta->value = keep_text(p, cat, &length, err);
	if (!meta->value)
		return -1;
	meta->key = key;
	meta->more = length - strlen(meta->value);
	cat->metas++;
	return 0;
}

static int parse_metadata(struct bl_safetensors_scan *p, struct bl_err *err)
{
	enum bl_json_token t = next(p, err);

	if (t == BL_JSON_FAIL)
		return -1;
	if (p->metadata)
		return bl_fail(err, BL_INPUT, "__metadata__ stands twice in the header");
	p->metadata = true;
	if (t == BL_JSON_NULL)
		return 0;
	if (t != BL_JSON_OBJECT)
		return bl_fail(err, BL_INPUT, "__metadata__ is %s, not an object", bl_json_word(t));
	while ((t = next(p, err)) == BL_JSON_KEY)
		if (add_meta(p, err) < 0)
			return -1;
	return t == BL_JSON_FAIL ? -1 : 0;
}

/* Reads a token that must be a whole number. */
static int parse_integer(const struct bl_safetensors_scan *p, enum bl_json_token t,
	const char *name, const char *field, struct bl_err *err)
{
	const struct bl_json *j = p->json;

	if (t == BL_JSON_INTEGER && !j->negative)
		return 0;
	if (t == BL_JSON_INTEGER || t == BL_JSON_FLOAT)
		return bl_fail(err, BL_INPUT,
			"%s: %s holds %.*s, but only whole numbers from 0 to 2^64 - 1 are allowed",
			name, field, (int)(j->size < 40 ? j->size : 40), j->text + j->start);
	return bl_fail(err, BL_INPUT, "%s: %s holds %s, but only numbers are allowed", name, field,
		bl_json_word(t));
}

/* Begins the array that a field must be. */
static int parse_array(struct bl_safetensors_scan *p, const char *name, const char *field,
	struct bl_err *err)
{
	const enum bl_json_token t = next(p, err);

	if (t == BL_JSON_FAIL || t == BL_JSON_ARRAY)
		return t == BL_JSON_FAIL ? -1 : 0;
	return bl_fail(err, BL_INPUT, "%s: %s is %s, not an array", name, field, bl_json_word(t));
}

static int parse_dtype(struct bl_safetensors_scan *p, struct bl_tensor *t, struct bl_err *err)
{
	const enum bl_json_token token = next(p, err);
	const char *text;
	size_t length;

	if (token == BL_JSON_FAIL)
		return -1;
	if (token != BL_JSON_STRING)
		return bl_fail(err, BL_INPUT, "%s: dtype is %s, not a string", t->name,
			bl_json_word(token));
	if (!p->json->escaped &&
		bl_dtype_find(p->json->text + p->json->start, p->json->size, &t->dtype))
		return 0;
	text = keep_text(p, &p->header->cat, &length, err);
	if (!text)
		return -1;
	if (bl_dtype_find(text, length, &t->dtype))
		return 0;
	return bl_fail(err, BL_INPUT, "%s: dtype '%s' is unknown", t->name, text);
}

static int parse_shape(struct bl_safetensors_scan *p, struct bl_tensor *t, struct bl_err *err)
{
	uint64_t extent[BL_SAFETENSORS_RANK], *dim;
	enum bl_json_token token;

	if (parse_array(p, t->name, "shape", err) < 0)
		return -1;
	while ((token = next(p, err)) != BL_JSON_ARRAY_END) {
		if (token == BL_JSON_FAIL || parse_integer(p, token, t->name, "shape", err) < 0)
			return -1;
		if (t->rank == BL_SAFETENSORS_RANK)
			return bl_fail(err, BL_INPUT,
				"%s: its shape has more than %d extents; belay reads no more",
				t->name, BL_SAFETENSORS_RANK);
		extent[t->rank++] = p->json->integer;
	}
	dim = keep(p, &p->header->cat, t->rank * sizeof *dim, err);
	if (!dim)
		return -1;
	memcpy(dim, extent, t->rank * sizeof *dim);
	t->dim = dim;
	return 0;
}

static int parse_offsets(struct bl_safetensors_scan *p, struct bl_tensor *t, uint64_t *begin,
	struct bl_err *err)
{
	const char *name = t->name;
	enum bl_json_token token;
	uint64_t offset[2];
	size_t n = 0;

	if (parse_array(p, name, "data_offsets", err) < 0)
		return -1;
	while ((token = next(p, err)) != BL_JSON_ARRAY_END) {
		if (token == BL_JSON_FAIL || parse_integer(p, token, name, "data_offsets", err) < 0)
			return -1;
		if (n < 2)
			offset[n] = p->json->integer;
		n++;
	}
	if (n != 2)
		return bl_fail(err, BL_INPUT, "%s: data_offsets must hold 2 numbers, not %zu",
			name, n);
	if (offset[1] < offset[0])
		return bl_fail(err, BL_INPUT,
			"%s: its data end at byte %llu, before their start at %llu", name,
			(unsigned long long)offset[1], (unsigned long long)offset[0]);
	*begin = offset[0];
	t->bytes = offset[1] - offset[0];
	return 0;
}

/* Notes that a field is there. */
static int once(bool *seen, const char *name, const char *field, struct bl_err *err)
{
	if (*seen)
		return bl_fail(err, BL_INPUT, "%s: %s is given twice", name, field);
	*seen = true;
	return 0;
}

static int parse_field(struct bl_safetensors_scan *p, struct bl_tensor *t, uint64_t *begin,
	struct fields *f, struct bl_err *err)
{
	if (bl_json_is(p->json, "dtype"))
		return once(&f->dtype, t->name, "dtype", err) < 0 ? -1 : parse_dtype(p, t, err);
	if (bl_json_is(p->json, "shape"))
		return once(&f->shape, t->name, "shape", err) < 0 ? -1 : parse_shape(p, t, err);
	if (bl_json_is(p->json, "data_offsets"))
		return once(&f->offsets, t->name, "data_offsets", err) < 0
			? -1 : parse_offsets(p, t, begin, err);
	return skip(p, err);
}

/* Reads one tensor into t and begin; its name is known. */
static int parse_fields(struct bl_safetensors_scan *p, struct bl_tensor *t, uint64_t *begin,
	struct bl_err *err)
{
	enum bl_json_token token = next(p, err);
	struct fields f = {false, false, false};

	if (token == BL_JSON_FAIL)
		return -1;
	if (token != BL_JSON_OBJECT)
		return bl_fail(err, BL_INPUT, "%s: is %s, not an object", t->name,
			bl_json_word(token));
	while ((token = next(p, err)) == BL_JSON_KEY)
		if (parse_field(p, t, begin, &f, err) < 0)
			return -1;
	if (token == BL_JSON_FAIL)
		return -1;
	if (f.dtype && f.shape && f.offsets)
		return 0;
	return bl_fail(err, BL_INPUT, "%s: has no %s", t->name,
		!f.dtype ? "dtype" : !f.shape ? "shape" : "data_offsets");
}

static int more_tensors(struct bl_safetensors_scan *p, struct bl_err *err)
{
	struct bl_safetensors_header *h = p->header;
	uint64_t *begin;
	size_t more;

	if (more_room(p, p->tensor_room, sizeof *h->cat.tensor + sizeof *begin, "tensors", &more,
		err) != 0 || bl_catalog_reserve(&h->cat, more, 0, err) != 0)
		return -1;
	begin = realloc(h->begin, (p->tensor_room + more) * sizeof *begin);
	if (!begin)
		return bl_fail_memory(err, (p->tensor_room + more) * sizeof *begin, "the header");
	h->begin = begin;
	p->tensor_room += more;
	return 0;
}

static int add_tensor(struct bl_safetensors_scan *p, struct bl_err *err)
{
	struct bl_safetensors_header *h = p->header;
	struct bl_catalog *cat = &h->cat;
	const size_t i = cat->tensors;

	if (i == p->tensor_room && more_tensors(p, err) != 0)
		return -1;
	cat->tensor[i].name = keep_name(p, cat, "a tensor name", err);
	if (!cat->tensor[i].name || parse_fields(p, &cat->tensor[i], &h->begin[i], err) != 0)
		return -1;
	cat->tensors++;
	return 0;
}

static bool is_metadata(const struct bl_safetensors_scan *p, enum bl_json_token t)
{
	return t == BL_JSON_KEY && bl_json_is(p->json, "__metadata__");
}

int bl_safetensors_begin(struct bl_safetensors_scan *scan, struct bl_err *err)
{
	enum bl_json_token t = next(scan, err);

	if (t == BL_JSON_FAIL)
		return -1;
	if (t != BL_JSON_OBJECT)
		return bl_fail(err, BL_INPUT, "the header is %s, not an object", bl_json_word(t));
	scan->token = next(scan, err);
	if (is_metadata(scan, scan->token)) {
		if (parse_metadata(scan, err) != 0)
			return -1;
		scan->rest = scan->json->before + scan->json->at;
		scan->metas_kept = scan->kept;
		scan->token = BL_JSON_END; /* not read yet */
	}
	return scan->token == BL_JSON_FAIL ? -1 : 0;
}

int bl_safetensors_tensors(struct bl_safetensors_scan *scan, struct bl_err *err)
{
	enum bl_json_token t = scan->token == BL_JSON_END ? next(scan, err) : scan->token;

	for (; t == BL_JSON_KEY; t = next(scan, err))
		if ((is_metadata(scan, t) ? parse_metadata(scan, err)
					  : add_tensor(scan, err)) < 0)
			return -1;
	scan->end = scan->json->before + scan->json->at;
	scan->header->kept = scan->kept - scan->metas_kept;
	return t == BL_JSON_FAIL || next(scan, err) == BL_JSON_FAIL ? -1 : 0;
}
