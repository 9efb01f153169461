/* profiles.c - what each snapshot is an average of. */
#include "config.h"

#include "profiles.h"

#include "dynamics.h"
#include "lines.h"
#include "power.h"
#include "value.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool bl_cases_snapshots(const struct bl_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct bl_dynamics *d =
			bl_dynamics_find(bl_case_word(&cases[i], BL_OPT_METHOD));

		if (!d || !d->fit)
			return false;
	}
	return n > 0;
}

/* "rel-std=0.1" or "decay=0.999". */
static int parse(const char *text, struct bl_profile *p, struct bl_err *err)
{
	static const enum bl_option named[] = {BL_OPT_REL_STD, BL_OPT_DECAY};

	for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
		const char *key = bl_option(named[i])->key;
		const size_t n = strlen(key);
		struct bl_value v;

		if (strncmp(text, key, n) != 0 || text[n] != '=')
			continue;
		if (bl_value_parse(bl_option(named[i]), text + n + 1, &v, err) != 0)
			return bl_prefix(err, "%s", key);
		*p = named[i] == BL_OPT_DECAY
			? (struct bl_profile){false, 1 - v.number, 0}
			: (struct bl_profile){true, bl_power_exponent(v.number), 0};
		if (p->number == 0)
			return bl_fail(err, BL_USAGE, "rel-std of a power average must be above 0 "
				"and below 0.288675");
		return 0;
	}
	return bl_fail(err, BL_USAGE, "\"%s\" is no profile: rel-std=S or decay=B was expected",
		text);
}

static int from_file(struct bl_inputs *in, const char *path, const struct bl_settings *s,
	struct bl_err *err)
{
	struct bl_listing l = {NULL, NULL, NULL, 0};
	int rc = bl_listing_read(&l, path, in, s, err);

	for (size_t t = 0; rc == 0 && t < in->n; t++) {
		rc = parse(l.text[t], &in->profile[t], err);
		if (rc != 0)
			bl_prefix(err, "%s:%zu", l.path, l.line[t]);
	}
	bl_listing_free(&l);
	return rc;
}

/* The profile of an input, and when it was taken. */
static int from_record(
	struct bl_inputs *in, size_t t, struct bl_profile_when *when, struct bl_err *err)
{
	static const char hint[] = "--profiles FILE says what each snapshot is an average of";
	const char *record = bl_catalog_meta(&in->source[t].cat, "belay");

	if (!record) {
		bl_fail(err, BL_USAGE, "it does not record what it is an average of");
		bl_hint(err, "%s", hint);
		return bl_prefix(err, "%s", in->source[t].path);
	}
	if (bl_profile_recorded(record, &in->profile[t], when, err) == 0)
		return 0;
	if (err->code == BL_USAGE)
		bl_hint(err, "%s", hint);
	return bl_prefix(err, "%s", in->source[t].path);
}

static int check_time(const struct bl_inputs *in, size_t t, int64_t recorded, struct bl_err *err)
{
	if (recorded == in->time[t])
		return 0;
	return bl_fail(err, BL_USAGE, "%s: it records the time %" PRId64 ", but has the time %"
		PRId64 " here", in->source[t].path, recorded, in->time[t]);
}

/* The steps of input t and of the first one must have taken as long. */
static int check_unit(const struct bl_inputs *in, size_t t, double unit, double first,
	struct bl_err *err)
{
	char text[2][BL_NUMBER_TEXT];

	if (unit <= first && unit >= first)
		return 0;
	bl_fail(err, BL_USAGE, "%s: it was made with --time-unit %s, and %s with %s",
		in->source[t].path, bl_number_text(unit, text[0], sizeof text[0]),
		in->source[0].path, bl_number_text(first, text[1], sizeof text[1]));
	return bl_hint(err, "snapshots count the same steps if they are made with one --time-unit");
}

/* Does input t stand before t - 1? */
static bool before(const struct bl_inputs *in, size_t t)
{
	if (in->time[t] != in->time[t - 1])
		return in->time[t] < in->time[t - 1];
	return bl_profile_compare(&in->profile[t], &in->profile[t - 1]) < 0;
}

static void sort(struct bl_inputs *in)
{
	for (size_t i = 1; i < in->n; i++)
		for (size_t t = i; t > 0 && before(in, t); t--) {
			const struct bl_source source = in->source[t];
			const struct bl_profile profile = in->profile[t];
			const int64_t time = in->time[t];

			in->source[t] = in->source[t - 1];
			in->profile[t] = in->profile[t - 1];
			in->source[t - 1] = source;
			in->profile[t - 1] = profile;
			in->time[t] = in->time[t - 1];
			in->time[t - 1] = time;
		}
}

static int make_room(struct bl_inputs *in, struct bl_err *err)
{
	in->profile = calloc(in->n, sizeof *in->profile);
	return in->profile ? 0 : bl_fail_memory(err, in->n * sizeof *in->profile, "the profiles");
}

int bl_profiles_find(struct bl_inputs *in, const struct bl_settings *s, struct bl_err *err)
{
	struct bl_value room;
	const struct bl_value *path = bl_settings_get(s, BL_OPT_PROFILES, &room);
	struct bl_profile_when when, first = {0, 1};

	if (make_room(in, err) != 0 || (path && from_file(in, path->text, s, err) != 0))
		return -1;
	for (size_t t = 0; !path && t < in->n; t++) {
		if (from_record(in, t, &when, err) != 0)
			return -1;
		first = t ? first : when;
		if (check_unit(in, t, when.unit, first.unit, err) != 0 ||
			check_time(in, t, when.time, err) != 0)
			return -1;
	}
	sort(in);
	return 0;
}

int bl_profiles_and_times(struct bl_inputs *in, struct bl_err *err)
{
	struct bl_profile_when when, first = {0, 1};

	if (make_room(in, err) != 0)
		return -1;
	for (size_t t = 0; t < in->n; t++) {
		if (from_record(in, t, &when, err) != 0)
			return -1;
		first = t ? first : when;
		if (check_unit(in, t, when.unit, first.unit, err) != 0)
			return -1;
		in->time[t] = when.time;
	}
	sort(in);
	in->origin = BL_TIME_PROVENANCE;
	return 0;
}
