/* recipe_keys.c - the keys of a recipe, and where each may stand. */
#include "recipe_keys.h"

#include "recipe.h"
#include "value.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MERGES 16 /* merged mappings in each other at most */

int bl_recipe_fail(
	const struct bl_recipe_reader *r, const struct bl_yaml *node, const char *fmt, ...)
{
	char what[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof what, fmt, args);
	va_end(args);
	return bl_fail(r->err, BL_USAGE, "%s:%zu:%zu: %s", r->title, node->line, node->column,
		what);
}

int bl_recipe_count(struct bl_recipe_reader *r, const struct bl_yaml *node)
{
	if (r->seen++ < BL_RECIPE_VALUES)
		return 0;
	return bl_recipe_fail(r, node, "all anchors and merges together stand for more than %d "
		"values", BL_RECIPE_VALUES);
}

/* ---- keys ---- */

const char *bl_recipe_key_text(unsigned key)
{
	static const char *const word[] = {
		[BL_KEY_INPUTS - BL_OPTIONS] = "inputs",
		[BL_KEY_TENSORS - BL_OPTIONS] = "tensors",
		[BL_KEY_RUNS - BL_OPTIONS] = "runs",
		[BL_KEY_MATCH - BL_OPTIONS] = "match",
	};

	return key < BL_OPTIONS ? bl_option((enum bl_option)key)->key : word[key - BL_OPTIONS];
}

/* Options of other programs are none of a recipe's. */
static bool is_known(unsigned key)
{
	return key >= BL_OPTIONS || bl_option_is_of((enum bl_option)key, BL_AVG);
}

static bool is_of_method(unsigned key)
{
	return key < BL_OPTIONS && bl_option((enum bl_option)key)->flags & BL_METHOD;
}

/* May a key stand in such a mapping? */
static bool belongs(unsigned key, enum bl_recipe_level level)
{
	switch (level) {
	case BL_LEVEL_RUN:
		return is_of_method(key) || key == BL_OPT_NAME || key == BL_OPT_OUTPUT;
	case BL_LEVEL_TENSOR:
		return is_of_method(key) || key == BL_OPT_AVERAGE || key == BL_OPT_COPY ||
			key == BL_OPT_SKIP || key == BL_OPT_COPY_FROM || key == BL_KEY_MATCH;
	case BL_LEVEL_TOP:
		break;
	}
	if (key < BL_OPTIONS)
		return is_known(key) && !(bl_option((enum bl_option)key)->flags & BL_NO_RECIPE);
	return key != BL_KEY_MATCH;
}

static int fail_level(const struct bl_recipe_reader *r, const struct bl_yaml *name, unsigned key,
	enum bl_recipe_level level)
{
	if (level == BL_LEVEL_TENSOR)
		return bl_recipe_fail(r, name, "\"%s\" cannot be said of some tensors only",
			name->text);
	if (level == BL_LEVEL_RUN && belongs(key, BL_LEVEL_TOP)) {
		bl_recipe_fail(r, name, "\"%s\" cannot be said of one run only", name->text);
		return bl_hint(r->err, "outside of runs it holds for all of them");
	}
	if (key == BL_KEY_MATCH)
		return bl_recipe_fail(r, name, "\"match\" belongs into \"tensors\"");
	return bl_recipe_fail(r, name, "\"%s\" cannot stand in a recipe", name->text);
}

static int fail_unknown(const struct bl_recipe_reader *r, const struct bl_yaml *name,
	enum bl_recipe_level level)
{
	const char *near = NULL;
	size_t best = SIZE_MAX;

	for (unsigned key = 0; key < BL_KEYS; key++) {
		const char *text = bl_recipe_key_text(key);

		if (belongs(key, level) && bl_nearer(name->text, text, strlen(text), &best))
			near = text;
	}
	bl_recipe_fail(r, name, "unknown key \"%s\"", name->text);
	return near ? bl_hint(r->err, "did you mean \"%s\"?", near) : -1;
}

