/*
 * recipe.h - what a recipe asks for: a YAML file to settings.
 *
 * A recipe is a mapping. Its keys are the long options (but those that make no sense there), and
 *   inputs   a path, or a list of them; patterns as glob(3) has them
 *   tensors  a list of mappings: match, a pattern, and what holds for the tensors it matches: one
 *            of average, copy, skip (true), or options of methods
 *   runs     a list of mappings: name, output and options of methods, laid over what the recipe
 *            says outside of them (bl_settings_overlay)
 * Flags are true or false. A list stands where an option sweeps or repeats. A merge key (<<) takes
 * what it names, one mapping or a list of them, for what is not said beside it.
 *
 * lib/recipe_write.h writes one.
 */
#ifndef BL_RECIPE_H
#define BL_RECIPE_H

#include "settings.h"

/* What is to be done. Zero-initialised is empty. */
struct bl_recipe {
	struct bl_settings *run; /* runs of them, at least one; only name, output and the options
	                            of the methods differ between them */
	size_t runs;
	struct bl_recipe_input {
		char *path;  /* a pattern, as it was read */
		char *where; /* of it: "sweep.yaml:2:5"; NULL: nowhere */
	} *input;
	size_t inputs;
};

/*
 * Reads a recipe. title: how messages name it; they go on with line and column. folder: the
 * folder in which it is, "" or with a closing slash, from which its paths are seen. Errors:
 * BL_USAGE for what is no YAML (recipe_yaml.h) or no recipe: unknown keys, with "did you mean",
 * keys given twice, values of another type or out of range, and where all anchors and merge keys
 * together stand for more than BL_RECIPE_VALUES values; BL_LIMIT, out of memory. Freed with
 * bl_recipe_free also after a failure.
 */
int bl_recipe_read(struct bl_recipe *r, const char *text, size_t len, const char *title,
	const char *folder, struct bl_err *err) BL_MUST_USE;

#define BL_RECIPE_VALUES 500000

/* Appends an input. where may be NULL. Error: BL_LIMIT, out of memory. */
int bl_recipe_add_input(struct bl_recipe *r, const char *path, const char *where,
	struct bl_err *err) BL_MUST_USE;

/*
 * Says of the tensors that match what key and value say: average, copy and skip have the value
 * true; alone: nothing else is said of them. Errors BL_USAGE, beginning with where: a key that
 * cannot be said of tensors, or its value.
 */
int bl_recipe_say(struct bl_settings *s, const char *match, const char *key, const char *value,
	bool alone, const char *where, struct bl_err *err) BL_MUST_USE;

void bl_recipe_free(struct bl_recipe *r);

#endif
