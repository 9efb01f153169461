/* safetensors_index.c - the index of a checkpoint in shards: which tensor is in which file. */
#include "safetensors_index.h"

#include "memory_stream.h"
#include "safetensors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUFFIX ".safetensors"
#define INDEX ".safetensors.index."

/* An index being read. */
struct parse {
	struct bl_json *json;
	struct bl_index *index;
	size_t room;
	bool map; /* was there */
};

static enum bl_json_token next(struct parse *p, struct bl_err *err)
{
	const enum bl_json_token t = bl_json_next(p->json, err);

	if (t == BL_JSON_FAIL)
		bl_prefix(err, "the index is no valid JSON");
	return t;
}

/* The text of the last key or string. NULL on error. */
static const char *keep(struct parse *p, struct bl_err *err)
{
	char *text = bl_catalog_alloc(&p->index->text, p->json->size + 1, err);

	if (!text || bl_json_text(p->json, text) == strlen(text))
		return text;
	bl_fail(err, BL_INPUT, "the index: a name that begins with '%s' holds a NUL byte", text);
	return NULL;
}

static bool ends_in(const char *name, const char *suffix)
{
	const size_t n = strlen(name), m = strlen(suffix);

	return n > m && strcmp(name + n - m, suffix) == 0;
}

/* A name of the folder of the index itself, and of nothing else. */
static int check_file(const char *tensor, const char *file, struct bl_err *err)
{
	if (!file[0] || strchr(file, '/') || strcmp(file, ".") == 0 || strcmp(file, "..") == 0)
		return bl_fail(err, BL_INPUT,
			"the index: %s: '%s' is no plain file name", tensor, file);
	if (ends_in(file, SUFFIX))
		return 0;
	bl_fail(err, BL_INPUT, "the index: %s: '%s' is no safetensors file", tensor, file);
	return bl_hint(err, "save the model as safetensors: save_pretrained(..., "
		"safe_serialization=True)");
}

/* Makes room for one more. */
static int grow(struct parse *p, struct bl_err *err)
{
	struct bl_index *x = p->index;
	const size_t room = p->room ? 2 * p->room : 256;
	struct bl_mapped *bigger;

	if (x->tensors < p->room)
		return 0;
	if (x->tensors >= BL_SAFETENSORS_MOST)
		return bl_fail(err, BL_INPUT, "the index has more than %d tensors; belay reads no "
			"more", BL_SAFETENSORS_MOST);
	bigger = realloc(x->tensor, room * sizeof *bigger);
	if (!bigger)
		return bl_fail_memory(err, room * sizeof *bigger, "the index");
	x->tensor = bigger;
	p->room = room;
	return 0;
}

/* One member of the map, whose key was just read. */
static int add(struct parse *p, struct bl_err *err)
{
	struct bl_index *x = p->index;
	const char *tensor = keep(p, err);
	enum bl_json_token t;
	const char *file;

	if (!tensor || grow(p, err) != 0)
		return -1;
	t = next(p, err);
	if (t == BL_JSON_FAIL)
		return -1;
	if (t != BL_JSON_STRING)
		return bl_fail(err, BL_INPUT, "the index: %s: is %s, not the name of a file",
			tensor, bl_json_word(t));
	/* Most tensors are in the file of the one before. */
	if (x->tensors && !p->json->escaped &&
		strlen(x->tensor[x->tensors - 1].file) == p->json->size &&
		memcmp(x->tensor[x->tensors - 1].file, p->json->text + p->json->start,
			p->json->size) == 0)
		file = x->tensor[x->tensors - 1].file;
	else
		file = keep(p, err);
	if (!file || check_file(tensor, file, err) != 0)
		return -1;
	x->tensor[x->tensors++] = (struct bl_mapped){tensor, file, false};
	return 0;
}

static int parse_map(struct parse *p, struct bl_err *err)
{
	enum bl_json_token t = next(p, err);

	if (t == BL_JSON_FAIL)
		return -1;
	if (p->map)
		return bl_fail(err, BL_INPUT, "weight_map stands twice in the index");
	p->map = true;
	if (t != BL_JSON_OBJECT)
		return bl_fail(err, BL_INPUT, "weight_map is %s, not an object", bl_json_word(t));
	while ((t = next(p, err)) == BL_JSON_KEY)
		if (add(p, err) != 0)
			return -1;
	return t == BL_JSON_FAIL ? -1 : 0;
}

