/* hf_folder.c - folders that hold one checkpoint, as Hugging Face tools write them. */
#include "config.h"

#include "hf_folder.h"

#include "hf_config.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define LISTED 10 /* candidates that a message names */
#define CONFIG ((uint64_t)4 << 20) /* bytes of a config.json that is looked into, at most */

/* What belongs to a training and not to its model, and what is no part of a model either. */
static const char *const left_out[] = {
	".*", "*~", "*.tmp",
	/* weights, of this run or in other forms */
	"*.safetensors", "*.safetensors.*", "*.index.json", "*.bin", "*.pt", "*.pth", "*.ckpt",
	"*.h5", "*.hdf5", "*.keras", "*.msgpack", "*.npz", "*.npy", "*.gguf", "*.onnx",
	"*.onnx_data", "*.tflite", "*.pkl", "*.pickle", "*.zip", "*.tar", "*.tar.*", "*.tgz",
	/* the state of the training */
	"optimizer*", "scheduler*", "scaler*", "rng_state*", "random_states*", "trainer_state*",
	"training_args*", "global_step*", "latest", "zero_to_fp32.py", "events.out.tfevents*",
	/* what was said and measured of another model */
	"README*", "*_results.json", "*.log",
};

bool bl_hf_keeps(const char *name)
{
	for (size_t i = 0; i < sizeof left_out / sizeof left_out[0]; i++)
		if (fnmatch(left_out[i], name, FNM_CASEFOLD) == 0)
			return false;
	return true;
}

bool bl_hf_is_index(const char *name)
{
	return fnmatch("*.safetensors.index.json", name, 0) == 0 ||
		fnmatch("*.safetensors.index.*.json", name, 0) == 0;
}

/* model-00001-of-00003.safetensors */
static bool is_shard(const char *name)
{
	return fnmatch("*-[0-9]*-of-[0-9]*.safetensors", name, 0) == 0;
}

/* Could it be the checkpoint of its folder? */
static bool is_candidate(const char *name)
{
	if (name[0] == '.' || fnmatch("optimizer*", name, 0) == 0)
		return false;
	return bl_hf_is_index(name) || fnmatch("*.safetensors", name, 0) == 0;
}

char *bl_hf_join(const char *folder, const char *name, struct bl_err *err)
{
	const size_t n = strlen(folder), room = n + strlen(name) + 2;
	char *path = malloc(room);

	if (!path) {
		bl_fail_memory(err, room, "a path");
		return NULL;
	}
	snprintf(path, room, "%s%s%s", folder, n > 0 && folder[n - 1] == '/' ? "" : "/", name);
	return path;
}

/* Names of files, sorted. */
struct names {
	char **name;
	size_t n, room;
};

static void names_free(struct names *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->name[i]);
	free(l->name);
}

static int names_add(struct names *l, const char *name, struct bl_err *err)
{
	if (l->n == l->room) {
		const size_t room = l->room ? 2 * l->room : 16;
		char **bigger = realloc(l->name, room * sizeof *bigger);

		if (!bigger)
			return bl_fail_memory(err, room * sizeof *bigger, "a list of files");
		l->name = bigger;
		l->room = room;
	}
	l->name[l->n] = strdup(name);
	if (!l->name[l->n])
		return bl_fail_memory(err, strlen(name) + 1, "a list of files");
	l->n++;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Is it a file? A link to nowhere counts as one, which whoever opens it will find out. */
static bool is_file(DIR *dir, const char *name)
{
	struct stat st;

	return fstatat(dirfd(dir), name, &st, 0) != 0 || S_ISREG(st.st_mode);
}

/* The files of a folder that are wanted. */
static int list(const char *path, bool (*wanted)(const char *name), struct names *l,
	struct bl_err *err)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int rc = 0;

	if (!dir)
		return bl_fail_errno(err, BL_INPUT, errno, "cannot be listed");
	while (rc == 0 && (errno = 0, entry = readdir(dir)))
		if (wanted(entry->d_name) && is_file(dir, entry->d_name))
			rc = names_add(l, entry->d_name, err);
	if (rc == 0 && errno != 0)
		rc = bl_fail_errno(err, BL_INPUT, errno, "cannot be listed");
	closedir(dir);
	if (l->n)
		qsort(l->name, l->n, sizeof *l->name, by_name);
	return rc;
}

static int fail_several(const char *path, const struct names *l, size_t candidates,
	struct bl_err *err)
{
	const size_t n = strlen(path);
	const char *first = NULL;
	size_t named = 0;

