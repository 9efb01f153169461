/* inputs.c - the checkpoints of a run: opened, checked against each other, in time order. */
#include "inputs.h"

#include <stdlib.h>
#include <string.h>

/* Averages of averages are rarely meant: a glob must not pick up yesterday's result. */
static int refuse_average(const struct bl_source *src, struct bl_err *err)
{
	if (!bl_catalog_meta(&src->cat, "belay"))
		return 0;
	bl_fail(err, BL_USAGE, "%s: is an average that belay made", src->path);
	return bl_hint(err, "leave it out, or say --allow-averages");
}

static int refuse_twice(const struct bl_inputs *in, size_t i, struct bl_err *err)
{
	const char *path = in->source[i].path;

	for (size_t k = 0; k < i; k++) {
		if (!bl_source_same(&in->source[k], &in->source[i]))
			continue;
		if (strcmp(in->source[k].path, path) == 0)
			return bl_fail(err, BL_USAGE, "%s: is given twice", path);
		return bl_fail(err, BL_USAGE, "%s and %s are the same file",
			in->source[k].path, path);
	}
	return 0;
}

static int refuse_other_format(const struct bl_inputs *in, size_t i, struct bl_err *err)
{
	const struct bl_source *a = &in->source[0], *b = &in->source[i];

	if (a->format == b->format)
		return 0;
	return bl_fail(err, BL_INPUT, "%s is %s, but %s is %s: one run reads one format", b->path,
		b->format->name, a->path, a->format->name);
}

static int open_all(struct bl_inputs *in, const char *const *path, size_t n, bool averages_too,
	struct bl_err *err)
{
	for (; in->n < n; in->n++) {
		struct bl_source *src = &in->source[in->n];

		if (bl_source_open(src, in->pool, path[in->n], err) != 0)
			return -1;
		if (refuse_twice(in, in->n, err) != 0 || refuse_other_format(in, in->n, err) != 0 ||
			(!averages_too && refuse_average(src, err) != 0)) {
			in->n++; /* it is open and must be closed */
			return -1;
		}
	}
	return 0;
}

static const char *text_of(const struct bl_settings *s, enum bl_option o)
{
	struct bl_value room;
	const struct bl_value *v = bl_settings_get(s, o, &room);

	return v ? v->text : NULL;
}

/* Puts sources and times into the order of time. */
static int order(struct bl_inputs *in, const struct bl_settings *s, struct bl_err *err)
{
	struct bl_value room;
	const struct bl_value *unit = bl_settings_get(s, BL_OPT_TIME_UNIT, &room);
	const struct bl_time_rule rule = {
		.index = bl_settings_given(s, BL_OPT_TIMES),
		.key = text_of(s, BL_OPT_TIME_KEY),
		.pattern = text_of(s, BL_OPT_TIME_PATTERN),
		.unit = unit ? unit->number : 0,
	};
	struct bl_time_input *known = calloc(in->n, sizeof *known);
	struct bl_source *sorted = calloc(in->n, sizeof *sorted);
	int64_t *found = calloc(in->n, sizeof *found);
	size_t *place = calloc(in->n, sizeof *place);
	int rc = -1;

	if (!known || !sorted || !found || !place) {
		bl_fail_memory(err, in->n * sizeof *sorted, "the inputs");
		goto out;
	}
	for (size_t i = 0; i < in->n; i++)
		known[i] = (struct bl_time_input){in->source[i].path, &in->source[i].cat};
	rc = bl_timeline_find(known, in->n, &rule, found, place, &in->origin, &in->time_key, err);
	if (rc != 0)
		goto out;
	for (size_t i = 0; i < in->n; i++) {
		sorted[i] = in->source[place[i]];
		in->time[i] = found[place[i]];
	}
	memcpy(in->source, sorted, in->n * sizeof *sorted);
out:
	free(known);
	free(sorted);
	free(found);
	free(place);
	return rc;
}

static bool identity(const size_t *map, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (map[i] != i)
			return false;
	return true;
}

