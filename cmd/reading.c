/* reading.c - what is read besides checkpoints. */
#include "reading.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *bl_reading_title(const char *path)
{
	return strcmp(path, "-") == 0 ? "standard input" : path;
}

/* All of a stream, or as much as shows that it is too long. */
static int read_stream(
	FILE *from, size_t most, const char *title, enum bl_exit code, char **text, size_t *len,
	struct bl_err *err)
{
	size_t room = 0;

	for (*len = 0; !feof(from) && *len < most;) {
		char *more;

		room = room ? 2 * room : 4096;
		room = room < most ? room : most;
		more = realloc(*text, room + 1);
		if (!more)
			return bl_fail_memory(err, room, title);
		*text = more;
		errno = 0;
		*len += fread(more + *len, 1, room - *len, from);
		if (ferror(from))
			return bl_fail_errno(err, code, errno ? errno : EIO, "%s: cannot be read",
				title);
	}
	(*text)[*len] = '\0';
	return 0;
}

int bl_read_whole(const char *path, size_t most, enum bl_exit code,
	const volatile sig_atomic_t *stop, char **text, size_t *len, struct bl_err *err)
{
	const bool is_stdin = strcmp(path, "-") == 0;
	FILE *from = is_stdin ? stdin : fopen(path, "re");
	int rc;

	*text = NULL;
	*len = 0;
	if (!from)
		return bl_fail_errno(err, code, errno, "%s", path);
	rc = read_stream(from, most, bl_reading_title(path), code, text, len, err);
	if (!is_stdin)
		fclose(from);
	if (bl_go_on(stop, err) != 0)
		rc = -1;
	if (rc != 0) {
		free(*text);
		*text = NULL;
	}
	return rc;
}

int bl_stdin_once(const struct bl_settings *all, const struct bl_settings *run, size_t n,
	struct bl_err *err)
{
	static const enum bl_option reads[] = {BL_OPT_RECIPE, BL_OPT_FILES_FROM,
		BL_OPT_FILES0_FROM, BL_OPT_WEIGHTS, BL_OPT_PROFILES, BL_OPT_METRICS};
	enum bl_option first = BL_OPTIONS;

	for (size_t i = 0; i < sizeof reads / sizeof reads[0]; i++) {
		const enum bl_option o = reads[i];
		bool takes = false;

		for (size_t k = 0; k <= n; k++) {
			const struct bl_given *g = k < n ? &run[k].given[o] : &all->given[o];

			/* What is said for all holds. */
			if (g->n && (k == n || !bl_settings_given(all, o)))
				takes |= strcmp(g->value->text, "-") == 0;
		}
		if (takes && first != BL_OPTIONS)
			return bl_fail(err, BL_USAGE, "--%s and --%s both want standard input",
				bl_option(first)->key, bl_option(o)->key);
		if (takes)
			first = o;
	}
	return 0;
}
