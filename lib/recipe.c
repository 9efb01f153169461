/* recipe.c - a recipe to settings. */
#include "recipe.h"

#include "recipe_keys.h"
#include "sweep.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WHERE 4352 /* of a path, a line, a column */

static const char *where_of(const struct bl_recipe_reader *r, const struct bl_yaml *node,
	char *buf, size_t cap)
{
	snprintf(buf, cap, "%s:%zu:%zu", r->title, node->line, node->column);
	return buf;
}

/* A value is refused with its own place. */
static int set(struct bl_recipe_reader *r, struct bl_settings *s, enum bl_option o,
	const char *value, const struct bl_yaml *node)
{
	char where[WHERE];

	return bl_settings_set(
		s, bl_option(o)->key, value, where_of(r, node, where, sizeof where), r->err);
}

/* ---- single values ---- */

static bool is_word(const struct bl_yaml *node, const char *word)
{
	return node->plain && strcmp(node->text, word) == 0;
}

/* A scalar that is something. */
static int check_scalar(struct bl_recipe_reader *r, const struct bl_yaml *node)
{
	if (bl_recipe_count(r, node) != 0)
		return -1;
	if (node->kind != BL_YAML_SCALAR)
		return bl_recipe_fail(
			r, node, "a single value was expected, not %s", bl_yaml_word(node));
	if (is_word(node, "") || is_word(node, "~") || is_word(node, "null"))
		return bl_recipe_fail(r, node, "there is no value");
	return 0;
}

/* A scalar that is text. */
static int check_text(struct bl_recipe_reader *r, const struct bl_yaml *node)
{
	if (check_scalar(r, node) != 0)
		return -1;
	if (!is_word(node, "true") && !is_word(node, "false"))
		return 0;
	bl_recipe_fail(r, node, "a text was expected, not %s", node->text);
	return bl_hint(r->err, "in quotes, \"%s\" is one", node->text);
}

/* A path as seen from the folder of the recipe, in which the characters of special are written
 * with escape before them, or twice where that is 0. malloc'd; NULL: no memory. */
static char *join_path(const struct bl_recipe_reader *r, const char *path, const char *special,
	char escape)
{
	const char *folder = path[0] == '/' ? "" : r->folder;
	const size_t size = 2 * strlen(folder) + strlen(path) + 1;
	char *joined = malloc(size), *at = joined;

	if (!joined) {
		bl_fail_memory(r->err, size, "a path");
		return NULL;
	}
	for (; *folder; *at++ = *folder++)
		if (strchr(special, *folder))
			*at++ = escape ? escape : *folder;
	strcpy(at, path);
	return joined;
}

/* The output may be a template. */
static int set_path(struct bl_recipe_reader *r, struct bl_settings *s, enum bl_option o,
	const struct bl_yaml *node)
{
	char *path = join_path(r, node->text, o == BL_OPT_OUTPUT ? "{}" : "", '\0');
	int rc;

	if (!path)
		return -1;
	rc = set(r, s, o, path, node);
	free(path);
	return rc;
}

/* true stands for the option alone, false for its absence. */
static int set_flag(struct bl_recipe_reader *r, struct bl_settings *s, enum bl_option o,
	const struct bl_yaml *node)
{
	return is_word(node, "true") ? set(r, s, o, NULL, node) : 0;
}

static int set_scalar(struct bl_recipe_reader *r, struct bl_settings *s, enum bl_option o,
	const struct bl_yaml *node)
{
	const struct bl_option_info *info = bl_option(o);
	const bool flag = is_word(node, "true") || is_word(node, "false");

	if (check_scalar(r, node) != 0)
		return -1;
	if (flag && (info->kind == BL_KIND_FLAG || info->flags & BL_OPTIONAL))
		return set_flag(r, s, o, node);
	if (info->kind == BL_KIND_FLAG)
		return bl_recipe_fail(r, node, "true or false was expected");
	if (info->kind == BL_KIND_TEXT && check_text(r, node) != 0)
		return -1;
	if (info->flags & BL_PATH && node->text[0] && strcmp(node->text, "-") != 0)
		return set_path(r, s, o, node);
	return set(r, s, o, node->text, node);
}

