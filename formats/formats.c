/* formats.c - the table of checkpoint formats, and opening by it. */
#include "formats.h"

#include "foreign.h"

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
	if (found || bl_foreign_file(head, n, err))
		return found;
	found = bl_format_of_suffix(path);
	if (!found)
		bl_fail(err, BL_INPUT,
			"is no checkpoint that belay knows (safetensors, HDF5, Keras)");
	return found;
}

static int open_by_content(struct bl_source *src, struct bl_files *pool, struct bl_err *err)
{
	unsigned char head[BL_PROBE];
	const struct bl_format *format;
	struct stat st;
	size_t n;

	if (stat(src->path, &st) == 0 && S_ISDIR(st.st_mode))
		return bl_foreign_folder(src->path, err);
	if (bl_file_open(pool, src->path, &src->file, err) < 0)
		return -1;
	n = bl_file_size(src->file) < sizeof head ? (size_t)bl_file_size(src->file) : sizeof head;
	if (bl_file_read(src->file, 0, head, n, err) < 0)
		return -1;
	format = choose(src->path, head, n, err);
	if (!format)
		return -1;
	src->format = format;
	return format->open(src, err);
}

int bl_source_open(struct bl_source *src, struct bl_files *pool, const char *path,
	struct bl_err *err)
{
	memset(src, 0, sizeof *src);
	src->path = path;
	if (open_by_content(src, pool, err) == 0)
		return 0;
	bl_source_close(src);
	return bl_prefix(err, "%s", path);
}

void bl_source_close(struct bl_source *src)
{
	if (src->format)
		src->format->close(src);
	bl_file_close(src->file);
	bl_catalog_free(&src->cat);
	memset(src, 0, sizeof *src);
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
	return format->create(snk, err);
}
