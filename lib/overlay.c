/* overlay.c - settings of some tensors, laid over those of the outputs. */
#include "overlay.h"

#include "dynamics.h"
#include "value.h"

#include <stdio.h>
#include <string.h>

/* ---- one of them from its text ---- */

#define KEY_MAX 32 /* bytes; longer ones are none */

/* Options that say what becomes of tensors, beside those of the methods. */
static bool is_fate(enum bl_option o)
{
	return o == BL_OPT_AVERAGE || o == BL_OPT_COPY || o == BL_OPT_SKIP ||
	       o == BL_OPT_COPY_FROM;
}

static bool is_of_tensors(enum bl_option o)
{
	const unsigned flags = bl_option(o)->flags;

	return (flags & BL_METHOD && !(flags & BL_FILE)) || is_fate(o);
}

/* The key is of no tensor: is it unknown, or of all of them alike? */
static int fail_key(const char *key, bool known, struct bl_err *err)
{
	const char *near = NULL;
	size_t best = SIZE_MAX;

	for (unsigned o = 0; o < BL_OPTIONS && !known; o++) {
		const char *other = bl_option((enum bl_option)o)->key;

		if (is_of_tensors((enum bl_option)o) &&
			bl_nearer(key, other, strlen(other), &best))
			near = other;
	}
	bl_fail(err, BL_USAGE, known ? "\"%s\" cannot be said of some tensors only"
	                             : "unknown option \"%s\"", key);
	if (near)
		return bl_hint(err, "did you mean \"%s\"?", near);
	return bl_hint(err, "some tensors can have a method and its options, average=true, "
		"copy=true, skip=true and copy-from");
}

static int find_key(const char *key, size_t len, enum bl_option *o, struct bl_err *err)
{
	char name[KEY_MAX + 2];

	snprintf(name, sizeof name, "%.*s", (int)(len > KEY_MAX ? KEY_MAX + 1 : len), key);
	for (*o = 0; *o < BL_OPTIONS; ++*o)
		if (bl_option_is_of(*o, BL_AVG) && strcmp(bl_option(*o)->key, name) == 0)
			break;
	if (*o < BL_OPTIONS && is_of_tensors(*o))
		return 0;
	return fail_key(name, *o < BL_OPTIONS, err);
}

/* Average, copy and skip have their pattern already. */
static int parse_true(const char *text, struct bl_value *value, struct bl_err *err)
{
	*value = (struct bl_value){text, 1, BL_UNIT_TIME};
	if (strcmp(text, "true") == 0)
		return 0;
	return bl_fail(err, BL_USAGE, "\"%s\" is not the only word for it, true", text);
}

static int parse_value(struct bl_said *said, const char *text, struct bl_err *err)
{
	const struct bl_option_info *info = bl_option(said->option);

	if (is_fate(said->option) && said->option != BL_OPT_COPY_FROM)
		return parse_true(text, &said->value, err);
	if (info->kind != BL_KIND_TEXT && strpbrk(text, ",:"))
		return bl_fail(err, BL_USAGE, "it takes one value, not the list \"%s\"", text);
	return bl_value_parse(info, text, &said->value, err);
}

int bl_said_parse(const char *text, struct bl_said *said, struct bl_err *err)
{
	const char *equals = strchr(text, '='), *colon = equals;

	while (colon && colon > text && *colon != ':')
		colon--;
	if (!colon || colon == text) {
		bl_fail(err, BL_USAGE, "GLOB:key=value was expected");
		return bl_hint(err, "such as '*.running_*:method=uniform'");
	}
	said->glob = (size_t)(colon - text);
	if (find_key(colon + 1, (size_t)(equals - colon) - 1, &said->option, err) != 0)
		return -1;
	return parse_value(said, equals + 1, err);
}

/* ---- all of one pattern ---- */

const struct bl_value *bl_overlay_value(const struct bl_overlay *overlay, enum bl_option o)
{
	return overlay->value[o].text ? &overlay->value[o] : NULL;
}

const char *bl_overlay_text(const struct bl_overlay *overlay, char *buf, size_t cap)
{
	size_t at = (size_t)snprintf(buf, cap, "%s:", overlay->glob), n = 0;

	for (unsigned o = 0; o < BL_OPTIONS; o++) {
		const struct bl_value *v = bl_overlay_value(overlay, (enum bl_option)o);

		if (v && at < cap)
			at += (size_t)snprintf(buf + at, cap - at, "%s%s=%s", n++ ? ", " : "",
				bl_option((enum bl_option)o)->key, v->text);
	}
	return buf;
}

/* Drops the options that a method does not take. */
static void keep_options(struct bl_case *c, const char *method)
{
	const struct bl_dynamics *d = bl_dynamics_find(method);

	for (unsigned o = 0; o < BL_OPTIONS; o++)
		if (bl_option((enum bl_option)o)->flags & BL_METHOD &&
			!(d && bl_dynamics_takes(d, (enum bl_option)o)))
			c->value[o] = NULL;
}

/* Drops the length if there is another; gamma alone is none. */
static void drop_length(struct bl_case *c, const struct bl_overlay *overlay)
{
	bool given = false;

	for (enum bl_option o = 0; o < BL_OPTIONS; o++)
		given = given || (bl_option(o)->flags & BL_LENGTH && bl_overlay_value(overlay, o));
	for (enum bl_option o = 0; o < BL_OPTIONS && given; o++)
		if (bl_option(o)->flags & BL_LENGTH)
			c->value[o] = NULL;
	if (given)
		c->value[BL_OPT_GAMMA] = NULL;
	if (bl_overlay_value(overlay, BL_OPT_KAPPA))
		c->value[BL_OPT_DAMPING] = NULL;
}

struct bl_case bl_overlay_case(const struct bl_overlay *overlay, const struct bl_case *c)
{
	const struct bl_value *method = bl_overlay_value(overlay, BL_OPT_METHOD);
	struct bl_case merged = *c;

	if (method)
		keep_options(&merged, method->text);
	drop_length(&merged, overlay);
	for (unsigned o = 0; o < BL_OPTIONS; o++) {
		const struct bl_value *v = bl_overlay_value(overlay, (enum bl_option)o);

		merged.value[o] = v ? v : merged.value[o];
	}
	return merged;
}
