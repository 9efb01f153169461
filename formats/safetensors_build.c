/* safetensors_build.c - header text for files that are written. */
#include "json.h"
#include "memory_stream.h"
#include "safetensors.h"

#include <stdlib.h>
#include <string.h>

/* A head under construction; the word is filled in at the end. */
static FILE *begin_head(struct bl_safetensors_head *head, struct bl_err *err)
{
	static const char word[BL_SAFETENSORS_WORD];
	FILE *to;

	to = bl_memory_stream(&head->bytes, &head->size);
	if (to)
		fwrite(word, 1, sizeof word, to);
	else
		bl_fail_memory(err, sizeof word, "a header");
	return to;
}

/* Fills a header up with blanks: to the length wanted, or where it is longer than that already, to
 * a multiple of 8. */
static void pad(FILE *to, size_t wanted)
{
	const long at = ftell(to);
	size_t length;

	if (at < BL_SAFETENSORS_WORD)
		return; /* the stream has failed; end_head finds it out */
	length = (size_t)at - BL_SAFETENSORS_WORD;
	if (wanted < length)
		wanted = length + (8 - length % 8) % 8;
	fprintf(to, "%*s", (int)(wanted - length), "");
}

/* Closes the head and writes its length word. On failure nothing is left. */
static int end_head(FILE *to, struct bl_safetensors_head *head, struct bl_err *err)
{
	uint64_t length;
	int rc = 0;

	if (bl_memory_close(to, &head->bytes) != 0)
		rc = bl_fail_memory(err, head->size, "a header");
	else if (head->size - BL_SAFETENSORS_WORD > BL_SAFETENSORS_HEADER)
		rc = bl_fail(err, BL_LIMIT,
			"its header would have %zu bytes; safetensors allows %d",
			head->size - BL_SAFETENSORS_WORD, BL_SAFETENSORS_HEADER);
	if (rc < 0) {
		free(head->bytes);
		head->bytes = NULL;
		return rc;
	}
	length = head->size - BL_SAFETENSORS_WORD;
	for (size_t i = 0; i < BL_SAFETENSORS_WORD; i++, length >>= 8)
		head->bytes[i] = (char)(length & 0xff);
	return 0;
}

/* ---- from a template ---- */

/*
 * What is to be done to a header: bytes [from, to) make way for `before`, the provenance as a
 * string where value is set, and `after`.
 */
struct edit {
	size_t from, to;
	const char *before, *after;
	bool value;
};

/* Sets "belay" within the metadata object whose brace was just read: replaces its value, or
 * appends it. */
static int edit_value(struct bl_json *j, struct edit *e, struct bl_err *err)
{
	enum bl_json_token t;

	e->value = true;
	e->from = e->to = j->at;
	e->before = "\"belay\":";
	while ((t = bl_json_next(j, err)) == BL_JSON_KEY) {
		const bool ours = bl_json_is(j, "belay");

		if (bl_json_next(j, err) != BL_JSON_STRING)
			return -1;
		e->from = e->to = j->at;
		e->before = ",\"belay\":";
		if (!ours)
			continue;
		e->from = j->start - 1;
		e->before = "";
		return 0;
	}
	return t == BL_JSON_FAIL ? -1 : 0;
}

/* Takes "belay" out of the metadata object whose brace was just read, with one comma. */
static int edit_out(struct bl_json *j, struct edit *e, struct bl_err *err)
{
	size_t previous = 0; /* the end of the member before; 0: none */

	for (;;) {
		const enum bl_json_token t = bl_json_next(j, err);
		const size_t key = j->start - 1;
		const bool ours = t == BL_JSON_KEY && bl_json_is(j, "belay");

		if (t != BL_JSON_KEY)
			return t == BL_JSON_FAIL ? -1 : 0;
		if (bl_json_next(j, err) != BL_JSON_STRING)
			return -1;
		if (ours) {
			e->from = previous ? previous : key;
			e->to = j->at;
			break;
		}
		previous = j->at;
	}
	if (!previous && bl_json_next(j, err) == BL_JSON_KEY)
		e->to = j->start - 1; /* the first member goes with the comma behind it */
	return 0;
}

/* The edit where there is metadata, whose value comes next. */
static int edit_metadata(struct bl_json *j, bool set, struct edit *e, struct bl_err *err)
{
	const enum bl_json_token t = bl_json_next(j, err);

	if (t == BL_JSON_OBJECT)
		return set ? edit_value(j, e, err) : edit_out(j, e, err);
	if (t != BL_JSON_NULL)
		return -1;
	if (set)
		*e = (struct edit){j->start, j->at, "{\"belay\":", "}", true};
	return 0;
}

/* Finds what must be done to set or remove the provenance. */
static int find_edit(const char *text, size_t length, bool set, struct edit *e, struct bl_err *err)
{
	enum bl_json_token t;
	struct bl_json j;

	bl_json_init(&j, text, length);
	if (bl_json_next(&j, err) != BL_JSON_OBJECT)
		return -1;
	if (set)
		*e = (struct edit){j.at, j.at, "\"__metadata__\":{\"belay\":", "}", true};
	t = bl_json_next(&j, err);
	if (t == BL_JSON_KEY && set)
		e->after = "},";
	while (t == BL_JSON_KEY) {
		if (bl_json_is(&j, "__metadata__")) {
			*e = (struct edit){0, 0, "", "", false};
			return edit_metadata(&j, set, e, err);
		}
		if (bl_json_next(&j, err) == BL_JSON_FAIL || bl_json_skip(&j, err) < 0)
			return -1;
		t = bl_json_next(&j, err);
	}
	return t == BL_JSON_OBJECT_END ? 0 : -1;
}

