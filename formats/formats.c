/* formats.c - the table of checkpoint formats, and opening by it. */
#include "formats.h"

#include "hf_folder.h"
#include "foreign.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

const struct bl_format *const bl_formats[] = {
	&bl_format_safetensors,
	&bl_format_hdf5,
	&bl_format_keras,
	NULL,
};

/* The format that claims the bytes; where none does, the one of the suffix, which can then say what
 * is wrong with them. NULL on error. */
static const struct bl_format *choose(const char *path, const unsigned char *head, size_t n,
	struct bl_err *err)
{
	const struct bl_format *found = NULL;

	for (size_t i = 0; bl_formats[i]; i++) {
		if (!bl_formats[i]->probe(head, n))
			continue;
		if (found) {
			bl_fail(err, BL_INPUT, "could be %s and %s at once", found->name,
				bl_formats[i]->name);
			return NULL;
		}
		found = bl_formats[i];
	}
	if (found || bl_foreign_file(path, head, n, err))
		return found;
	found = bl_format_of_suffix(path);
	if (!found)
		bl_fail(err, BL_INPUT,
			"is no checkpoint that belay knows (safetensors, HDF5, Keras)");
	return found;
}

static int open_file(struct bl_source *src, const char *path, struct bl_err *err)
{
	unsigned char head[BL_PROBE];
	size_t n;

	if (bl_file_open(src->pool, path, &src->file, err) < 0)
		return -1;
	n = bl_file_size(src->file) < sizeof head ? (size_t)bl_file_size(src->file) : sizeof head;
	if (bl_file_read(src->file, 0, head, n, err) < 0)
		return -1;
	src->format = choose(path, head, n, err);
	if (src->format && src->format->open(src, err) == 0)
		return 0;
	if (err->code == BL_INPUT) /* what seems to be damaged may only be unfinished */
		(void)!bl_file_unchanged(src->file, err);
	return -1;
}

/* Opens the checkpoint that a folder holds. */
static int open_folder(struct bl_source *src, struct bl_err *err)
{
	char *name = NULL, *joined;
	const char *path = NULL;
	int rc;

	if (bl_hf_find(src->path, &name, err) != 0)
		return -1;
	if (!name)
		return bl_foreign_folder(src->path, err);
	src->folder = src->path;
	joined = bl_hf_join(src->path, name, err);
	if (joined)
		path = bl_catalog_text(&src->cat, joined, strlen(joined), err);
	rc = path ? open_file(src, path, err) : -1;
	if (rc != 0)
		bl_prefix(err, "%s", name);
	free(joined);
	free(name);
	return rc;
}

int bl_source_open(struct bl_source *src, struct bl_files *pool, const char *path,
	struct bl_err *err)
{
	struct stat st;
	bool folder;

	memset(src, 0, sizeof *src);
	src->path = path;
	src->pool = pool;
	folder = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
	if ((folder ? open_folder(src, err) : open_file(src, path, err)) == 0)
		return 0;
	bl_source_close(src);
	return bl_prefix(err, "%s", path);
}

uint64_t bl_source_bytes(const struct bl_source *src)
{
	return bl_catalog_bytes(&src->cat) + (src->format->bytes ? src->format->bytes(src) : 0);
}

void bl_source_close(struct bl_source *src)
{
	if (src->format)
		src->format->close(src);
	bl_file_close(src->file);
	for (size_t i = 0; i < src->parts; i++)
		bl_file_close(src->part[i].file);
	free(src->part);
	bl_catalog_free(&src->cat);
	memset(src, 0, sizeof *src);
}

struct bl_file *bl_source_file(const struct bl_source *src, size_t i)
{
	if (i == 0)
		return src->file;
	return i <= src->parts ? src->part[i - 1].file : NULL;
}

uint64_t bl_source_size(const struct bl_source *src)
{
	uint64_t size = 0;

	for (size_t i = 0; i <= src->parts; i++)
		size += bl_file_size(bl_source_file(src, i));
	return size;
}

bool bl_source_same(const struct bl_source *a, const struct bl_source *b)
{
	const size_t first = a->parts > 0; /* an index has no values */

	if (a->parts != b->parts)
		return false;
	for (size_t i = first; i <= a->parts; i++)
		if (!bl_file_same(bl_source_file(a, i), bl_source_file(b, i)))
			return false;
	return true;
}

int bl_source_unchanged(const struct bl_source *src, struct bl_err *err)
{
	for (size_t i = 0; i <= src->parts; i++)
		if (bl_file_unchanged(bl_source_file(src, i), err) != 0)
			return bl_prefix(err, "%s", bl_file_path(bl_source_file(src, i)));
	return 0;
}

static bool has_suffix(const char *path, const char *suffix, size_t n)
{
	const size_t length = strlen(path);

	return length >= n && strncasecmp(path + length - n, suffix, n) == 0;
}

const struct bl_format *bl_format_of_suffix(const char *path)
{
	for (size_t i = 0; bl_formats[i]; i++) {
		const char *s = bl_formats[i]->suffixes;

		while (*s) {
			const size_t n = strcspn(s, " ");

			if (n > 0 && has_suffix(path, s, n))
				return bl_formats[i];
			s += n + (s[n] == ' ');
		}
	}
	return NULL;
}

int bl_sink_create(struct bl_sink *snk, const struct bl_format *format, const char *path,
	struct bl_output *out, const struct bl_sink_plan *plan, struct bl_err *err)
{
	memset(snk, 0, sizeof *snk);
	snk->format = format;
	snk->path = path;
	snk->plan = *plan;
	snk->out = out;
	if (format->create(snk, err) != 0)
		return -1;
	if (!bl_output_is_folder(out) || !plan->template->folder)
		return 0;
	return bl_hf_copy(plan, out, err);
}
