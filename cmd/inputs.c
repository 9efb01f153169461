/* inputs.c - the checkpoints of a run: opened, in time order. */
#include "inputs.h"

#include "choice.h"
#include "names.h"
#include "profiles.h"
#include "timename.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Averages of averages are rarely meant: a glob must not pick up yesterday's result. */
static int refuse_average(const struct bl_source *src, bool averages_too, struct bl_err *err)
{
	if (bl_catalog_meta(&src->cat, BL_STATE_KEY)) {
		bl_fail(err, BL_USAGE, "%s: is the state of a run", src->path);
		return bl_hint(err, "--state names it");
	}
	if (averages_too || !bl_catalog_meta(&src->cat, "belay"))
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
				refuse_average(src, averages_too, err) != 0)) {
			in->n++; /* it is open and must be closed */
			return -1;
		}
	}
	return 0;
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

/* What is only looked at may have no times, unless something needs them. */
static int do_without_times(struct bl_inputs *in, const struct bl_settings *s, struct bl_err *err)
{
	if (!in->look || in->timed || times_asked(s) || bl_wish_given(s) != BL_OPTIONS ||
		err->code != BL_USAGE)
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

	if (!in->look || in->timed || in->n > 1 || in->origin != BL_TIME_NAME)
		return 0;
	if (bl_names_find(&in->source[0].path, 1, &known, &names, err) != 0)
		return -1;
	if (!known.text)
		forget_times(in);
	return 0;
}

/* How times are to be found. A state has the last word, so that new ones are of the same kind. */
static struct bl_time_rule time_rule(const struct bl_inputs *in, const struct bl_settings *s)
{
	struct bl_value room;
	const struct bl_value *unit = bl_settings_get(s, BL_OPT_TIME_UNIT, &room);
	struct bl_time_rule rule = {
		.index = bl_settings_given(s, BL_OPT_TIMES),
		.key = bl_settings_text(s, BL_OPT_TIME_KEY),
		.pattern = bl_settings_text(s, BL_OPT_TIME_PATTERN),
		.unit = unit ? unit->number : 0,
		.shared = in->snapshots,
	};

	if (in->state && !rule.key && !rule.pattern)
		rule.key = bl_state_time_rule(in->state, "key");
	return rule;
}

/* Is the path that of a source? */
static bool is_open(const struct bl_inputs *in, const char *path)
{
	for (size_t i = 0; i < in->n; i++)
		if (strcmp(path, in->source[i].path) == 0 ||
			bl_output_is(path, in->source[i].file))
			return true;
	return false;
}

/* What times are found from: the sources; and where names tell the times, those that a state has
 * seen too, so that the part of the names that differs is the same. Returns their number. */
static size_t list_known(const struct bl_inputs *in, const struct bl_time_rule *rule,
	struct bl_time_input *known, size_t *past)
{
	const bool names = in->state && !rule->key && !rule->pattern;
	size_t n = 0;

	for (; n < in->n; n++)
		known[n] = (struct bl_time_input){
			in->source[n].path, names ? NULL : &in->source[n].cat};
	for (size_t t = 0; names && t < in->state->checkpoints; t++) {
		if (is_open(in, in->state->past[t].path))
			continue;
		past[n] = t;
		known[n++] = (struct bl_time_input){in->state->past[t].path, NULL};
	}
	return n;
}

/* The names must tell of the state's checkpoints what they told before. */
static int check_past(const struct bl_inputs *in, const size_t *past, size_t n,
	const int64_t *found, struct bl_err *err)
{
	for (size_t i = in->n; i < n; i++) {
		const struct bl_past *p = &in->state->past[past[i]];

		if (found[i] == p->time)
			continue;
		bl_fail(err, BL_USAGE, "%s: beside the new names it has the time %" PRId64
			", and had %" PRId64 " when it was folded in", p->path, found[i], p->time);
		return bl_hint(err, "name the checkpoints as they were named before");
	}
	return 0;
}

/* Puts sources and times into the order of time. 1: there are no times, the order is as given. */
static int order(struct bl_inputs *in, const struct bl_settings *s, struct bl_err *err)
{
	const struct bl_time_rule rule = time_rule(in, s);
	const size_t most = in->n + (in->state ? in->state->checkpoints : 0);
	struct bl_time_input *known = calloc(most, sizeof *known);
	struct bl_source *sorted = calloc(in->n, sizeof *sorted);
	int64_t *found = calloc(most, sizeof *found);
	size_t *place = calloc(most, sizeof *place), *past = calloc(most, sizeof *past);
	size_t n, k = 0;
	int rc = -1;

	if (!known || !sorted || !found || !place || !past) {
		bl_fail_memory(err, most * sizeof *sorted, "the inputs");
		goto out;
	}
	n = list_known(in, &rule, known, past);
	rc = bl_timeline_find(known, n, &rule, found, place, &in->origin, &in->time_key, err);
	if (rc == 0)
		rc = check_past(in, past, n, found, err);
	else
		rc = do_without_times(in, s, err) == 0 ? 1 : -1;
	if (rc != 0)
		goto out;
	for (size_t i = 0; i < n; i++) {
		if (place[i] >= in->n)
			continue;
		sorted[k] = in->source[place[i]];
		in->time[k++] = found[place[i]];
	}
	memcpy(in->source, sorted, in->n * sizeof *sorted);
out:
	free(known);
	free(sorted);
	free(found);
	free(place);
	free(past);
	return rc;
}

/* ---- what a state has seen ---- */

