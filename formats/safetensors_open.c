/* safetensors_open.c - from safetensors files to a source. */
#include "config.h"

#include "file.h"
#include "formats.h"
#include "hf_folder.h"
#include "safetensors.h"
#include "safetensors_state.h"

#include <stdlib.h>
#include <string.h>

bool bl_safetensors_is_index(const unsigned char *head, size_t n)
{
	size_t i = 0;

	/* A length word may look like a brace, but its upper bytes are zeros. */
	if (n < BL_SAFETENSORS_WORD || memchr(head, '\0', BL_SAFETENSORS_WORD))
		return false;
	while (i < n && (head[i] == ' ' || head[i] == '\t' || head[i] == '\r' || head[i] == '\n'))
		i++;
	return i < n && head[i] == '{' && memmem(head, n, "\"weight_map\"", 12);
}

/* Reads the length word and holds it against the file. */
static int read_length(struct bl_file *file, size_t *length, struct bl_err *err)
{
	const uint64_t size = bl_file_size(file);
	unsigned char word[BL_SAFETENSORS_WORD];
	uint64_t n = 0;

	if (size < sizeof word)
		return bl_fail(err, BL_INPUT, "has only %llu bytes, too few for a safetensors file",
			(unsigned long long)size);
	if (bl_file_read(file, 0, word, sizeof word, err) < 0)
		return -1;
	for (size_t i = sizeof word; i > 0; i--)
		n = n << 8 | word[i - 1];
	if (n > size - sizeof word) {
		bl_fail(err, BL_INPUT,
			"its header should have %llu bytes, but the file has only %llu",
			(unsigned long long)n, (unsigned long long)size);
		return bl_hint(err, n > BL_SAFETENSORS_HEADER
			? "it is damaged, or no safetensors file"
			: "the download or the copy may have been cut short");
	}
	if (n > BL_SAFETENSORS_HEADER)
		return bl_fail(err, BL_INPUT,
			"its header has %llu bytes; safetensors allows no more than %d",
			(unsigned long long)n, BL_SAFETENSORS_HEADER);
	*length = (size_t)n;
	return 0;
}

char *bl_safetensors_text(const struct bl_safetensors_file *f, struct bl_err *err)
{
	const size_t length = (size_t)f->data - BL_SAFETENSORS_WORD;
	char *text = malloc(length + 1);

	if (!text) {
		bl_fail_memory(err, length, "a header");
		return NULL;
	}
	if (bl_file_read(f->file, BL_SAFETENSORS_WORD, text, length, err) == 0)
		return text;
	free(text);
	return NULL;
}

static void free_headers(void *headers)
{
	bl_safetensors_headers_free(headers);
	free(headers);
}

static size_t bytes_of_headers(const void *headers)
{
	return bl_safetensors_headers_bytes(headers);
}

/* The headers of a pool, which frees them. NULL on error. */
static struct bl_safetensors_headers *headers_of(struct bl_files *pool, struct bl_err *err)
{
	struct bl_files_kept *kept = bl_files_kept(pool, BL_KEPT_SAFETENSORS);

	if (kept->data)
		return kept->data;
	kept->data = calloc(1, sizeof(struct bl_safetensors_headers));
	kept->free = free_headers;
	kept->bytes = bytes_of_headers;
	if (!kept->data)
		bl_fail_memory(err, sizeof(struct bl_safetensors_headers), "the headers");
	return kept->data;
}

const struct bl_safetensors_header *bl_safetensors_file_read(struct bl_safetensors_headers *list,
	struct bl_safetensors_file *f, struct bl_catalog *meta, struct bl_err *err)
{
	const struct bl_safetensors_header *header;
	size_t length = 0;

	if (read_length(f->file, &length, err) < 0)
		return NULL;
	f->data = BL_SAFETENSORS_WORD + (uint64_t)length;
	if (bl_safetensors_header_read(list, f->file, length, meta, &header, err) != 0)
		return NULL;
	return header;
}

static int open_single(struct bl_source *src, struct bl_safetensors_headers *list,
	struct bl_safetensors_reader *r, struct bl_err *err)
{
	struct bl_safetensors_file *f = bl_catalog_alloc(&src->cat, sizeof *f, err);
	const struct bl_safetensors_header *header;

	if (!f)
		return -1;
	f->file = src->file;
	header = bl_safetensors_file_read(list, f, &src->cat, err);
	if (!header)
		return -1;
	bl_catalog_lend(&header->cat, &src->cat);
	*r = (struct bl_safetensors_reader){f, 1, header->begin, NULL};
	return 0;
}

int bl_safetensors_open(struct bl_source *src, struct bl_err *err)
{
	struct bl_safetensors_headers *list = headers_of(src->pool, err);
	struct bl_safetensors_reader *r = bl_catalog_alloc(&src->cat, sizeof *r, err);
	const uint64_t size = bl_file_size(src->file);
	unsigned char head[4096];
	const size_t n = size < sizeof head ? (size_t)size : sizeof head;

	if (!list || !r || bl_file_read(src->file, 0, head, n, err) < 0)
		return -1;
	src->state = r;
	/* The map of an index may stand far behind; then its name tells. */
	if (bl_safetensors_is_index(head, n) || bl_hf_is_index(bl_file_path(src->file)))
		return bl_safetensors_open_index(src, list, r, err);
	return open_single(src, list, r, err);
}

void bl_safetensors_close(struct bl_source *src)
{
	struct bl_safetensors_headers *list = bl_files_kept(src->pool, BL_KEPT_SAFETENSORS)->data;

	for (size_t i = 0; list && i <= src->parts; i++)
		bl_safetensors_headers_forget(list, bl_source_file(src, i));
	src->state = NULL; /* it is the catalogue's */
}
