/* safetensors_shards.c - from an index and the files that it names to a source. */
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

/* A checkpoint in shards that is being opened. */
struct opening {
	struct bl_source *src;
	struct bl_safetensors_headers *list;
	struct bl_safetensors_file *file;
	const struct bl_safetensors_header **header; /* of the files that are open */
	const struct bl_safetensors_joined *known;   /* an earlier one with the same index */
	struct bl_safetensors_joined *own; /* in its place, once another header is met, or NULL */
	struct bl_index index;             /* with own */
};

/* ---- what several have in common ---- */

/* An earlier one, still open, that has the same index. */
static const struct bl_safetensors_joined *find(const struct bl_safetensors_headers *list,
	struct bl_file *file)
{
	const uint64_t size = bl_file_size(file);
	struct bl_err err = {0};
	const struct bl_safetensors_joined *j = list->joined;

	while (j && !(j->file && bl_file_size(j->file) == size &&
			     bl_file_unchanged(j->file, &err) == 0 &&
			     bl_file_equal(j->file, 0, file, 0, size)))
		j = j->next;
	return j;
}

void bl_safetensors_joined_free(struct bl_safetensors_joined *j)
{
	if (!j)
		return;
	bl_catalog_free(&j->cat);
	free(j);
}

/* Reads the index, and makes room for all that it names. */
static int begin(struct opening *o, struct bl_err *err)
{
	struct bl_safetensors_joined *j = calloc(1, sizeof *j);
	struct bl_json_file scan;

	if (!j)
		return bl_fail_memory(err, sizeof *j, "the shards");
	o->own = j;
	bl_json_file_init(&scan, o->src->file, 0, bl_file_size(o->src->file));
	if (bl_json_file_end(&scan, bl_index_parse(&scan.json, &o->index, err), err) != 0)
		return -1;
	j->shards = o->index.files;
	j->name = bl_catalog_alloc(&j->cat, j->shards * sizeof *j->name, err);
	j->header = bl_catalog_alloc(&j->cat, j->shards * sizeof *j->header, err);
	j->begin = bl_catalog_alloc(&j->cat, o->index.tensors * sizeof *j->begin, err);
	j->file_of = bl_catalog_alloc(&j->cat, o->index.tensors * sizeof *j->file_of, err);
	if (!j->name || !j->header || !j->begin || !j->file_of)
		return -1;
	for (size_t p = 0; p < j->shards; p++) {
		const char *name = o->index.file[p];

		j->name[p] = bl_catalog_text(&j->cat, name, strlen(name), err);
		if (!j->name[p])
			return -1;
	}
	return 0;
}

/* ---- tensors ---- */

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

/* Puts the tensors of shard p behind those of the shards before. */
static int take_tensors(struct opening *o, size_t p, struct bl_err *err)
{
	const struct bl_safetensors_header *h = o->header[p];
	struct bl_safetensors_joined *j = o->own;
	const size_t first = j->cat.tensors;
	struct bl_catalog cat = {0};

	if (check_shard(&o->index, j->name[p], &h->cat, err) != 0)
		return -1;
	for (size_t i = 0; i < h->cat.tensors; i++) { /* all are in the index, and each once */
		j->begin[first + i] = h->begin[i];
		j->file_of[first + i] = p;
	}
	j->header[p] = h;
	bl_catalog_lend(&h->cat, &cat);
	return bl_catalog_join(&j->cat, &cat, err);
}

/* ---- files ---- */

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

/* Opens shard p and reads its header; its metadata go to the source. */
static int read_part(struct opening *o, size_t p, const char *name, struct bl_err *err)
{
	struct bl_safetensors_file *f = &o->file[p];
	struct bl_catalog meta = {0};
	int rc = open_part(o->src, name, err);

	if (rc == 0) {
		*f = (struct bl_safetensors_file){o->src->part[p].file, o->src->part[p].name, 0};
		o->header[p] = bl_safetensors_file_read(o->list, f, &meta, err);
		rc = o->header[p] ? 0 : -1;
		if (rc != 0 && err->code == BL_INPUT) /* it may only be unfinished */
			(void)!bl_file_unchanged(f->file, err);
	}
	if (rc != 0)
		bl_prefix(err, "%s", name);
	else
		rc = bl_catalog_join(&o->src->cat, &meta, err);
	bl_catalog_free(&meta);
	return rc;
}

/* Takes the tensors of shard p, unless all is as it is known. */
static int take_part(struct opening *o, size_t p, struct bl_err *err)
{
	size_t first = p;

	if (!o->own) {
		if (o->header[p] == o->known->header[p])
			return 0;
		if (begin(o, err) != 0)
			return -1;
		first = 0;
	}
	for (; first <= p; first++)
		if (take_tensors(o, first, err) != 0)
			return -1;
	return 0;
}

static int read_parts(struct opening *o, struct bl_err *err)
{
	const struct bl_safetensors_joined *j = o->own ? o->own : o->known;
	const size_t n = j->shards;

	o->src->part = calloc(n + 1, sizeof *o->src->part);
	if (!o->src->part)
		return bl_fail_memory(err, n * sizeof *o->src->part, "the shards");
	o->file = bl_catalog_alloc(&o->src->cat, n * sizeof *o->file, err);
	o->header = bl_catalog_alloc(&o->src->cat, n * sizeof *o->header, err);
	if (!o->file || !o->header)
		return -1;
	for (size_t p = 0; p < n; p++)
		if (read_part(o, p, j->name[p], err) != 0 || take_part(o, p, err) != 0)
			return -1;
	return o->own ? check_all_found(&o->index, err) : 0;
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

/* All is read: what was made belongs to the list, and to the source what is now known. */
static void finish(struct opening *o, struct bl_safetensors_reader *r)
{
	const struct bl_safetensors_joined *j = o->own ? o->own : o->known;

	if (o->own) {
		o->own->file = o->src->file;
		o->own->next = o->list->joined;
		o->list->joined = o->own;
		o->own = NULL;
	}
	bl_catalog_lend(&j->cat, &o->src->cat);
	*r = (struct bl_safetensors_reader){o->file, j->shards, j->begin, j->file_of};
}

int bl_safetensors_open_index(struct bl_source *src, struct bl_safetensors_headers *list,
	struct bl_safetensors_reader *r, struct bl_err *err)
{
	const uint64_t size = bl_file_size(src->file);
	struct opening o = {.src = src, .list = list};
	int rc;

	if (size > BL_SAFETENSORS_INDEX)
		return bl_fail(err, BL_INPUT, "the index has %llu bytes; more than %u are not read",
			(unsigned long long)size, BL_SAFETENSORS_INDEX);
	if (find_folder(src, err) != 0)
		return -1;
	o.known = find(list, src->file);
	rc = o.known ? 0 : begin(&o, err);
	if (rc == 0)
		rc = read_parts(&o, err);
	if (rc == 0)
		finish(&o, r);
	bl_safetensors_joined_free(o.own);
	bl_index_free(&o.index);
	return rc;
}