static const char *base_name(const char *path, size_t *n)
{
	size_t end = strlen(path), from;

	while (end > 0 && path[end - 1] == '/')
		end--;
	for (from = end; from > 0 && path[from - 1] != '/';)
		from--;
	*n = end - from;
	return path + from;
}

static bool same_name(const char *a, const char *b)
{
	size_t m, n;

	a = base_name(a, &m);
	b = base_name(b, &n);
	return m == n && memcmp(a, b, n) == 0;
}

/* Source i is not after the last checkpoint of the state: it must be one of those. */
static int check_seen(const struct bl_inputs *in, size_t i, struct bl_err *err)
{
	const struct bl_state *s = in->state;
	const char *path = in->source[i].path;
	const uint64_t size = bl_source_size(&in->source[i]);
	size_t t = s->checkpoints - 1;

	while (t > 0 && s->past[t].time > in->time[i])
		t--;
	if (s->past[t].time != in->time[i]) {
		bl_fail(err, BL_USAGE,
			"%s: has the time %" PRId64 ", and the state is at %" PRId64
			" already, without it",
			path, in->time[i], s->past[s->checkpoints - 1].time);
		return bl_hint(err, "a state takes checkpoints in the order of time; without it, "
			"or with another, all are averaged anew");
	}
	if (!same_name(path, s->past[t].path))
		return bl_fail(err, BL_USAGE, "%s: has the time %" PRId64 ", for which the state "
			"took %s", path, in->time[i], s->past[t].path);
	if (size != s->past[t].size)
		return bl_fail(err, BL_INPUT, "%s: has %llu bytes, and had %llu when the state "
			"took it", path, (unsigned long long)size,
			(unsigned long long)s->past[t].size);
	return 0;
}

/* Leaves out what the state has seen; its last one stays where nothing is new. */
static int drop_seen(struct bl_inputs *in, struct bl_err *err)
{
	const struct bl_state *s = in->state;
	const int64_t last = s->past[s->checkpoints - 1].time;
	size_t seen = 0;

	for (; seen < in->n && in->time[seen] <= last; seen++)
		if (check_seen(in, seen, err) != 0)
			return -1;
	in->still = seen == in->n;
	in->past = s->checkpoints;
	if (in->still && in->time[seen - 1] == last) {
		seen--;
		in->past--;
	}
	for (size_t i = 0; i < seen; i++)
		bl_source_close(&in->source[i]);
	in->n -= seen;
	memmove(in->source, in->source + seen, in->n * sizeof *in->source);
	memmove(in->time, in->time + seen, in->n * sizeof *in->time);
	return 0;
}

int64_t *bl_inputs_times(const struct bl_inputs *in, struct bl_err *err)
{
	int64_t *time = calloc(in->past + in->n, sizeof *time);

	if (!time) {
		bl_fail_memory(err, (in->past + in->n) * sizeof *time, "the times");
		return NULL;
	}
	for (size_t t = 0; t < in->past; t++)
		time[t] = in->state->past[t].time;
	memcpy(time + in->past, in->time, in->n * sizeof *time);
	return time;
}

/* Snapshots that belay made tell their times best: their names have to tell the profile, too. */
static int place(struct bl_inputs *in, const struct bl_settings *s, struct bl_err *err)
{
	if (in->snapshots && !times_asked(s) && !bl_settings_given(s, BL_OPT_PROFILES))
		return bl_profiles_and_times(in, err);
	if (order(in, s, err) < 0)
		return -1;
	return in->snapshots ? bl_profiles_find(in, s, err) : 0;
}

/* Where checkpoints of several formats meet, names are spelled as the last one has them. */
static int agree_on_names(struct bl_inputs *in, struct bl_err *err)
{
	const bool dotted = in->n > 0 && in->source[in->n - 1].format->dotted;

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
	const char *plugins = bl_settings_text(s, BL_OPT_HDF5_PLUGINS);

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
	struct bl_wish wish;

	if (bl_wish_read(&wish, s, in->snapshots, err) != 0)
		return -1;
	if (make_pool(&in->pool, s, err) != 0 || bl_hdf5_stop(in->pool, in->stop, err) != 0)
		return -1;
	bl_files_leave(in->pool, in->leave);
	in->source = calloc(n, sizeof *in->source);
	in->time = calloc(n, sizeof *in->time);
	if (!in->source || !in->time)
		return bl_fail_memory(err, n * sizeof *in->source, "the inputs");
	if (open_all(in, path, n, averages, err) != 0)
		return -1;
	if (in->as_given) {
		forget_times(in);
		return agree_on_names(in, err);
	}
	if (place(in, s, err) != 0 || bl_inputs_choose(in, &wish, s, err) != 0)
		return -1;
	if (in->state && drop_seen(in, err) != 0)
		return -1;
	return in->look ? doubt_name(in, err) : agree_on_names(in, err);
}

int bl_inputs_unchanged(const struct bl_inputs *in, int rc, struct bl_err *err)
{
	if (rc != 0 && err->code != BL_INPUT)
		return rc;
	for (size_t t = 0; t < in->n; t++)
		if (bl_source_unchanged(&in->source[t], err) != 0)
			return -1;
	return in->pool && bl_files_unchanged(in->pool, err) != 0 ? -1 : rc;
}

uint64_t bl_inputs_bytes(const struct bl_inputs *in)
{
	uint64_t bytes = in->n * (sizeof *in->source + sizeof *in->time) + bl_files_bytes(in->pool);

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
