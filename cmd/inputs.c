/* inputs.c - the checkpoints of a run: opened, in time order. */
#include "inputs.h"

#include "names.h"
#include "profiles.h"
#include "timename.h"

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

static int open_all(struct bl_inputs *in, const char *const *path, size_t n, bool averages_too,
	struct bl_err *err)
{
	for (; in->n < n; in->n++) {
		struct bl_source *src = &in->source[in->n];

		if (bl_go_on(in->stop, err) != 0)
			return -1;
		if (bl_source_open(src, in->pool, path[in->n], err) != 0)
			return -1;
		if (!in->look && (refuse_twice(in, in->n, err) != 0 ||
				(!averages_too && refuse_average(src, err) != 0))) {
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

/* Was it said where the times are? */
static bool times_asked(const struct bl_settings *s)
{
	return bl_settings_given(s, BL_OPT_TIMES) || bl_settings_given(s, BL_OPT_TIME_KEY) ||
		bl_settings_given(s, BL_OPT_TIME_PATTERN);
}

static void forget_times(struct bl_inputs *in)
{
	free(in->time);
	in->time = NULL;
}

/* What is only looked at may have no times. */
static int do_without_times(struct bl_inputs *in, const struct bl_settings *s, struct bl_err *err)
{
	if (!in->look || times_asked(s) || err->code != BL_USAGE)
		return -1;
	forget_times(in);
	*err = (struct bl_err){0};
	return 0;
}

/* One input alone whose name tells nothing has the time 0, which is not to be shown. */
static int doubt_name(struct bl_inputs *in, struct bl_err *err)
{
	struct bl_name_time known;
	enum bl_names names;

	if (!in->look || in->n > 1 || in->origin != BL_TIME_NAME)
		return 0;
	if (bl_names_find(&in->source[0].path, 1, &known, &names, err) != 0)
		return -1;
	if (!known.text)
		forget_times(in);
	return 0;
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
		.shared = in->snapshots,
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
	if (rc != 0) {
		rc = do_without_times(in, s, err);
		goto out;
	}
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

/* Snapshots that belay made tell their times best: their names have to tell the profile, too. */
static int place(struct bl_inputs *in, const struct bl_settings *s, struct bl_err *err)
{
	if (in->snapshots && !times_asked(s) && !bl_settings_given(s, BL_OPT_PROFILES))
		return bl_profiles_and_times(in, err);
	if (order(in, s, err) != 0)
		return -1;
	return in->snapshots ? bl_profiles_find(in, s, err) : 0;
}

/* Where checkpoints of several formats meet, names are spelled as the last one has them. */
static int agree_on_names(struct bl_inputs *in, struct bl_err *err)
{
	const bool dotted = in->source[in->n - 1].format->dotted;

	for (size_t t = 0; t < in->n; t++) {
		struct bl_source *src = &in->source[t];

		if (src->format->dotted != dotted && bl_names_adopt(&src->cat, dotted, err) != 0)
			return err->code == BL_INPUT ? bl_prefix(err, "%s", src->path) : -1;
	}
	return 0;
}

/* A pool that knows what the settings say of HDF5. */
static int make_pool(struct bl_files **pool, const struct bl_settings *s, struct bl_err *err)
{
	const char *plugins = text_of(s, BL_OPT_HDF5_PLUGINS);

	if (bl_files_new(pool, 0, err) != 0)
		return -1;
	if (plugins && bl_hdf5_plugins(*pool, plugins, err) != 0)
		return -1;
	return bl_settings_word_is(s, BL_OPT_OPAQUE2, "bf16") ? bl_hdf5_opaque_bf16(*pool, err) : 0;
}

int bl_inputs_open(struct bl_inputs *in, const char *const *path, size_t n,
	const struct bl_settings *s, struct bl_err *err)
{
	const bool averages = in->snapshots || bl_settings_given(s, BL_OPT_ALLOW_AVERAGES);

	if (make_pool(&in->pool, s, err) != 0 || bl_hdf5_stop(in->pool, in->stop, err) != 0)
		return -1;
	bl_files_leave(in->pool, in->leave);
	in->source = calloc(n, sizeof *in->source);
	in->time = calloc(n, sizeof *in->time);
	if (!in->source || !in->time)
		return bl_fail_memory(err, n * sizeof *in->source, "the inputs");
	if (open_all(in, path, n, averages, err) != 0)
		return -1;
	if (place(in, s, err) != 0)
		return -1;
	return in->look ? doubt_name(in, err) : agree_on_names(in, err);
}

int bl_inputs_unchanged(const struct bl_inputs *in, struct bl_err *err)
{
	for (size_t t = 0; t < in->n; t++)
		if (bl_source_unchanged(&in->source[t], err) != 0)
			return -1;
	return 0;
}

uint64_t bl_inputs_bytes(const struct bl_inputs *in)
{
	uint64_t bytes = in->n * (sizeof *in->source + sizeof *in->time);

	for (size_t t = 0; t < in->n; t++)
		bytes += bl_source_bytes(&in->source[t]);
	return bytes;
}

void bl_inputs_free(struct bl_inputs *in)
{
	for (size_t t = 0; t < in->n; t++)
		bl_source_close(&in->source[t]);
	free(in->source);
	free(in->time);
	free(in->profile);
	bl_files_free(in->pool);
	memset(in, 0, sizeof *in);
}
