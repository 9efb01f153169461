/* recipe_provenance.c - what an average records of its making, as a recipe. */
#include "recipe_write.h"

#include "json.h"

#include <stdlib.h>
#include <string.h>

#define VERSION_MAX 64 /* bytes of a version that are shown */

/* What is read for. */
struct reader {
	struct bl_json j;
	struct bl_recipe recipe;
	char *version; /* of the belay that made it; NULL: not said */
	struct bl_err *err;
};

static int fail(struct reader *r, const char *what)
{
	return bl_fail(r->err, BL_INPUT, "provenance: %s", what);
}

static enum bl_json_token next(struct reader *r)
{
	const enum bl_json_token token = bl_json_next(&r->j, r->err);

	if (token == BL_JSON_FAIL)
		bl_prefix(r->err, "provenance");
	return token;
}

static int skip(struct reader *r)
{
	return bl_json_skip(&r->j, r->err) == 0 ? 0 : bl_prefix(r->err, "provenance");
}

/* The text of the key or string read last; malloc'd, NULL on failure. */
static char *text_of(struct reader *r)
{
	char *text = malloc(r->j.size + 1);
	size_t len;

	if (!text) {
		bl_fail_memory(r->err, r->j.size + 1, "the provenance");
		return NULL;
	}
	len = bl_json_text(&r->j, text);
	if (strlen(text) != len) {
		fail(r, "a text holds a NUL");
		free(text);
		return NULL;
	}
	return text;
}

/* The next value, a string. */
static char *next_text(struct reader *r)
{
	const enum bl_json_token token = next(r);

	if (token == BL_JSON_STRING)
		return text_of(r);
	if (token != BL_JSON_FAIL)
		fail(r, "a string was expected");
	return NULL;
}

/* ---- its members ---- */

/* An option as it was recorded. */
static int set(struct reader *r, const char *key, const char *value)
{
	const struct bl_option_info *info = NULL;

	for (enum bl_option o = 0; o < BL_OPTIONS && !info; o++)
		if (strcmp(bl_option(o)->key, key) == 0 &&
			(o == BL_OPT_FORMAT || bl_option(o)->flags & (BL_METHOD | BL_RECORDED)))
			info = bl_option(o);
	if (!info)
		return bl_fail(r->err, BL_INPUT, "provenance: unknown setting \"%s\"", key);
	if (info->kind == BL_KIND_FLAG && strcmp(value, "true") == 0)
		value = NULL;
	if (bl_settings_set(r->recipe.run, key, value, key, r->err) == 0)
		return 0;
	if (r->err->code == BL_USAGE)
		r->err->code = BL_INPUT;
	return bl_prefix(r->err, "provenance");
}

/* The members of an object whose start was read, each handed on when its key has been. */
static int take_object(
	struct reader *r, int (*take)(struct reader *r, const char *key, void *to), void *to)
{
	enum bl_json_token token;

	while ((token = next(r)) == BL_JSON_KEY) {
		char *key = text_of(r);
		const int rc = key ? take(r, key, to) : -1;

		free(key);
		if (rc != 0)
			return -1;
	}
	return token == BL_JSON_OBJECT_END ? 0 : -1;
}

/* The objects of an array. */
static int take_array(struct reader *r, int (*take)(struct reader *r))
{
	enum bl_json_token token;

	if ((token = next(r)) != BL_JSON_ARRAY)
		return token == BL_JSON_FAIL ? -1 : fail(r, "an array was expected");
	while ((token = next(r)) == BL_JSON_OBJECT)
		if (take(r) != 0)
			return -1;
	if (token == BL_JSON_FAIL || token == BL_JSON_ARRAY_END)
		return token == BL_JSON_FAIL ? -1 : 0;
	return fail(r, "an object was expected");
}

static int take_setting(struct reader *r, const char *key, void *to)
{
	char *value = next_text(r);
	const int rc = value ? set(r, key, value) : -1;

	(void)to;
	free(value);
	return rc;
}

/* What is said of tensors: a pattern, which comes first, and the rest. */
struct saying {
	char *match, *key, *value; /* key, value: what was said last and is not set yet */
	size_t said;               /* members so far that are not the pattern */
};

/* Sets what was said last. last: there is no more. */
static int say(struct reader *r, struct saying *s, bool last)
{
	if (!s->match)
		return fail(r, "it says something of tensors without a pattern");
	if (bl_recipe_say(r->recipe.run, s->match, s->key, s->value, last && s->said == 1,
		    "provenance", r->err) == 0)
		return 0;
	if (r->err->code == BL_USAGE)
		r->err->code = BL_INPUT;
	return -1;
}