/* Finds the last one's tensors in all others. */
static int match(struct bl_inputs *in, struct bl_err *err)
{
	const struct bl_source *last = &in->source[in->n - 1];
	const size_t tensors = last->cat.tensors;

	for (size_t t = 0; t + 1 < in->n; t++) {
		in->map[t] = calloc(tensors ? tensors : 1, sizeof *in->map[t]);
		if (!in->map[t])
			return bl_fail_memory(err, tensors * sizeof *in->map[t], "the inputs");
		if (bl_catalog_match(&last->cat, last->path, &in->source[t].cat, in->source[t].path,
			in->map[t], err) != 0)
			return -1;
		if (identity(in->map[t], tensors)) {
			free(in->map[t]);
			in->map[t] = NULL;
		}
	}
	return 0;
}

static int choose_averaged(struct bl_inputs *in, struct bl_err *err)
{
	const struct bl_catalog *cat = &in->source[in->n - 1].cat;

	in->averaged = calloc(cat->tensors ? cat->tensors : 1, sizeof *in->averaged);
	if (!in->averaged)
		return bl_fail_memory(err, cat->tensors, "the inputs");
	for (size_t i = 0; i < cat->tensors; i++) {
		in->averaged[i] = bl_dtype_averages(cat->tensor[i].dtype) && !cat->tensor[i].keep;
		in->averages += in->averaged[i];
	}
	return 0;
}

int bl_inputs_open(struct bl_inputs *in, const char *const *path, size_t n,
	const struct bl_settings *s, struct bl_err *err)
{
	if (bl_files_new(&in->pool, 0, err) != 0)
		return -1;
	in->source = calloc(n, sizeof *in->source);
	in->time = calloc(n, sizeof *in->time);
	in->map = calloc(n, sizeof *in->map);
	if (!in->source || !in->time || !in->map)
		return bl_fail_memory(err, n * sizeof *in->source, "the inputs");
	if (open_all(in, path, n, bl_settings_given(s, BL_OPT_ALLOW_AVERAGES), err) != 0)
		return -1;
	if (order(in, s, err) != 0 || match(in, err) != 0)
		return -1;
	return choose_averaged(in, err);
}

int bl_inputs_unchanged(const struct bl_inputs *in, struct bl_err *err)
{
	for (size_t t = 0; t < in->n; t++)
		if (bl_source_unchanged(&in->source[t], err) != 0)
			return -1;
	return 0;
}

/* As PyTorch, Keras 2 and flax call them; Keras 3 has numbers for names. */
const char *bl_inputs_statistic(const struct bl_inputs *in)
{
	static const char *const ending[] = {
		"running_mean", "running_var", "moving_mean", "moving_mean:0", "moving_variance",
		"moving_variance:0",
	};
	const struct bl_catalog *cat = &in->source[in->n - 1].cat;

	for (size_t i = 0; i < cat->tensors; i++) {
		const char *name = cat->tensor[i].name;

		for (size_t k = 0; in->averaged[i] && k < sizeof ending / sizeof ending[0]; k++)
			if (strlen(name) >= strlen(ending[k]) &&
				strcmp(name + strlen(name) - strlen(ending[k]), ending[k]) == 0)
				return name;
	}
	return NULL;
}

uint64_t bl_inputs_bytes(const struct bl_inputs *in)
{
	uint64_t bytes = in->n * (sizeof *in->source + sizeof *in->time + sizeof *in->map);

	for (size_t t = 0; t < in->n; t++) {
		bytes += bl_catalog_bytes(&in->source[t].cat);
		if (in->map[t])
			bytes += in->source[t].cat.tensors * sizeof *in->map[t];
	}
	return bytes;
}

void bl_inputs_free(struct bl_inputs *in)
{
	for (size_t t = 0; t < in->n; t++) {
		bl_source_close(&in->source[t]);
		free(in->map[t]);
	}
	free(in->source);
	free(in->time);
	free(in->map);
	free(in->averaged);
	bl_files_free(in->pool);
	memset(in, 0, sizeof *in);
}