/* Writes the text with its edit, and fills it up with blanks. */
static void write_edited(FILE *to, const char *text, size_t length, const struct edit *e,
	const char *provenance)
{
	struct bl_json_printer p = {.to = to};
	size_t end = length;

	while (strchr(" \t\r\n", text[end - 1]))
		end--;
	fwrite(text, 1, e->from, to);
	fputs(e->before, to);
	if (e->value)
		bl_json_put_text(&p, provenance);
	fputs(e->after, to);
	fwrite(text + e->to, 1, end - e->to, to);
	pad(to, length);
}

int bl_safetensors_splice(const char *text, size_t length, const char *provenance,
	struct bl_safetensors_head *head, struct bl_err *err)
{
	struct edit e = {0, 0, "", "", false};
	FILE *to;

	if (find_edit(text, length, provenance != NULL, &e, err) < 0)
		return bl_fail(err, BL_INPUT, "changed while it was read");
	to = begin_head(head, err);
	if (!to)
		return -1;
	if (e.from == e.to && !e.value)
		fwrite(text, 1, length, to);
	else
		write_edited(to, text, length, &e, provenance);
	return end_head(to, head, err);
}

/* ---- from a catalogue ---- */

static int by_dtype_and_name(const void *a, const void *b)
{
	const struct bl_tensor *const *const x = a, *const *const y = b;

	if ((*x)->dtype != (*y)->dtype)
		return (*x)->dtype > (*y)->dtype ? -1 : 1;
	return strcmp((*x)->name, (*y)->name);
}

int bl_safetensors_order(const struct bl_catalog *cat, size_t *order, struct bl_err *err)
{
	const struct bl_tensor **list = calloc(cat->tensors + 1, sizeof *list);

	if (!list)
		return bl_fail_memory(err, cat->tensors * sizeof *list, "the order of the tensors");
	for (size_t i = 0; i < cat->tensors; i++)
		list[i] = &cat->tensor[i];
	qsort(list, cat->tensors, sizeof *list, by_dtype_and_name);
	for (size_t i = 0; i < cat->tensors; i++)
		order[i] = (size_t)(list[i] - cat->tensor);
	free(list);
	return 0;
}

static void put_metadata(struct bl_json_printer *p, const struct bl_meta *meta, size_t metas)
{
	bl_json_key(p, "__metadata__");
	bl_json_begin_object(p);
	for (size_t i = 0; i < metas; i++) {
		bl_json_key(p, meta[i].key);
		bl_json_put_string(p, meta[i].value, strlen(meta[i].value) + meta[i].more);
	}
	bl_json_end_object(p);
}

static void put_tensor(struct bl_json_printer *p, const struct bl_tensor *t, uint64_t begin)
{
	bl_json_key(p, t->name);
	bl_json_begin_object(p);
	bl_json_key(p, "dtype");
	bl_json_put_text(p, bl_dtype(t->dtype)->name);
	bl_json_key(p, "shape");
	bl_json_begin_array(p);
	for (unsigned i = 0; i < t->rank; i++)
		bl_json_put_unsigned(p, t->dim[i]);
	bl_json_end_array(p);
	bl_json_key(p, "data_offsets");
	bl_json_begin_array(p);
	bl_json_put_unsigned(p, begin);
	bl_json_put_unsigned(p, begin + t->bytes);
	bl_json_end_array(p);
	bl_json_end_object(p);
}

/* Gives every tensor its place. */
static int lay_out(const struct bl_catalog *cat, const size_t *order, size_t n, uint64_t *begin,
	uint64_t *values, struct bl_err *err)
{
	*values = 0;
	for (size_t i = 0; i < n; i++) {
		const struct bl_tensor *t = &cat->tensor[order[i]];

		if (t->dtype > BL_U64)
			return bl_fail(err, BL_OUTPUT, "%s: safetensors has no type for it",
				t->name);
		begin[order[i]] = *values;
		if (__builtin_add_overflow(*values, t->bytes, values))
			return bl_fail(err, BL_LIMIT, "it would have more than 2^64 bytes");
	}
	return 0;
}

int bl_safetensors_build(const struct bl_catalog *cat, const size_t *order, size_t n,
	const struct bl_meta *meta, size_t metas, uint64_t *begin, uint64_t *values,
	struct bl_safetensors_head *head, struct bl_err *err)
{
	struct bl_json_printer p = {.to = NULL};
	FILE *to;

	if (lay_out(cat, order, n, begin, values, err) < 0)
		return -1;
	to = begin_head(head, err);
	if (!to)
		return -1;
	p.to = to;
	bl_json_begin_object(&p);
	if (meta)
		put_metadata(&p, meta, metas);
	for (size_t i = 0; i < n; i++)
		put_tensor(&p, &cat->tensor[order[i]], begin[order[i]]);
	bl_json_end_object(&p);
	pad(to, 0);
	return end_head(to, head, err);
}