static int parse_all(struct parse *p, struct bl_err *err)
{
	enum bl_json_token t = next(p, err);

	if (t == BL_JSON_FAIL)
		return -1;
	if (t != BL_JSON_OBJECT)
		return bl_fail(err, BL_INPUT, "the index is %s, not an object", bl_json_word(t));
	while ((t = next(p, err)) == BL_JSON_KEY) {
		if (bl_json_is(p->json, "weight_map")) {
			if (parse_map(p, err) != 0)
				return -1;
		} else if (next(p, err) == BL_JSON_FAIL) {
			return -1;
		} else if (bl_json_skip(p->json, err) != 0) {
			return bl_prefix(err, "the index is no valid JSON");
		}
	}
	if (t == BL_JSON_FAIL || next(p, err) == BL_JSON_FAIL)
		return -1;
	return p->map ? 0 : bl_fail(err, BL_INPUT, "the index has no weight_map");
}

static int by_tensor(const void *a, const void *b)
{
	return strcmp(((const struct bl_mapped *)a)->tensor, ((const struct bl_mapped *)b)->tensor);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Fills file from the tensors. */
static int gather_files(struct bl_index *x, struct bl_err *err)
{
	size_t n = 0;

	x->file = calloc(x->tensors + 1, sizeof *x->file);
	if (!x->file)
		return bl_fail_memory(err, x->tensors * sizeof *x->file, "the index");
	for (size_t i = 0; i < x->tensors; i++)
		if (i == 0 || x->tensor[i].file != x->tensor[i - 1].file)
			x->file[n++] = x->tensor[i].file;
	if (n)
		qsort(x->file, n, sizeof *x->file, by_text);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || strcmp(x->file[i], x->file[x->files - 1]) != 0)
			x->file[x->files++] = x->file[i];
	return 0;
}

int bl_index_parse(struct bl_json *json, struct bl_index *index, struct bl_err *err)
{
	struct parse p = {.json = json, .index = index};

	if (parse_all(&p, err) != 0 || gather_files(index, err) != 0)
		return -1;
	if (index->tensors)
		qsort(index->tensor, index->tensors, sizeof *index->tensor, by_tensor);
	for (size_t i = 1; i < index->tensors; i++)
		if (by_tensor(&index->tensor[i - 1], &index->tensor[i]) == 0)
			return bl_fail(err, BL_INPUT, "tensor '%s' stands twice in the index",
				index->tensor[i].tensor);
	return 0;
}

void bl_index_free(struct bl_index *index)
{
	free(index->tensor);
	free(index->file);
	bl_catalog_free(&index->text);
	memset(index, 0, sizeof *index);
}

struct bl_mapped *bl_index_find(const struct bl_index *index, const char *tensor)
{
	const struct bl_mapped key = {tensor, NULL, false};

	if (!index->tensors)
		return NULL;
	return bsearch(&key, index->tensor, index->tensors, sizeof key, by_tensor);
}

/* ---- a new one ---- */

static void put(FILE *to, const struct bl_mapped *list, size_t n, uint64_t total)
{
	struct bl_json_printer p = {.to = to, .pretty = true};

	bl_json_begin_object(&p);
	bl_json_key(&p, "metadata");
	bl_json_begin_object(&p);
	bl_json_key(&p, "total_size");
	bl_json_put_unsigned(&p, total);
	bl_json_end_object(&p);
	bl_json_key(&p, "weight_map");
	bl_json_begin_object(&p);
	for (size_t i = 0; i < n; i++) {
		bl_json_key(&p, list[i].tensor);
		bl_json_put_text(&p, list[i].file);
	}
	bl_json_end_object(&p);
	bl_json_end_object(&p);
	putc('\n', to);
}

