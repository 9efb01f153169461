/* writing.c - files that a program writes besides averages. */
#include "writing.h"

#include <string.h>

const char *bl_output_title(const char *path)
{
	return strcmp(path, "-") == 0 ? "standard output" : path;
}

bool bl_output_is_table(const char *path)
{
	const size_t n = strlen(path);

	return n > 4 && strcmp(path + n - 4, ".tsv") == 0;
}

/* Names the file in a message that is not about a reader that is gone. */
static int name(const char *path, struct bl_err *err)
{
	return err->text[0] ? bl_prefix(err, "%s", bl_output_title(path)) : -1;
}

int bl_may_write(
	const char *path, unsigned flags, const struct bl_inputs *in, struct bl_err *err)
{
	const struct bl_file *file;
	bool exists;

	if (bl_output_examine(path, flags, &exists, err) != 0)
		return name(path, err);
	for (size_t t = 0; in && t < in->n; t++)
		for (size_t i = 0; (file = bl_source_file(&in->source[t], i)); i++)
			if (bl_output_is(path, file))
				return bl_fail(err, BL_USAGE, "%s: is an input", path);
	return 0;
}

int bl_write(const char *path, unsigned flags, const volatile sig_atomic_t *stop,
	const char *text, size_t size, struct bl_err *err)
{
	struct bl_output *out = NULL;
	int rc = bl_output_open(path, flags, stop, &out, err);

	if (rc == 0)
		rc = bl_output_reserve(out, size, err);
	if (rc == 0)
		rc = bl_output_write(out, 0, text, size, err);
	if (rc == 0)
		rc = bl_output_sync(out, err);
	if (rc == 0)
		rc = bl_output_publish(out, err);
	bl_output_close(out);
	return rc == 0 ? 0 : name(path, err);
}
