/* paths.c - paths as seen from the folder that they have in common. */
#include "paths.h"

#include <stdlib.h>
#include <string.h>

/* Copies a path without empty parts and dots. Returns the bytes written, the NUL included. */
static size_t plain(const char *path, char *to)
{
	char *at = to;

	if (*path == '/')
		*at++ = '/';
	while (*path) {
		const size_t n = strcspn(path, "/");

		if (n > 1 || (n == 1 && *path != '.')) {
			if (at > to && at[-1] != '/')
				*at++ = '/';
			memcpy(at, path, n);
			at += n;
		}
		path += n;
		path += strspn(path, "/");
	}
	if (at == to)
		*at++ = '.';
	*at++ = '\0';
	return (size_t)(at - to);
}

/* Bytes of a path up to and including the slash before its last name. */
static size_t folder_length(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? (size_t)(slash - path) + 1 : 0;
}

/* Bytes of the folder that holds them all, with its slash. */
static size_t common_folder(const char *const *path, size_t count)
{
	size_t common = folder_length(path[0]);

	for (size_t i = 1; i < count; i++) {
		const size_t most = folder_length(path[i]);
		size_t n = 0, whole = 0;

		for (; n < common && n < most && path[i][n] == path[0][n]; n++)
			if (path[0][n] == '/')
				whole = n + 1;
		common = whole;
	}
	return common;
}

int bl_paths_make(struct bl_paths *p, const char *const *path, size_t count, struct bl_err *err)
{
	size_t bytes = 0, common;
	char *at;

	for (size_t i = 0; i < count; i++)
		bytes += strlen(path[i]) + 2;
	*p = (struct bl_paths){NULL, calloc(count + 1, sizeof *p->path), malloc(bytes + 1)};
	if (!p->path || !p->memory)
		goto out;
	at = p->memory;
	for (size_t i = 0; i < count; i++) {
		p->path[i] = at;
		at += plain(path[i], at);
	}
	common = count ? common_folder(p->path, count) : 0;
	p->folder = strndup(count ? p->path[0] : "", common);
	if (!p->folder)
		goto out;
	for (size_t i = 0; i < count; i++) {
		p->path[i] += common;
		if (*p->path[i] == '/' && p->path[i][1])
			p->path[i] += folder_length(p->path[i]);
	}
	return 0;
out:
	bl_paths_free(p);
	return bl_fail_memory(err, bytes, "the paths");
}

void bl_paths_free(struct bl_paths *p)
{
	free(p->folder);
	free(p->path);
	free(p->memory);
	*p = (struct bl_paths){NULL, NULL, NULL};
}
