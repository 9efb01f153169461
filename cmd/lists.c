/* lists.c - inputs that files name: --files-from and --files0-from. */
#include "lists.h"

#include "reading.h"

#include <stdlib.h>
#include <string.h>

#define MOST ((size_t)64 << 20) /* bytes of a list */

static const enum bl_option list[] = {BL_OPT_FILES_FROM, BL_OPT_FILES0_FROM};

#define LISTS (sizeof list / sizeof list[0])

/* A list that is taken apart. */
struct reading {
	const char *title;
	const char *folder;
	bool zero; /* names end in NUL, not in a line break */
	struct bl_args *args;
};

/* Makes room for so many names more. */
static int reserve(struct bl_args *args, size_t names, struct bl_err *err)
{
	const size_t operands = args->operands + names + 1, listed = args->n_listed + names;
	const char **operand = realloc(args->operand, operands * sizeof *operand);
	char **own;

	if (operand)
		args->operand = operand;
	own = operand ? realloc(args->listed, listed * sizeof *own) : NULL;
	if (!own)
		return bl_fail_memory(err, operands * sizeof *operand, "the inputs");
	args->listed = own;
	return 0;
}

/* For which there is room. */
static int add(const struct reading *r, const char *name, struct bl_err *err)
{
	const char *folder = *name == '/' ? "" : r->folder;
	const size_t size = strlen(folder) + strlen(name) + 1;
	char *path = malloc(size);

	if (!path)
		return bl_fail_memory(err, size, "a path");
	strcpy(path, folder);
	strcat(path, name);
	r->args->listed[r->args->n_listed++] = path;
	r->args->operand[r->args->operands++] = path;
	return 0;
}

/* The number n of len bytes, behind which a NUL has taken the place of what ends it. */
static int take_name(const struct reading *r, const char *name, size_t len, size_t n,
	struct bl_err *err)
{
	if (len == 0 && !r->zero)
		return 0;
	if (len == 0)
		return bl_fail(err, BL_USAGE, "%s: path %zu is empty", r->title, n);
	if (strlen(name) == len)
		return add(r, name, err);
	bl_fail(err, BL_USAGE, "%s:%zu: there is a byte of zero in it", r->title, n);
	return bl_hint(err, "--files0-from is for lists with zeros");
}

static int take_names(const struct reading *r, char *text, size_t len, struct bl_err *err)
{
	const size_t before = r->args->operands;
	const char separator = r->zero ? '\0' : '\n';
	size_t names = 1;

	for (size_t i = 0; i < len; i++)
		names += text[i] == separator;
	if (reserve(r->args, names, err) != 0)
		return -1;
	for (size_t n = 1; len > 0; n++) {
		char *end = memchr(text, separator, len);
		const size_t size = end ? (size_t)(end - text) : len;

		text[size] = '\0'; /* the text has one byte more */
		if (take_name(r, text, size, n, err) != 0)
			return -1;
		text += size + (end != NULL);
		len -= size + (end != NULL);
	}
	if (r->args->operands > before)
		return 0;
	return bl_fail(err, BL_USAGE, "%s: names no checkpoint", r->title);
}

int bl_lists_take(const struct bl_settings *s, const char *folder, struct bl_args *args,
	const volatile sig_atomic_t *stop, struct bl_err *err)
{
	for (size_t i = 0; i < LISTS; i++) {
		const char *path;
		struct reading r = {.folder = folder, .args = args};
		char *text;
		size_t len;
		int rc;

		if (!bl_settings_given(s, list[i]))
			continue;
		path = s->given[list[i]].value->text;
		r.title = bl_reading_title(path);
		r.zero = list[i] == BL_OPT_FILES0_FROM;
		if (bl_read_whole(path, MOST + 1, BL_INPUT, stop, &text, &len, err) != 0)
			return -1;
		rc = len > MOST
			? bl_fail(err, BL_USAGE, "%s: is longer than 64 MiB", r.title)
			: take_names(&r, text, len, err);
		free(text);
		if (rc != 0)
			return -1;
	}
	return 0;
}

void bl_lists_drop(struct bl_settings *s)
{
	for (size_t i = 0; i < LISTS; i++)
		bl_settings_drop(s, list[i]);
}