/* ---- lists ---- */

/* Is a value of a list one by itself? */
static int check_item(
	struct bl_recipe_reader *r, enum bl_option o, const struct bl_yaml *node)
{
	struct bl_values values = {0};
	char where[WHERE];
	int rc;

	if (check_scalar(r, node) != 0)
		return -1;
	rc = bl_values_parse(bl_option(o), node->text, &values, r->err);
	if (rc != 0)
		bl_prefix(r->err, "%s", where_of(r, node, where, sizeof where));
	bl_values_free(&values);
	return rc;
}

/* A sweep: the values with commas between them. */
static int set_sweep(struct bl_recipe_reader *r, struct bl_settings *s, enum bl_option o,
	const struct bl_yaml *node)
{
	size_t size = 1, at = 0;
	char *text;
	int rc;

	for (const struct bl_yaml *item = node->first; item; item = item->next) {
		if (check_item(r, o, item) != 0)
			return -1;
		size += strlen(item->text) + 1;
	}
	text = calloc(size, 1);
	if (!text)
		return bl_fail_memory(r->err, size, "a sweep");
	for (const struct bl_yaml *item = node->first; item; item = item->next)
		at += (size_t)sprintf(text + at, "%s%s", at ? "," : "", item->text);
	rc = set(r, s, o, text, node);
	free(text);
	return rc;
}

static int set_repeated(struct bl_recipe_reader *r, struct bl_settings *s, enum bl_option o,
	const struct bl_yaml *node)
{
	for (const struct bl_yaml *item = node->first; item; item = item->next)
		if (set_scalar(r, s, o, item) != 0)
			return -1;
	return 0;
}

static int set_option(struct bl_recipe_reader *r, struct bl_settings *s, enum bl_option o,
	const struct bl_yaml *node)
{
	if (node->kind != BL_YAML_LIST)
		return set_scalar(r, s, o, node);
	if (!node->first)
		return bl_recipe_fail(r, node, "the list is empty");
	if (bl_option(o)->flags & BL_REPEATS)
		return set_repeated(r, s, o, node);
	if (bl_option(o)->flags & BL_SWEEPS)
		return set_sweep(r, s, o, node);
	return bl_recipe_fail(r, node, "it takes one value, not a list");
}

/* ---- tensors ---- */

/* The text of a value that is said of tensors. */
static int check_said(struct bl_recipe_reader *r, const struct bl_recipe_pair *pair)
{
	if (check_scalar(r, pair->value) != 0)
		return -1;
	if (pair->key != BL_OPT_AVERAGE && pair->key != BL_OPT_COPY && pair->key != BL_OPT_SKIP)
		return 0;
	return is_word(pair->value, "true") ? 0 : bl_recipe_fail(r, pair->value,
		"true was expected, which is all that \"%s\" can be here", pair->name->text);
}

int bl_recipe_say(struct bl_settings *s, const char *match, const char *key, const char *value,
	bool alone, const char *where, struct bl_err *err)
{
	static const char option[] = "tensor-option";
	const size_t size = strlen(match) + strlen(key) + strlen(value) + 3;
	unsigned o = 0;
	char *text;
	int rc;

	if (alone && strcmp(value, "true") == 0)
		return bl_settings_set(s, key, match, where, err);
	while (o < BL_OPTIONS && strcmp(bl_option((enum bl_option)o)->key, option) != 0)
		o++;
	if (o == BL_OPTIONS)
		return bl_fail(err, BL_USAGE, "%s: \"%s\" cannot be said of some tensors only",
			where, key);
	text = malloc(size);
	if (!text)
		return bl_fail_memory(err, size, "a pattern");
	sprintf(text, "%s:%s=%s", match, key, value);
	rc = bl_settings_set(s, option, text, where, err);
	free(text);
	return rc;
}

