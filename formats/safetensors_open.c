/* safetensors_open.c - from safetensors files to a source. */
#include "config.h"

#include "file.h"
#include "foreign.h"
#include "formats.h"
#include "hf_folder.h"
#include "json_file.h"
#include "safetensors.h"
#include "safetensors_index.h"
#include "safetensors_state.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool bl_safetensors_is_index(const unsigned char *head, size_t n)
{
	size_t i = 0;

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

/* Reads the header of a file. The catalogue, which has neither, gets metadata of its own and has
 * the tensors lent. */
static int read_header(struct bl_safetensors_file *f, struct bl_catalog *cat,
	const struct bl_safetensors_header **header, struct bl_err *err)
{
	struct bl_safetensors_headers *list = headers_of(bl_file_pool(f->file), err);
	size_t length = 0;

	if (!list || read_length(f->file, &length, err) < 0)
		return -1;
	f->data = BL_SAFETENSORS_WORD + (uint64_t)length;
	if (bl_safetensors_header_read(list, f->file, length, cat, header, err) != 0)
		return -1;
	bl_catalog_lend(&(*header)->cat, cat);
	return 0;
}

/* ---- shards ---- */

/* Has the index all tensors of a shard, and in this shard? */
static int check_shard(const struct bl_index *index, const char *name,
	const struct bl_catalog *cat, struct bl_err *err)
{
	for (size_t i = 0; i < cat->tensors; i++) {
		struct bl_mapped *m = bl_index_find(index, cat->tensor[i].name);

		if (!m)
			return bl_fail(err, BL_INPUT, "%s: %s: is not in the index", name,
				cat->tensor[i].name);
		if (strcmp(m->file, name) != 0)
			return bl_fail(err, BL_INPUT, "%s: %s: the index has it in %s", name,
				cat->tensor[i].name, m->file);
		m->found = true;
	}
	return 0;
}

static int check_all_found(const struct bl_index *index, struct bl_err *err)
{
	for (size_t i = 0; i < index->tensors; i++)
		if (!index->tensor[i].found)
			return bl_fail(err, BL_INPUT, "%s: has no %s, which the index has there",
				index->tensor[i].file, index->tensor[i].tensor);
	return 0;
}

/* Shards that are being opened. */
struct opening {
	struct bl_source *src;
	const struct bl_index *index;
	struct bl_safetensors_file *file; /* as the index has them */
	uint64_t *begin;                  /* with file_of: room for all tensors of the index */
	size_t *file_of;
};

/* Opens the file of a shard as the next part of the source. */
static int open_part(struct bl_source *src, const char *name, struct bl_err *err)
{
	struct bl_part *part = &src->part[src->parts];
	char *joined = bl_hf_join(src->folder, name, err);
	const char *path = NULL;
	unsigned char head[64];
	size_t n;

	part->name = bl_catalog_text(&src->cat, name, strlen(name), err);
	if (joined)
		path = bl_catalog_text(&src->cat, joined, strlen(joined), err);
	free(joined);
	if (!part->name || !path)
		return -1;
	if (bl_file_open(src->pool, path, &part->file, err) < 0)
		return access(path, F_OK) == 0 ? -1
			: bl_hint(err, "the download or the copy may not be complete");
	src->parts++;
	n = bl_file_size(part->file) < sizeof head ? (size_t)bl_file_size(part->file) : sizeof head;
	if (bl_file_read(part->file, 0, head, n, err) < 0)
		return -1;
	if (bl_format_safetensors.probe(head, n)) /* the length of a header can be any two bytes */
		return 0;
	return bl_foreign_file(part->name, head, n, err) ? -1 : 0;
}

/* Puts the tensors of shard p behind those of the shards before. */
static int take_part(struct opening *o, size_t p, struct bl_catalog *cat, const uint64_t *begin,
	struct bl_err *err)
{
	const size_t first = o->src->cat.tensors;

	if (check_shard(o->index, o->file[p].name, cat, err) != 0)
		return -1;
	for (size_t i = 0; i < cat->tensors; i++) { /* all are in the index, and each once */
		o->begin[first + i] = begin[i];
		o->file_of[first + i] = p;
	}
	return bl_catalog_join(&o->src->cat, cat, err);
}

static int read_part(struct opening *o, size_t p, struct bl_err *err)
{
	struct bl_safetensors_file *f = &o->file[p];
	const struct bl_safetensors_header *header;
	struct bl_catalog cat = {0};
	int rc = open_part(o->src, o->index->file[p], err);

	if (rc == 0) {
		*f = (struct bl_safetensors_file){o->src->part[p].file, o->src->part[p].name, 0};
		rc = read_header(f, &cat, &header, err);
	}
	if (rc != 0)
		bl_prefix(err, "%s", o->index->file[p]);
	else
		rc = take_part(o, p, &cat, header->begin, err);
	bl_catalog_free(&cat);
	return rc;
}

/* Opens all files that an index names. */
static int read_parts(struct bl_source *src, const struct bl_index *index,
	struct bl_safetensors_reader *r, struct bl_err *err)
{
	struct opening o = {.src = src, .index = index};

	src->part = calloc(index->files + 1, sizeof *src->part);
	if (!src->part)
		return bl_fail_memory(err, index->files * sizeof *src->part, "the shards");
	o.file = bl_catalog_alloc(&src->cat, index->files * sizeof *o.file, err);
	o.begin = bl_catalog_alloc(&src->cat, index->tensors * sizeof *o.begin, err);
	o.file_of = bl_catalog_alloc(&src->cat, index->tensors * sizeof *o.file_of, err);
	if (!o.file || !o.begin || !o.file_of)
		return -1;
	for (size_t p = 0; p < index->files; p++)
		if (read_part(&o, p, err) != 0)
			return -1;
	*r = (struct bl_safetensors_reader){o.file, index->files, o.begin, o.file_of};
	return check_all_found(index, err);
}

/* The folder of the file that was opened, where the operand is not that folder itself. */
static int find_folder(struct bl_source *src, struct bl_err *err)
{
	const char *path = bl_file_path(src->file), *slash = strrchr(path, '/');

	if (src->folder)
		return 0;
	if (!slash)
		src->folder = ".";
	else
		src->folder = bl_catalog_text(&src->cat, path,
			slash == path ? 1 : (size_t)(slash - path), err);
	return src->folder ? 0 : -1;
}

static int open_index(struct bl_source *src, struct bl_safetensors_reader *r, struct bl_err *err)
{
	const uint64_t size = bl_file_size(src->file);
	struct bl_json_file scan;
	struct bl_index index = {0};
	int rc;

	if (size > BL_SAFETENSORS_INDEX)
		return bl_fail(err, BL_INPUT, "the index has %llu bytes; more than %u are not read",
			(unsigned long long)size, BL_SAFETENSORS_INDEX);
	if (find_folder(src, err) != 0)
		return -1;
	bl_json_file_init(&scan, src->file, 0, size);
	rc = bl_json_file_end(&scan, bl_index_parse(&scan.json, &index, err), err);
	if (rc == 0)
		rc = read_parts(src, &index, r, err);
	bl_index_free(&index);
	return rc;
}

/* ---- either ---- */

static int open_single(struct bl_source *src, struct bl_safetensors_reader *r, struct bl_err *err)
{
	struct bl_safetensors_file *f = bl_catalog_alloc(&src->cat, sizeof *f, err);
	const struct bl_safetensors_header *header;

	if (!f)
		return -1;
	f->file = src->file;
	if (read_header(f, &src->cat, &header, err) != 0)
		return -1;
	*r = (struct bl_safetensors_reader){f, 1, header->begin, NULL};
	return 0;
}

int bl_safetensors_open(struct bl_source *src, struct bl_err *err)
{
	struct bl_safetensors_reader *r = bl_catalog_alloc(&src->cat, sizeof *r, err);
	const uint64_t size = bl_file_size(src->file);
	unsigned char head[4096];
	const size_t n = size < sizeof head ? (size_t)size : sizeof head;

	if (!r || bl_file_read(src->file, 0, head, n, err) < 0)
		return -1;
	src->state = r;
	/* The map of an index may stand far behind; then its name tells. */
	if (bl_safetensors_is_index(head, n) || bl_hf_is_index(bl_file_path(src->file)))
		return open_index(src, r, err);
	return open_single(src, r, err);
}

void bl_safetensors_close(struct bl_source *src)
{
	struct bl_safetensors_headers *list = bl_files_kept(src->pool, BL_KEPT_SAFETENSORS)->data;

	for (size_t i = 0; list && i <= src->parts; i++)
		bl_safetensors_headers_forget(list, bl_source_file(src, i));
	src->state = NULL; /* it is the catalogue's */
}