char *bl_index_build(const struct bl_catalog *cat, const size_t *file_of,
	char (*file)[NAME_MAX + 1], size_t *size, struct bl_err *err)
{
	struct bl_mapped *list = calloc(cat->tensors + 1, sizeof *list);
	char *text = NULL;
	FILE *to = list ? bl_memory_stream(&text, size) : NULL;
	uint64_t total = 0;
	size_t n = 0;

	if (to) {
		for (size_t i = 0; i < cat->tensors; i++) {
			if (file_of[i] == BL_NO_FILE)
				continue;
			list[n].tensor = cat->tensor[i].name;
			list[n++].file = file[file_of[i]];
			total += cat->tensor[i].bytes;
		}
		qsort(list, n, sizeof *list, by_tensor);
		put(to, list, n, total);
	}
	free(list);
	if (bl_memory_close(to, &text) != 0)
		bl_fail_memory(err, cat->tensors * sizeof *list, "the index");
	return text;
}

size_t bl_index_deal(const struct bl_catalog *cat, const bool *skipped, uint64_t limit,
	size_t *file_of)
{
	const size_t filling = BL_NO_FILE - 1; /* no number yet */
	size_t files = 0, first = 0;
	uint64_t filled = 0;
	bool begun = false;

	for (size_t i = 0; i <= cat->tensors; i++) {
		const bool end = i == cat->tensors;
		const uint64_t bytes = end ? 0 : cat->tensor[i].bytes;

		if (!end && ((skipped && skipped[i]) || bytes > limit)) {
			file_of[i] = skipped && skipped[i] ? BL_NO_FILE : files++;
			continue;
		}
		if (begun && (end || bytes > limit - filled)) {
			for (size_t k = first; k < i; k++)
				if (file_of[k] == filling)
					file_of[k] = files;
			files++;
			first = i;
			filled = 0;
		}
		if (end)
			break;
		file_of[i] = filling;
		filled += bytes;
		begun = true;
	}
	return files ? files : 1;
}

/* X and V of X.safetensors, X.safetensors.index.json, X.safetensors.index.V.json; lengths. */
struct stem {
	const char *base, *variant;
	int bases, variants;
};

static struct stem stem_of(const char *like)
{
	const char *index = strstr(like, INDEX);
	const size_t n = strlen(like);
	struct stem s = {"model", NULL, 5, 0};

	if (n > NAME_MAX || like[0] == '.')
		return s;
	if (index) {
		s.base = like;
		s.bases = (int)(index - like);
		index += strlen(INDEX);
		if (ends_in(index, ".json")) {
			s.variant = index;
			s.variants = (int)(strlen(index) - strlen(".json"));
		}
	} else if (ends_in(like, SUFFIX)) {
		s.base = like;
		s.bases = (int)(n - strlen(SUFFIX));
	}
	return s;
}

static int named(int length, struct bl_err *err)
{
	if (length <= NAME_MAX)
		return 0;
	return bl_fail(err, BL_LIMIT, "the name of a file in it would have more than %d bytes",
		NAME_MAX);
}

int bl_shard_name(const char *like, size_t i, size_t n, char name[NAME_MAX + 1],
	struct bl_err *err)
{
	const struct stem s = stem_of(like);
	char number[64] = "";

	if (n > 1)
		snprintf(number, sizeof number, "-%05zu-of-%05zu", i + 1, n);
	return named(snprintf(name, NAME_MAX + 1, "%.*s%s%.*s%s" SUFFIX, s.bases, s.base,
		s.variants ? "." : "", s.variants, s.variants ? s.variant : "", number), err);
}

int bl_index_name(const char *like, char name[NAME_MAX + 1], struct bl_err *err)
{
	struct stem s = stem_of(like);
	int dot = s.bases;

	while (dot > 1 && s.base[dot - 1] != '.')
		dot--;
	if (!s.variants && dot > 1) { /* model.fp16.safetensors */
		s.variant = s.base + dot;
		s.variants = s.bases - dot;
		s.bases = dot - 1;
	}
	return named(snprintf(name, NAME_MAX + 1, "%.*s" INDEX "%.*s%sjson", s.bases, s.base,
		s.variants, s.variants ? s.variant : "", s.variants ? "." : ""), err);
}