static int take_tensor(struct bl_recipe_reader *r, struct bl_settings *s,
	const struct bl_yaml *node)
{
	const struct bl_recipe_pair *match;
	struct bl_recipe_map map;

	if (bl_recipe_list(r, node, BL_LEVEL_TENSOR, &map) != 0)
		return -1;
	match = bl_recipe_find(&map, BL_KEY_MATCH);
	if (!match || map.n < 2)
		return bl_recipe_fail(r, node, "it needs \"match\" and what holds for the tensors "
			"that match");
	if (check_text(r, match->value) != 0)
		return -1;
	for (size_t i = 0; i < map.n; i++) {
		const struct bl_recipe_pair *p = &map.pair[i];
		char where[WHERE];

		if (p == match)
			continue;
		where_of(r, p->value, where, sizeof where);
		if (check_said(r, p) != 0 ||
			bl_recipe_say(s, match->value->text, p->name->text, p->value->text,
				map.n == 2, where, r->err) != 0)
			return -1;
	}
	return 0;
}

static int take_tensors(struct bl_recipe_reader *r, struct bl_settings *s,
	const struct bl_yaml *node)
{
	if (node->kind != BL_YAML_LIST)
		return bl_recipe_fail(r, node, "a list was expected, not %s", bl_yaml_word(node));
	for (const struct bl_yaml *item = node->first; item; item = item->next)
		if (take_tensor(r, s, item) != 0)
			return -1;
	return 0;
}

/* ---- inputs ---- */

int bl_recipe_add_input(struct bl_recipe *r, const char *path, const char *where,
	struct bl_err *err)
{
	struct bl_recipe_input input = {strdup(path), where ? strdup(where) : NULL}, *all;

	/* Doubled whenever it is full, which is at the powers of two. */
	all = r->inputs & (r->inputs - 1) ? r->input
		: realloc(r->input, (2 * r->inputs + 1) * sizeof *all);
	if (all)
		r->input = all;
	if (!all || !input.path || (where && !input.where)) {
		free(input.path);
		free(input.where);
		return bl_fail_memory(err, strlen(path) + 1, "the inputs");
	}
	all[r->inputs++] = input;
	return 0;
}

static int take_input(struct bl_recipe_reader *r, struct bl_recipe *out,
	const struct bl_yaml *node)
{
	char where[WHERE], *path;
	int rc;

	if (check_text(r, node) != 0)
		return -1;
	if (!node->text[0])
		return bl_recipe_fail(r, node, "it is empty");
	path = join_path(r, node->text, "*?[\\", '\\');
	if (!path)
		return -1;
	rc = bl_recipe_add_input(out, path, where_of(r, node, where, sizeof where), r->err);
	free(path);
	return rc;
}

static int take_inputs(struct bl_recipe_reader *r, struct bl_recipe *out,
	const struct bl_yaml *node)
{
	if (node->kind != BL_YAML_LIST)
		return take_input(r, out, node);
	if (!node->first)
		return bl_recipe_fail(r, node, "the list is empty");
	for (const struct bl_yaml *item = node->first; item; item = item->next)
		if (take_input(r, out, item) != 0)
			return -1;
	return 0;
}

/* ---- runs ---- */

/* Lays what a mapping says, but for inputs and runs, over settings. */
static int take_options(struct bl_recipe_reader *r, const struct bl_recipe_map *map,
	struct bl_settings *s)
{
	for (size_t i = 0; i < map->n; i++) {
		const struct bl_recipe_pair *p = &map->pair[i];
		int rc = 0;

		if (p->key < BL_OPTIONS)
			rc = set_option(r, s, (enum bl_option)p->key, p->value);
		else if (p->key == BL_KEY_TENSORS)
			rc = take_tensors(r, s, p->value);
		if (rc != 0)
			return -1;
	}
	return 0;
}

