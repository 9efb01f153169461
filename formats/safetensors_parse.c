/* safetensors_parse.c - from header text to a catalogue. */
#include "json.h"
#include "safetensors.h"

#include <stdlib.h>
#include <string.h>

/* Where the header says a tensor's data are. */
struct place {
	uint64_t begin, end;
	size_t tensor; /* as the header counts */
};

/* A header being read. The arrays grow as they fill. */
struct parse {
	struct bl_json json;
	struct bl_catalog *cat;
	size_t tensor_room, meta_room;
	struct place *place;
	uint64_t *dim; /* the shape being read */
	size_t dim_room;
	bool metadata; /* was there */
};

/* What a tensor's object has said so far. */
struct fields {
	bool dtype, shape, offsets;
};

static enum bl_json_token next(struct parse *p, struct bl_err *err)
{
	const enum bl_json_token t = bl_json_next(&p->json, err);

	if (t == BL_JSON_FAIL)
		bl_prefix(err, "the header is no valid JSON");
	return t;
}

static int skip(struct parse *p, struct bl_err *err)
{
	if (next(p, err) == BL_JSON_FAIL)
		return -1;
	if (bl_json_skip(&p->json, err) == 0)
		return 0;
	return bl_prefix(err, "the header is no valid JSON");
}

/* The text of the last key or string, living as long as the catalogue. NULL on error. */
static const char *keep_text(struct parse *p, size_t *length, struct bl_err *err)
{
	char *text = bl_catalog_alloc(p->cat, p->json.size + 1, err);

	if (text)
		*length = bl_json_text(&p->json, text);
	return text;
}

/* A name or a metadata key. */
static const char *keep_name(struct parse *p, const char *what, struct bl_err *err)
{
	size_t length;
	const char *name = keep_text(p, &length, err);

	if (!name || strlen(name) == length)
		return name;
	bl_fail(err, BL_INPUT, "%s that begins with '%s' holds a NUL byte", what, name);
	return NULL;
}

/* Grows an array to twice its room. */
static void *grow(void *array, size_t *room, size_t item, struct bl_err *err)
{
	const size_t more = *room ? 2 * *room : 64;
	void *bigger = realloc(array, more * item);

	if (bigger)
		*room = more;
	else
		bl_fail_memory(err, more * item, "the header");
	return bigger;
}

static int add_meta(struct parse *p, struct bl_err *err)
{
	struct bl_catalog *cat = p->cat;
	const char *key = keep_name(p, "a key of __metadata__", err);
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
	if (cat->metas == p->meta_room) {
		const size_t more = p->meta_room ? p->meta_room : 8;

		if (bl_catalog_reserve(cat, 0, more, err) < 0)
			return -1;
		p->meta_room += more;
	}
	cat->meta[cat->metas].key = key;
	cat->meta[cat->metas].value = keep_text(p, &length, err);
	return cat->meta[cat->metas++].value ? 0 : -1;
}

