/* sets.c - two sets of checkpoints, each named by a word. */
#include "sets.h"

#include "hf_folder.h"

#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- what a word names ---- */

/* Adds a path, which is copied, to those of set k, the last one that has any. */
static int add(struct bl_sets *sets, size_t k, const char *path, struct bl_err *err)
{
	const size_t n = sets->n[0] + sets->n[1];
	const char **more;

	if ((n & (n - 1)) == 0) {
		more = realloc(sets->path, (n ? 2 * n : 1) * sizeof *more);
		if (!more)
			return bl_fail_memory(err, (n + 1) * sizeof *more, "the sets");
		sets->path = more;
	}
	sets->path[n] = strdup(path);
	if (!sets->path[n])
		return bl_fail_memory(err, strlen(path) + 1, "a path");
	sets->n[k]++;
	return 0;
}

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Is it a checkpoint in shards, so that the files in it are none by themselves? */
static bool is_sharded(const char *folder)
{
	struct bl_err ignored = {0};
	char *name = NULL;
	bool sharded;

	if (bl_hf_find(folder, &name, &ignored) != 0)
		return false;
	sharded = name && bl_hf_is_index(name);
	free(name);
	return sharded;
}

/* Adds what is in a folder, if it is a checkpoint. */
static int add_entry(struct bl_sets *sets, size_t k, const char *folder, const char *entry,
	struct bl_err *err)
{
	char *path = bl_hf_join(folder, entry, err), *name = NULL;
	bool wanted;
	int rc = 0;

	if (!path)
		return -1;
	wanted = bl_format_of_suffix(entry) != NULL;
	if (is_folder(path)) {
		rc = bl_hf_find(path, &name, err);
		if (rc != 0)
			bl_prefix(err, "%s", path);
		wanted = name != NULL;
		free(name);
	}
	if (rc == 0 && wanted)
		rc = add(sets, k, path, err);
	free(path);
	return rc;
}

static int add_folder(struct bl_sets *sets, size_t k, const char *folder, struct bl_err *err)
{
	struct dirent *entry;
	int rc = 0;
	DIR *dir;

	if (is_sharded(folder))
		return add(sets, k, folder, err);
	dir = opendir(folder);
	if (!dir)
		return bl_fail_errno(err, BL_INPUT, errno, "%s: cannot be listed", folder);
	while (rc == 0 && (errno = 0, entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			rc = add_entry(sets, k, folder, entry->d_name, err);
	if (rc == 0 && errno != 0)
		rc = bl_fail_errno(err, BL_INPUT, errno, "%s: cannot be listed", folder);
	closedir(dir);
	return rc;
}

static int add_matches(struct bl_sets *sets, size_t k, const char *pattern, struct bl_err *err)
{
	glob_t found;
	int rc = glob(pattern, GLOB_ERR, NULL, &found);

	if (rc == GLOB_NOSPACE)
		return bl_fail_memory(err, strlen(pattern), "the sets");
	if (rc == GLOB_ABORTED)
		return bl_fail_errno(err, BL_INPUT, errno ? errno : EIO, "%s", pattern);
	if (rc != 0)
		return 0;
	for (size_t i = 0; i < found.gl_pathc && rc == 0; i++)
		rc = add(sets, k, found.gl_pathv[i], err);
	globfree(&found);
	return rc;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int list(struct bl_sets *sets, size_t k, const char *word, struct bl_err *err)
{
	const bool folder = is_folder(word);
	const int rc = folder ? add_folder(sets, k, word, err) : add_matches(sets, k, word, err);

	if (rc != 0)
		return -1;
	if (sets->n[k] == 0)
		return bl_fail(err, BL_USAGE, folder ? "%s: holds no checkpoint"
		                                     : "%s: no file has such a name", word);
	qsort(sets->path + (k ? sets->n[0] : 0), sets->n[k], sizeof *sets->path, by_bytes);
	return 0;
}

/* ---- when they were saved ---- */

/* Puts the paths of a set into the order of time. */
static int order(struct bl_sets *sets, size_t k, struct bl_inputs *in,
	const struct bl_settings *s, struct bl_err *err)
{
	const double memory = bl_settings_number(s, BL_OPT_MEMORY);
	const size_t first = k ? sets->n[0] : 0;

	if (bl_inputs_open(in, sets->path + first, sets->n[k], s, err) != 0)
		return -1;
	if ((double)bl_inputs_bytes(in) > memory) {
		bl_fail(err, BL_LIMIT, "%.0f bytes of memory are not enough for what is known of "
			"the checkpoints", memory);
		return bl_hint(err, "--memory allows more");
	}
	for (size_t i = 0; i < in->n; i++) {
		sets->path[first + i] = in->source[i].path;
		sets->time[first + i] = in->time[i];
	}
	return 0;
}

/* All files that are open now, and the folders in which some are looked for. */
static void let(const struct bl_sets *sets, size_t k, const struct bl_inputs *in,
	struct bl_confine *c)
{
	const size_t first = k ? sets->n[0] : 0;

	bl_files_confine(in->pool, c);
	for (size_t i = 0; i < sets->n[k]; i++)
		if (is_folder(sets->path[first + i]))
			bl_confine_let_path(c, sets->path[first + i], BL_MAY_LIST);
}

int bl_sets_find(struct bl_sets *sets, const char *const word[2], struct bl_inputs *in,
	const volatile sig_atomic_t *stop, const struct bl_settings *s, struct bl_confine *c,
	struct bl_err *err)
{
	for (size_t k = 0; k < 2; k++)
		if (list(sets, k, word[k], err) != 0)
			return -1;
	sets->time = calloc(sets->n[0] + sets->n[1], sizeof *sets->time);
	if (!sets->time)
		return bl_fail_memory(err, (sets->n[0] + sets->n[1]) * sizeof *sets->time,
			"the sets");
	for (size_t k = 0; k < 2; k++) {
		bl_inputs_free(in);
		in->stop = stop;
		in->look = in->timed = true;
		if (order(sets, k, in, s, err) != 0)
			return -1;
		let(sets, k, in, c);
	}
	bl_inputs_free(in);
	return 0;
}

void bl_sets_free(struct bl_sets *sets)
{
	for (size_t i = 0; i < sets->n[0] + sets->n[1]; i++)
		free((void *)(uintptr_t)sets->path[i]);
	free(sets->path);
	free(sets->time);
	memset(sets, 0, sizeof *sets);
}