/* Lays a run over the first one, which is what the recipe says outside of all, as one more. */
static int take_run(struct bl_recipe_reader *r, struct bl_recipe *out, const struct bl_yaml *node)
{
	struct bl_settings own = {0}, *run = &out->run[out->runs];
	struct bl_recipe_map map;
	char where[WHERE];
	int rc = -1;

	if (bl_recipe_list(r, node, BL_LEVEL_RUN, &map) != 0 || take_options(r, &map, &own) != 0)
		goto out;
	own.where = strdup(where_of(r, node, where, sizeof where));
	if (!own.where) {
		bl_fail_memory(r->err, strlen(where) + 1, "a run");
		goto out;
	}
	out->runs++;
	if (bl_settings_overlay(run, &out->run[0], r->err) == 0)
		rc = bl_settings_overlay(run, &own, r->err);
out:
	bl_settings_free(&own);
	return rc;
}

/* The runs take the place of what they are laid over. */
static int take_runs(struct bl_recipe_reader *r, struct bl_recipe *out, const struct bl_yaml *node)
{
	struct bl_settings *room;
	size_t n = 0;

	if (node->kind != BL_YAML_LIST)
		return bl_recipe_fail(r, node, "a list was expected, not %s", bl_yaml_word(node));
	for (const struct bl_yaml *item = node->first; item; item = item->next)
		n++;
	if (n == 0 || n > BL_SWEEP_MAX)
		return bl_recipe_fail(r, node, "1 to %d runs were expected, not %zu", BL_SWEEP_MAX,
			n);
	room = realloc(out->run, (n + 1) * sizeof *room);
	if (!room)
		return bl_fail_memory(r->err, (n + 1) * sizeof *room, "the runs");
	memset(room + 1, 0, n * sizeof *room);
	out->run = room;
	for (const struct bl_yaml *item = node->first; item; item = item->next)
		if (take_run(r, out, item) != 0)
			return -1;
	bl_settings_free(&room[0]);
	out->runs--;
	memmove(room, room + 1, n * sizeof *room);
	return 0;
}

static int take_recipe(struct bl_recipe_reader *r, struct bl_recipe *out,
	const struct bl_yaml *root)
{
	const struct bl_recipe_pair *inputs, *runs;
	struct bl_recipe_map map;

	out->run = calloc(1, sizeof *out->run);
	if (!out->run)
		return bl_fail_memory(r->err, sizeof *out->run, "the recipe");
	out->runs = 1;
	out->run->where = strdup(r->title);
	if (!out->run->where)
		return bl_fail_memory(r->err, strlen(r->title) + 1, "the recipe");
	if (bl_recipe_list(r, root, BL_LEVEL_TOP, &map) != 0 ||
		take_options(r, &map, &out->run[0]) != 0)
		return -1;
	inputs = bl_recipe_find(&map, BL_KEY_INPUTS);
	runs = bl_recipe_find(&map, BL_KEY_RUNS);
	if (inputs && take_inputs(r, out, inputs->value) != 0)
		return -1;
	return runs ? take_runs(r, out, runs->value) : 0;
}

int bl_recipe_read(struct bl_recipe *recipe, const char *text, size_t len, const char *title,
	const char *folder, struct bl_err *err)
{
	struct bl_recipe_reader r = {.title = title, .folder = folder, .err = err};
	struct bl_yaml_tree tree = {0};
	int rc = bl_yaml_read(&tree, text, len, title, err);

	if (rc == 0)
		rc = take_recipe(&r, recipe, tree.root);
	bl_yaml_free(&tree);
	return rc;
}

void bl_recipe_free(struct bl_recipe *r)
{
	for (size_t i = 0; i < r->runs; i++)
		bl_settings_free(&r->run[i]);
	for (size_t i = 0; i < r->inputs; i++) {
		free(r->input[i].path);
		free(r->input[i].where);
	}
	free(r->run);
	free(r->input);
	*r = (struct bl_recipe){NULL, 0, NULL, 0};
}