static int find_key(const struct bl_recipe_reader *r, const struct bl_yaml *name,
	enum bl_recipe_level level, unsigned *key)
{
	if (name->kind != BL_YAML_SCALAR)
		return bl_recipe_fail(r, name, "%s is no key", bl_yaml_word(name));
	for (*key = 0; *key < BL_KEYS; ++*key)
		if (is_known(*key) && strcmp(bl_recipe_key_text(*key), name->text) == 0)
			break;
	if (*key == BL_KEYS)
		return fail_unknown(r, name, level);
	return belongs(*key, level) ? 0 : fail_level(r, name, *key, level);
}

/* ---- mappings ---- */

static bool is_merge(const struct bl_yaml *name)
{
	return name->kind == BL_YAML_SCALAR && name->plain && strcmp(name->text, "<<") == 0;
}

const struct bl_recipe_pair *bl_recipe_find(const struct bl_recipe_map *map, unsigned key)
{
	for (size_t i = 0; i < map->n; i++)
		if (map->pair[i].key == key)
			return &map->pair[i];
	return NULL;
}

static int fail_twice(const struct bl_recipe_reader *r, const struct bl_yaml *name, size_t first)
{
	return bl_recipe_fail(r, name, "\"%s\" is given twice, in line %zu too", name->text,
		first);
}

/* The pairs of a mapping without those it merges; merge: where those are said; NULL: nowhere. */
static int list_own(struct bl_recipe_reader *r, const struct bl_yaml *node,
	enum bl_recipe_level level, struct bl_recipe_map *map, const struct bl_yaml **merge)
{
	*merge = NULL;
	map->n = 0;
	if (bl_recipe_count(r, node) != 0)
		return -1;
	if (node->kind != BL_YAML_MAP)
		return bl_recipe_fail(r, node, "a mapping was expected, not %s",
			bl_yaml_word(node));
	for (const struct bl_yaml *name = node->first; name; name = name->next->next) {
		const struct bl_recipe_pair *before;
		unsigned key = BL_KEYS;

		if (bl_recipe_count(r, name) != 0)
			return -1;
		if (is_merge(name)) {
			if (*merge)
				return fail_twice(r, name, (*merge)->line);
			*merge = name->next;
			continue;
		}
		if (find_key(r, name, level, &key) != 0)
			return -1;
		before = bl_recipe_find(map, key);
		if (before)
			return fail_twice(r, name, before->name->line);
		map->pair[map->n++] = (struct bl_recipe_pair){key, name, name->next};
	}
	return 0;
}

static int list(struct bl_recipe_reader *r, const struct bl_yaml *node,
	enum bl_recipe_level level, unsigned depth, struct bl_recipe_map *map);

/* Adds what one mapping says, where nothing is said yet. */
static int merge_one(struct bl_recipe_reader *r, const struct bl_yaml *node,
	enum bl_recipe_level level, unsigned depth, struct bl_recipe_map *map)
{
	struct bl_recipe_map other;

	if (depth == MERGES)
		return bl_recipe_fail(r, node, "merges are nested too deeply");
	if (list(r, node, level, depth + 1, &other) != 0)
		return -1;
	for (size_t i = 0; i < other.n; i++)
		if (!bl_recipe_find(map, other.pair[i].key))
			map->pair[map->n++] = other.pair[i];
	return 0;
}

static int list(struct bl_recipe_reader *r, const struct bl_yaml *node,
	enum bl_recipe_level level, unsigned depth, struct bl_recipe_map *map)
{
	const struct bl_yaml *merge;

	if (list_own(r, node, level, map, &merge) != 0)
		return -1;
	if (!merge)
		return 0;
	if (merge->kind != BL_YAML_LIST)
		return merge_one(r, merge, level, depth, map);
	for (merge = merge->first; merge; merge = merge->next)
		if (merge_one(r, merge, level, depth, map) != 0)
			return -1;
	return 0;
}

int bl_recipe_list(struct bl_recipe_reader *r, const struct bl_yaml *node,
	enum bl_recipe_level level, struct bl_recipe_map *map)
{
	return list(r, node, level, 0, map);
}