/* The text of a value that is true or a string. */
static char *next_said(struct reader *r)
{
	const enum bl_json_token token = next(r);
	char *text;

	if (token == BL_JSON_STRING)
		return text_of(r);
	if (token != BL_JSON_TRUE) {
		if (token != BL_JSON_FAIL)
			fail(r, "a string or true was expected");
		return NULL;
	}
	text = strdup("true");
	if (!text)
		bl_fail_memory(r->err, sizeof "true", "the provenance");
	return text;
}

static int take_saying(struct reader *r, const char *key, void *to)
{
	struct saying *s = to;
	char *value = next_said(r);

	if (!value)
		return -1;
	if (strcmp(key, "match") == 0) {
		free(s->match);
		s->match = value;
		return 0;
	}
	if (s->said++ > 0 && say(r, s, false) != 0) {
		free(value);
		return -1;
	}
	free(s->key);
	free(s->value);
	s->key = strdup(key);
	s->value = value;
	return s->key ? 0 : bl_fail_memory(r->err, strlen(key) + 1, "the provenance");
}

static int take_tensor(struct reader *r)
{
	struct saying s = {NULL, NULL, NULL, 0};
	int rc = take_object(r, take_saying, &s);

	if (rc == 0)
		rc = s.said ? say(r, &s, true) : fail(r, "it says nothing of some tensors");
	free(s.match);
	free(s.key);
	free(s.value);
	return rc;
}

/* A path that is no UTF-8 stands there in another member, too. */
static int take_path(struct reader *r, const char *key, void *to)
{
	char **path = to;

	if (strcmp(key, "path_hex") == 0)
		return fail(r, "the path of an input is no UTF-8, so no recipe can hold it");
	if (strcmp(key, "path") != 0)
		return next(r) == BL_JSON_FAIL ? -1 : skip(r);
	free(*path);
	*path = next_text(r);
	return *path ? 0 : -1;
}

static int take_input(struct reader *r)
{
	char *path = NULL;
	int rc = take_object(r, take_path, &path);

	if (rc == 0)
		rc = path && *path ? bl_recipe_add_input(&r->recipe, path, NULL, r->err)
			  : fail(r, "an input has no path");
	free(path);
	return rc;
}

static int take_settings(struct reader *r)
{
	const enum bl_json_token token = next(r);

	if (token == BL_JSON_OBJECT)
		return take_object(r, take_setting, NULL);
	return token == BL_JSON_FAIL ? -1 : fail(r, "an object was expected");
}

static int take_member(struct reader *r, const char *key, void *to)
{
	(void)to;
	if (strcmp(key, "method") == 0 || strcmp(key, "format") == 0)
		return take_setting(r, key, NULL);
	if (strcmp(key, "settings") == 0)
		return take_settings(r);
	if (strcmp(key, "tensors") == 0)
		return take_array(r, take_tensor);
	if (strcmp(key, "inputs") == 0)
		return take_array(r, take_input);
	if (strcmp(key, "belay") != 0)
		return next(r) == BL_JSON_FAIL ? -1 : skip(r);
	free(r->version);
	r->version = next_text(r);
	return r->version ? 0 : -1;
}

static int take_all(struct reader *r)
{
	enum bl_json_token token = next(r);

	if (token != BL_JSON_OBJECT)
		return token == BL_JSON_FAIL ? -1 : fail(r, "an object was expected");
	if (take_object(r, take_member, NULL) != 0)
		return -1;
	token = next(r);
	if (token != BL_JSON_END)
		return -1;
	if (!bl_settings_given(r->recipe.run, BL_OPT_METHOD))
		return fail(r, "it names no method");
	return r->recipe.inputs ? 0 : fail(r, "it names no inputs");
}

static int tell(FILE *to, struct reader *r)
{
	const char *version = r->version ? r->version : "";

	fputs("# How belay ", to);
	for (size_t i = 0; i < VERSION_MAX && version[i]; i++) /* what could end the comment */
		putc(version[i] >= ' ' && version[i] <= '~' ? version[i] : '?', to);
	fputs(" made an average. The inputs are seen from the folder that they have in\n"
	      "# common: in that folder, and with -o, this makes the same bytes.\n", to);
	if (bl_recipe_write(to, &r->recipe, r->err) == 0)
		return 0;
	if (r->err->code == BL_USAGE)
		r->err->code = BL_INPUT;
	return -1;
}

int bl_recipe_of_provenance(FILE *to, const char *json, size_t len, struct bl_err *err)
{
	struct reader r = {.err = err};
	int rc = -1;

	r.recipe.run = calloc(1, sizeof *r.recipe.run);
	if (!r.recipe.run)
		return bl_fail_memory(err, sizeof *r.recipe.run, "a recipe");
	r.recipe.runs = 1;
	bl_json_init(&r.j, json, len);
	if (take_all(&r) == 0)
		rc = tell(to, &r);
	bl_recipe_free(&r.recipe);
	free(r.version);
	return rc;
}
