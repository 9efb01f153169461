/*
 * recipe_keys.h - the keys of a recipe, and where each may stand.
 */
#ifndef BL_RECIPE_KEYS_H
#define BL_RECIPE_KEYS_H

#include "recipe_yaml.h"
#include "settings.h"

/* Keys are options, by their numbers, and these. */
enum bl_recipe_key {
	BL_KEY_INPUTS = BL_OPTIONS,
	BL_KEY_TENSORS,
	BL_KEY_RUNS,
	BL_KEY_MATCH,
	BL_KEYS
};

/* What mapping it is. */
enum bl_recipe_level { BL_LEVEL_TOP, BL_LEVEL_RUN, BL_LEVEL_TENSOR };

/* What a mapping says, merged mappings included. */
struct bl_recipe_map {
	struct bl_recipe_pair {
		unsigned key;
		const struct bl_yaml *name, *value;
	} pair[BL_KEYS];
	size_t n;
};

/* What keys are read for. */
struct bl_recipe_reader {
	const char *title;  /* begins messages */
	const char *folder; /* see recipe.h */
	size_t seen;        /* values so far */
	struct bl_err *err;
};

/*
 * Lists the pairs of a mapping: its own in their order, then those of what it merges that are none
 * of its own. Errors BL_USAGE, with line and column: no mapping, unknown keys, keys that belong
 * elsewhere, keys given twice, a merge of what is no mapping, too much of all.
 */
int bl_recipe_list(struct bl_recipe_reader *r, const struct bl_yaml *node,
	enum bl_recipe_level level, struct bl_recipe_map *map) BL_MUST_USE;

/* The value of a key, NULL where it is not there. */
const struct bl_recipe_pair *bl_recipe_find(const struct bl_recipe_map *map, unsigned key);

const char *bl_recipe_key_text(unsigned key);

/* Fails at a node: "sweep.yaml:12:7: what". Returns -1. */
int bl_recipe_fail(const struct bl_recipe_reader *r, const struct bl_yaml *node, const char *fmt,
	...) BL_PRINTF(3, 4);

/* Counts a value. Error: BL_USAGE, too many. */
int bl_recipe_count(struct bl_recipe_reader *r, const struct bl_yaml *node) BL_MUST_USE;

#endif
