/*
 * recipes.h - the recipe under the command line.
 */
#ifndef BL_RECIPES_H
#define BL_RECIPES_H

#include "args.h"
#include "recipe.h"

/*
 * Reads the recipe that is named, if one is, by --recipe or as an operand, and expands the patterns
 * of its inputs. The command line is laid over each of its runs; operands take the place of its
 * inputs. Then settings is what holds for all runs, and args has the inputs as operands, borrowed
 * from the recipe. Without a recipe there is one run.
 *
 * Errors: those of bl_recipe_read; BL_USAGE for two recipes, one that cannot be read, and patterns
 * that no file matches; BL_OK without a text where a signal came. All is freed by the caller also
 * after a failure.
 */
int bl_recipe_load(struct bl_recipe *r, struct bl_settings *settings, struct bl_args *args,
	const volatile sig_atomic_t *stop, struct bl_err *err) BL_MUST_USE;

/*
 * Puts the place in a recipe before a message that is about settings: that of the first option
 * which it names ("--window 0: ...") where the recipe gives it, else, where it is about the plan of
 * a run, that of the run. Returns -1.
 */
int bl_recipe_blame(const struct bl_settings *s, bool plan, struct bl_err *err);

#endif