static int parse_metadata(struct parse *p, struct bl_err *err)
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
static int parse_integer(const struct parse *p, enum bl_json_token t, const char *name,
	const char *field, struct bl_err *err)
{
	const struct bl_json *j = &p->json;

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
static int parse_array(struct parse *p, const char *name, const char *field, struct bl_err *err)
{
	const enum bl_json_token t = next(p, err);

	if (t == BL_JSON_FAIL || t == BL_JSON_ARRAY)
		return t == BL_JSON_FAIL ? -1 : 0;
	return bl_fail(err, BL_INPUT, "%s: %s is %s, not an array", name, field, bl_json_word(t));
}

static int parse_dtype(struct parse *p, struct bl_tensor *t, struct bl_err *err)
{
	const enum bl_json_token token = next(p, err);
	const char *text;
	size_t length;

	if (token == BL_JSON_FAIL)
		return -1;
	if (token != BL_JSON_STRING)
		return bl_fail(err, BL_INPUT, "%s: dtype is %s, not a string", t->name,
			bl_json_word(token));
	if (!p->json.escaped &&
		bl_dtype_find(p->json.text + p->json.start, p->json.size, &t->dtype))
		return 0;
	text = keep_text(p, &length, err);
	if (!text)
		return -1;
	if (bl_dtype_find(text, length, &t->dtype))
		return 0;
	return bl_fail(err, BL_INPUT, "%s: dtype '%s' is unknown", t->name, text);
}

static int parse_shape(struct parse *p, struct bl_tensor *t, struct bl_err *err)
{
	enum bl_json_token token;
	uint64_t *dim;

	if (parse_array(p, t->name, "shape", err) < 0)
		return -1;
	while ((token = next(p, err)) != BL_JSON_ARRAY_END) {
		if (token == BL_JSON_FAIL || parse_integer(p, token, t->name, "shape", err) < 0)
			return -1;
		if (t->rank == p->dim_room) {
			dim = grow(p->dim, &p->dim_room, sizeof *dim, err);
			if (!dim)
				return -1;
			p->dim = dim;
		}
		p->dim[t->rank++] = p->json.integer;
	}
	dim = bl_catalog_alloc(p->cat, t->rank * sizeof *dim, err);
	if (!dim)
		return -1;
	if (t->rank)
		memcpy(dim, p->dim, t->rank * sizeof *dim);
	t->dim = dim;
	return 0;
}

static int parse_offsets(struct parse *p, const char *name, struct place *at, struct bl_err *err)
{
	enum bl_json_token token;
	uint64_t offset[2];
	size_t n = 0;

	if (parse_array(p, name, "data_offsets", err) < 0)
		return -1;
	while ((token = next(p, err)) != BL_JSON_ARRAY_END) {
		if (token == BL_JSON_FAIL || parse_integer(p, token, name, "data_offsets", err) < 0)
			return -1;
		if (n < 2)
			offset[n] = p->json.integer;
		n++;
	}
	if (n != 2)
		return bl_fail(err, BL_INPUT, "%s: data_offsets must hold 2 numbers, not %zu",
			name, n);
	at->begin = offset[0];
	at->end = offset[1];
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

static int parse_field(struct parse *p, struct bl_tensor *t, struct place *at, struct fields *f,
	struct bl_err *err)
{
	if (bl_json_is(&p->json, "dtype"))
		return once(&f->dtype, t->name, "dtype", err) < 0 ? -1 : parse_dtype(p, t, err);
	if (bl_json_is(&p->json, "shape"))
		return once(&f->shape, t->name, "shape", err) < 0 ? -1 : parse_shape(p, t, err);
	if (bl_json_is(&p->json, "data_offsets"))
		return once(&f->offsets, t->name, "data_offsets", err) < 0
			? -1 : parse_offsets(p, t->name, at, err);
	return skip(p, err);
}

/* Reads one tensor into t and at; its name is known. */
static int parse_fields(struct parse *p, struct bl_tensor *t, struct place *at, struct bl_err *err)
{
	enum bl_json_token token = next(p, err);
	struct fields f = {false, false, false};

	if (token == BL_JSON_FAIL)
		return -1;
	if (token != BL_JSON_OBJECT)
		return bl_fail(err, BL_INPUT, "%s: is %s, not an object", t->name,
			bl_json_word(token));
	while ((token = next(p, err)) == BL_JSON_KEY)
		if (parse_field(p, t, at, &f, err) < 0)
			return -1;
	if (token == BL_JSON_FAIL)
		return -1;
	if (f.dtype && f.shape && f.offsets)
		return 0;
	return bl_fail(err, BL_INPUT, "%s: has no %s", t->name,
		!f.dtype ? "dtype" : !f.shape ? "shape" : "data_offsets");
}

static int add_tensor(struct parse *p, struct bl_err *err)
{
	struct bl_catalog *cat = p->cat;
	struct bl_tensor *t;

	if (cat->tensors == p->tensor_room) {
		const size_t before = p->tensor_room;
		void *place = grow(p->place, &p->tensor_room, sizeof *p->place, err);

		if (!place)
			return -1;
		p->place = place;
		if (bl_catalog_reserve(cat, p->tensor_room - before, 0, err) < 0)
			return -1;
	}
	t = &cat->tensor[cat->tensors];
	t->name = keep_name(p, "a tensor name", err);
	if (!t->name)
		return -1;
	p->place[cat->tensors].tensor = cat->tensors;
	return parse_fields(p, t, &p->place[cat->tensors++], err);
}

static int parse_all(struct parse *p, struct bl_err *err)
{
	enum bl_json_token t = next(p, err);

	if (t == BL_JSON_FAIL)
		return -1;
	if (t != BL_JSON_OBJECT)
		return bl_fail(err, BL_INPUT, "the header is %s, not an object", bl_json_word(t));
	while ((t = next(p, err)) == BL_JSON_KEY)
		if ((bl_json_is(&p->json, "__metadata__") ? parse_metadata(p, err)
							  : add_tensor(p, err)) < 0)
			return -1;
	if (t == BL_JSON_FAIL || next(p, err) == BL_JSON_FAIL)
		return -1;
	return 0;
}

/* A name with its hash: sorted by both, equal names meet, however the hashes were chosen. */
struct named {
	uint64_t hash;
	const char *name;
};

static uint64_t hash(const char *s)
{
	uint64_t h = 0xcbf29ce484222325u; /* FNV-1a */

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 0x100000001b3u;
	return h;
}

static int by_name(const void *a, const void *b)
{
	const struct named *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* Fails where two of the n names are the same. */
static int distinct(struct named *list, size_t n, const char *what, struct bl_err *err)
{
	for (size_t i = 0; i < n; i++)
		list[i].hash = hash(list[i].name);
	qsort(list, n, sizeof *list, by_name);
	for (size_t i = 1; i < n; i++)
		if (by_name(&list[i - 1], &list[i]) == 0)
			return bl_fail(err, BL_INPUT, "%s '%s' stands twice in the header", what,
				list[i].name);
	return 0;
}

static int check_names(const struct bl_catalog *cat, struct bl_err *err)
{
	const size_t n = cat->tensors > cat->metas ? cat->tensors : cat->metas;
	struct named *list = calloc(n + 1, sizeof *list);
	int rc;

	if (!list)
		return bl_fail_memory(err, n * sizeof *list, "a list of names");
	for (size_t i = 0; i < cat->tensors; i++)
		list[i].name = cat->tensor[i].name;
	rc = distinct(list, cat->tensors, "tensor", err);
	for (size_t i = 0; i < cat->metas; i++)
		list[i].name = cat->meta[i].key;
	if (rc == 0)
		rc = distinct(list, cat->metas, "metadata key", err);
	free(list);
	return rc;
}

static int by_place(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	if (x->end != y->end)
		return x->end < y->end ? -1 : 1;
	return x->tensor < y->tensor ? -1 : x->tensor > y->tensor;
}

/* Puts the tensors into the order of their data. */
static int sort(struct parse *p, struct bl_err *err)
{
	const size_t n = p->cat->tensors;
	struct bl_tensor *sorted;
	size_t i = 1;

	while (i < n && by_place(&p->place[i - 1], &p->place[i]) < 0)
		i++;
	if (i >= n)
		return 0;
	sorted = malloc(n * sizeof *sorted);
	if (!sorted)
		return bl_fail_memory(err, n * sizeof *sorted, "the catalogue");
	qsort(p->place, n, sizeof *p->place, by_place);
	for (i = 0; i < n; i++)
		sorted[i] = p->cat->tensor[p->place[i].tensor];
	free(p->cat->tensor);
	p->cat->tensor = sorted;
	return 0;
}

/* Does tensor i fill its place, and does the place follow the one before? */
static int check_place(const struct parse *p, size_t i, uint64_t end, struct bl_err *err)
{
	struct bl_tensor *t = &p->cat->tensor[i];
	const struct place *at = &p->place[i];
	char shape[256];

	if (at->end < at->begin)
		return bl_fail(err, BL_INPUT,
			"%s: its data end at byte %llu, before their start at %llu", t->name,
			(unsigned long long)at->end, (unsigned long long)at->begin);
	if (at->begin < end)
		return bl_fail(err, BL_INPUT, "%s: its data overlap those of %s", t->name,
			p->cat->tensor[i - 1].name);
	if (at->begin > end)
		return bl_fail(err, BL_INPUT,
			"%s: no tensor holds the %llu bytes before its data", t->name,
			(unsigned long long)(at->begin - end));
	if (bl_tensor_measure(t, err) < 0)
		return bl_prefix(err, "%s", t->name);
	if (t->bytes != at->end - at->begin)
		return bl_fail(err, BL_INPUT,
			"%s: shape %s of %s takes %llu bytes, but it has %llu", t->name,
			bl_shape_text(t, shape, sizeof shape), bl_dtype(t->dtype)->name,
			(unsigned long long)t->bytes, (unsigned long long)(at->end - at->begin));
	return 0;
}

/* Do the places cover the data section exactly? */
static int check_places(const struct parse *p, uint64_t values, const uint64_t **begin,
	struct bl_err *err)
{
	const size_t n = p->cat->tensors;
	uint64_t *first = bl_catalog_alloc(p->cat, n * sizeof *first, err), end = 0;

	if (!first)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (check_place(p, i, end, err) < 0)
			return -1;
		first[i] = end;
		end = p->place[i].end;
	}
	*begin = first;
	if (end == values)
		return 0;
	if (end < values)
		return bl_fail(err, BL_INPUT, "has %llu %s behind the last tensor",
			(unsigned long long)(values - end), values - end == 1 ? "byte" : "bytes");
	bl_fail(err, BL_INPUT, "the tensors take %llu bytes, but the file has only %llu for them",
		(unsigned long long)end, (unsigned long long)values);
	return bl_hint(err, "the download or the copy may have been cut short");
}

int bl_safetensors_parse(const char *text, size_t length, uint64_t values, struct bl_catalog *cat,
	const uint64_t **begin, struct bl_err *err)
{
	struct parse p = {.cat = cat};
	int rc = -1;

	bl_json_init(&p.json, text, length);
	if (parse_all(&p, err) == 0 && check_names(cat, err) == 0 && sort(&p, err) == 0)
		rc = check_places(&p, values, begin, err);
	free(p.place);
	free(p.dim);
	return rc;
}