	bl_fail(err, BL_INPUT, "holds %zu checkpoints:", candidates);
	for (size_t i = 0; i < l->n && named < LISTED; i++) {
		if (is_shard(l->name[i]))
			continue;
		bl_line(err, "  %s", l->name[i]);
		first = first ? first : l->name[i];
		named++;
	}
	if (candidates > named)
		bl_line(err, "  and %zu more", candidates - named);
	return bl_hint(err, "name the one that is meant, such as %s%s%s", path,
		n > 0 && path[n - 1] == '/' ? "" : "/", first ? first : "");
}

int bl_hf_find(const char *path, char **name, struct bl_err *err)
{
	struct names l = {NULL, 0, 0};
	const char *found = NULL;
	size_t candidates = 0;
	int rc = list(path, is_candidate, &l, err);

	*name = NULL;
	for (size_t i = 0; rc == 0 && i < l.n; i++) {
		if (is_shard(l.name[i]))
			continue;
		found = l.name[i];
		candidates++;
	}
	if (rc == 0 && candidates > 1) {
		rc = fail_several(path, &l, candidates, err);
	} else if (rc == 0 && candidates == 0 && l.n > 0) {
		bl_fail(err, BL_INPUT, "holds shards, such as %s, but not their index", l.name[0]);
		rc = bl_hint(err, "it should be called X.safetensors.index.json; without it nobody "
			"can tell whether a shard is missing");
	} else if (rc == 0 && found) {
		*name = strdup(found);
		rc = *name ? 0 : bl_fail_memory(err, strlen(found) + 1, "a name");
	}
	names_free(&l);
	return rc;
}

/* Copies one open file. */
static int copy_bytes(struct bl_file *from, struct bl_output *to, struct bl_err *err)
{
	const uint64_t size = bl_file_size(from);
	const size_t room = 1 << 16;
	char *buffer = malloc(room);
	int rc;

	if (!buffer)
		return bl_fail_memory(err, room, "copying");
	rc = bl_output_reserve(to, size, err);
	for (uint64_t at = 0; rc == 0 && at < size; at += room) {
		const size_t n = size - at < room ? (size_t)(size - at) : room;

		rc = bl_file_read(from, at, buffer, n, err);
		if (rc == 0)
			rc = bl_output_write(to, at, buffer, n, err);
	}
	free(buffer);
	return rc;
}

/* Copies an open configuration, with another type in it. */
static int copy_config(struct bl_file *from, struct bl_output *to, enum bl_dtype dtype,
	struct bl_err *err)
{
	size_t n = (size_t)bl_file_size(from);
	char *text = malloc(n + 1);
	int rc;

	if (!text)
		return bl_fail_memory(err, n, "a configuration");
	rc = bl_file_read(from, 0, text, n, err);
	if (rc == 0)
		rc = bl_hf_config_retype(&text, &n, dtype, err);
	if (rc == 0)
		rc = bl_output_reserve(to, n, err);
	if (rc == 0)
		rc = bl_output_write(to, 0, text, n, err);
	free(text);
	return rc;
}

static int copy(const char *path, const char *name, const struct bl_sink_plan *plan,
	struct bl_output *out, struct bl_err *err)
{
	struct bl_file *from = NULL;
	struct bl_output *to;
	int rc = bl_file_open(plan->template->pool, path, &from, err);

	if (rc == 0)
		rc = bl_output_member(out, name, &to, err);
	if (rc == 0 && plan->retype && strcmp(name, "config.json") == 0 &&
		bl_file_size(from) <= CONFIG)
		rc = copy_config(from, to, plan->dtype, err);
	else if (rc == 0)
		rc = copy_bytes(from, to, err);
	if (rc == 0)
		rc = bl_file_watch(from, err);
	bl_file_close(from);
	return rc;
}

int bl_hf_copy(const struct bl_sink_plan *plan, struct bl_output *out, struct bl_err *err)
{
	const char *folder = plan->template->folder;
	struct names l = {NULL, 0, 0};
	int rc = list(folder, bl_hf_keeps, &l, err);

	if (rc != 0)
		bl_prefix(err, "%s", folder);
	for (size_t i = 0; rc == 0 && i < l.n; i++) {
		char *path;

		if (bl_output_has(out, l.name[i]))
			continue;
		path = bl_hf_join(folder, l.name[i], err);
		rc = path ? copy(path, l.name[i], plan, out, err) : -1;
		if (path && rc != 0 && err->text[0])
			bl_prefix(err, "%s", err->code == BL_INPUT ? path : l.name[i]);
		free(path);
	}
	names_free(&l);
	return rc;
}
