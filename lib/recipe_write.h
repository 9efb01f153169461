/*
 * recipe_write.h - recipes as YAML, of settings and of what an average records.
 *
 * What is written is read back as the same settings by recipe.h, and written again it is the same
 * text. Values stand as they were given, ranges written out.
 */
#ifndef BL_RECIPE_WRITE_H
#define BL_RECIPE_WRITE_H

#include "recipe.h"

#include <stdio.h>

/*
 * Writes a recipe. Its inputs are paths, not patterns; one that is no UTF-8 is BL_USAGE, and then
 * nothing is written. Write errors show in ferror(to).
 */
int bl_recipe_write(FILE *to, const struct bl_recipe *r, struct bl_err *err) BL_MUST_USE;

/*
 * Writes the recipe that makes an average again, byte for byte, from the provenance that it carries
 * (report.h), len bytes of JSON. Inputs stand as they do there: seen from the folder that they have
 * in common. There is no output in it. Errors: BL_INPUT for what is no such JSON, a path that is no
 * UTF-8, settings that are unknown or out of range; nothing is written then. BL_LIMIT, out of
 * memory.
 */
int bl_recipe_of_provenance(FILE *to, const char *json, size_t len, struct bl_err *err)
	BL_MUST_USE;

#endif
