/* safetensors_headers.c - headers that files have in common, but for their metadata. */
#include "json_file.h"
#include "safetensors.h"

#include <stdlib.h>
#include <string.h>

/* A header and the file that it is looked for in. */
struct sought {
	struct bl_file *file;
	uint64_t at, length; /* of the text that is left, with blanks at its end */
	uint64_t values;     /* bytes of the data section */
	bool behind;         /* metadata were there */
};

/* Are there only blanks from one byte of the file to another? */
static bool is_blank(struct bl_file *file, uint64_t at, uint64_t end)
{
	struct bl_err err = {0};
	char piece[4096];

	while (at < end) {
		const size_t n = end - at < sizeof piece ? (size_t)(end - at) : sizeof piece;

		if (bl_file_read(file, at, piece, n, &err) != 0)
			return false;
		for (size_t i = 0; i < n; i++)
			if (!memchr(" \t\r\n", piece[i], 4))
				return false;
		at += n;
	}
	return true;
}

static bool matches(const struct bl_safetensors_header *h, const struct sought *s)
{
	struct bl_err err = {0};

	return h->file && h->behind == s->behind && h->end == s->values &&
		h->length <= s->length && bl_file_unchanged(h->file, &err) == 0 &&
		bl_file_equal(h->file, h->at, s->file, s->at, h->length) &&
		is_blank(s->file, s->at + h->length, s->at + s->length);
}

/* The header whose tensors are those that are still to be read; NULL: none. */
static const struct bl_safetensors_header *find(const struct bl_safetensors_headers *list,
	const struct sought *s)
{
	const struct bl_safetensors_header *h = list->first;

	while (h && !matches(h, s))
		h = h->next;
	return h;
}

static void free_header(struct bl_safetensors_header *h)
{
	bl_catalog_free(&h->cat);
	free(h->begin);
	free(h);
}

/* Reads the tensors that are still to be read into a new header. NULL on error. */
static const struct bl_safetensors_header *add(struct bl_safetensors_headers *list,
	struct bl_safetensors_scan *scan, const struct sought *s, struct bl_err *err)
{
	struct bl_safetensors_header *h = calloc(1, sizeof *h);

	if (!h) {
		bl_fail_memory(err, sizeof *h, "a header");
		return NULL;
	}
	scan->header = h;
	if (bl_safetensors_tensors(scan, err) != 0 ||
		bl_safetensors_check(h, scan->meta, s->values, err) != 0) {
		free_header(h);
		return NULL;
	}
	if (scan->metadata == s->behind) /* else metadata are in the midst of it */
		h->file = s->file;
	h->at = s->at;
	h->length = scan->end - scan->rest;
	h->behind = s->behind;
	h->next = list->first;
	list->first = h;
	return h;
}

/* Reads a header, of which sought says what is known beforehand. */
static int read_scan(struct bl_safetensors_headers *list, struct bl_safetensors_scan *scan,
	struct sought *s, const struct bl_safetensors_header **header, struct bl_err *err)
{
	if (bl_safetensors_begin(scan, err) != 0)
		return -1;
	s->behind = scan->metadata;
	s->at += scan->rest;
	s->length -= scan->rest;
	*header = find(list, s);
	if (*header)
		return bl_safetensors_accept(scan, *header, err);
	*header = add(list, scan, s, err);
	return *header ? 0 : -1;
}

int bl_safetensors_header_read(struct bl_safetensors_headers *list, struct bl_file *file,
	size_t length, struct bl_catalog *meta, const struct bl_safetensors_header **header,
	struct bl_err *err)
{
	struct bl_json_file text;
	struct bl_safetensors_scan scan = {.json = &text.json, .meta = meta};
	struct sought s = {.file = file, .at = BL_SAFETENSORS_WORD, .length = length};
	int rc;

	s.values = bl_file_size(file) - BL_SAFETENSORS_WORD - length;
	bl_json_file_init(&text, file, BL_SAFETENSORS_WORD, length);
	rc = read_scan(list, &scan, &s, header, err);
	return bl_json_file_end(&text, rc, err);
}

void bl_safetensors_headers_forget(struct bl_safetensors_headers *list, const struct bl_file *file)
{
	for (struct bl_safetensors_header *h = list->first; h; h = h->next)
		if (h->file == file)
			h->file = NULL;
	for (struct bl_safetensors_joined *j = list->joined; j; j = j->next)
		if (j->file == file)
			j->file = NULL;
}

void bl_safetensors_headers_free(struct bl_safetensors_headers *list)
{
	while (list->joined) {
		struct bl_safetensors_joined *j = list->joined;

		list->joined = j->next;
		bl_safetensors_joined_free(j);
	}
	while (list->first) {
		struct bl_safetensors_header *h = list->first;

		list->first = h->next;
		free_header(h);
	}
}

size_t bl_safetensors_headers_bytes(const struct bl_safetensors_headers *list)
{
	size_t bytes = 0;

	for (const struct bl_safetensors_header *h = list->first; h; h = h->next)
		bytes += sizeof *h + bl_catalog_bytes(&h->cat) + h->cat.tensors * sizeof *h->begin;
	for (const struct bl_safetensors_joined *j = list->joined; j; j = j->next)
		bytes += sizeof *j + bl_catalog_bytes(&j->cat);
	return bytes;
}
