/* hdf5_plugins.c - the folders in which libhdf5 may find filters. */
#include "config.h"

#include "hdf5_plugins.h"

#include "hdf5_driver.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDERS 64 /* at most */
#define VARIABLE "HDF5_PLUGIN_PATH"

/* Takes over folder. */
static int add(struct bl_h5_plugins *p, char *folder, struct bl_err *err)
{
	char **bigger = p->n < FOLDERS ? realloc(p->folder, (p->n + 1) * sizeof *bigger) : NULL;

	if (!bigger) {
		free(folder);
		return bl_fail(err, BL_LIMIT, "more than %d folders of plugins", FOLDERS);
	}
	p->folder = bigger;
	p->folder[p->n++] = folder;
	return 0;
}

/* One part of a list. */
static int find(struct bl_h5_plugins *p, const char *text, size_t len, bool must,
	struct bl_err *err)
{
	char *given = strndup(text, len), *folder;
	DIR *dir;
	int rc = 0;

	if (!given)
		return bl_fail_memory(err, len + 1, "the plugins");
	folder = realpath(given, NULL);
	dir = folder ? opendir(folder) : NULL;
	if (dir)
		rc = add(p, folder, err);
	else if (must)
		rc = bl_fail_errno(err, BL_USAGE, errno, "--hdf5-plugins: %s", given);
	if (dir)
		closedir(dir);
	else
		free(folder);
	free(given);
	return rc;
}

int bl_h5_plugins_find(struct bl_h5_plugins *p, const char *list, struct bl_err *err)
{
	const bool named = strcmp(list, "$" VARIABLE) != 0;
	const char *const variable = named ? NULL : getenv(VARIABLE);
	const char *at = named ? list : variable ? variable : "";

	while (*at) {
		const size_t n = strcspn(at, ":");

		if (n && find(p, at, n, named, err) != 0)
			return -1;
		at += n + (at[n] == ':');
	}
	if (p->n > 0 || (!named && !variable))
		return 0;
	return bl_fail(err, BL_USAGE, "%s: no folder is named",
		named ? "--hdf5-plugins" : VARIABLE);
}

/* The folders in which the library looks by itself. */
static int find_own(struct bl_h5_plugins *p)
{
	struct bl_err ignored;
	unsigned n = 0;

	if (H5PLsize(&n) < 0)
		return -1;
	for (unsigned i = 0; i < n; i++) {
		char folder[4096];
		const ssize_t len = H5PLget(i, folder, sizeof folder);

		if (len > 0 && (size_t)len < sizeof folder &&
			find(p, folder, (size_t)len, false, &ignored) != 0)
			return -1;
	}
	return 0;
}

/* Loads all that could be plugins, for good: nothing tells when libhdf5 needs one no more. What
 * cannot be loaded is none. */
static void load_all(const char *folder)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		char path[4096 + 256];
		void *plugin;

		if (!strstr(entry->d_name, ".so"))
			continue;
		snprintf(path, sizeof path, "%.4095s/%.255s", folder, entry->d_name);
		plugin = dlopen(path, RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE);
		if (plugin)
			dlclose(plugin);
	}
	if (dir)
		closedir(dir);
}

int bl_h5_plugins_load(const struct bl_h5_plugins *asked, struct bl_h5_plugins *found)
{
	struct bl_err ignored;
	unsigned n = 0;

	if (asked->n == 0 && find_own(found) != 0)
		return -1;
	for (size_t i = 0; i < asked->n; i++)
		if (find(found, asked->folder[i], strlen(asked->folder[i]), false, &ignored) != 0)
			return -1;
	/* The library gives up at the first folder that is not there. */
	while (H5PLsize(&n) >= 0 && n > 0)
		if (H5PLremove(0) < 0)
			return -1;
	for (size_t i = 0; i < found->n; i++) {
		load_all(found->folder[i]);
		if (H5PLappend(found->folder[i]) < 0)
			return -1;
	}
	return 0;
}

void bl_h5_plugins_free(struct bl_h5_plugins *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->folder[i]);
	free(p->folder);
	memset(p, 0, sizeof *p);
}
