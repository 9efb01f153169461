/* recipes.c - the recipe under the command line. */
#include "recipes.h"

#include "dynamics.h"
#include "lists.h"
#include "reading.h"
#include "recipe_yaml.h"

#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- which file ---- */

static bool is_recipe(const char *operand)
{
	const char *dot = strrchr(operand, '.');

	return dot && (strcasecmp(dot, ".yaml") == 0 || strcasecmp(dot, ".yml") == 0);
}

/* Takes the recipe out of the operands. *path: NULL where there is none. */
static int find_recipe(const struct bl_settings *s, struct bl_args *args, const char **path,
	struct bl_err *err)
{
	const struct bl_given *g = &s->given[BL_OPT_RECIPE];
	size_t kept = 0;

	*path = g->n ? g->value[0].text : NULL;
	for (size_t i = 0; i < args->operands; i++) {
		const char *operand = args->operand[i];

		if (!is_recipe(operand)) {
			args->operand[kept++] = operand;
			continue;
		}
		if (*path)
			return bl_fail(err, BL_USAGE, "%s and %s are two recipes: a run has one",
				*path, operand);
		*path = operand;
	}
	args->operands = kept;
	return 0;
}

/* ---- reading ---- */

/* The folder that a recipe is in, "" or with its closing slash; malloc'd, NULL: no memory. */
static char *folder_of(const char *path, struct bl_err *err)
{
	const char *slash = strrchr(path, '/');
	char *folder = strndup(path, slash ? (size_t)(slash - path) + 1 : 0);

	if (!folder)
		bl_fail_memory(err, strlen(path) + 1, "a path");
	return folder;
}

/* Reads a recipe, whose paths are seen from the folder. */
static int read_recipe(struct bl_recipe *r, const char *path, const char *folder,
	const volatile sig_atomic_t *stop, struct bl_err *err)
{
	char *text;
	size_t len;
	int rc;

	if (bl_read_whole(path, BL_YAML_BYTES + 1, BL_USAGE, stop, &text, &len, err) != 0)
		return -1;
	rc = bl_recipe_read(r, text, len, bl_reading_title(path), folder, err);
	free(text);
	return rc;
}

/* ---- patterns ---- */

/* Takes the backslashes out of a pattern. Does it match just the name that is left? */
static bool is_name(char *pattern)
{
	char *to = pattern;
	bool name = true;

	for (const char *from = pattern; *from && name; from++) {
		name = !strchr("*?[", *from);
		if (*from == '\\' && from[1])
			from++;
		*to++ = *from;
	}
	if (name)
		*to = '\0';
	return name;
}

static int add_matches(
	struct bl_recipe *r, const struct bl_recipe_input *input, struct bl_err *err)
{
	glob_t found;
	int rc = glob(input->path, GLOB_ERR, NULL, &found);

	if (rc == GLOB_NOSPACE)
		return bl_fail_memory(err, strlen(input->path), "the inputs");
	if (rc == GLOB_ABORTED)
		return bl_fail_errno(err, BL_USAGE, errno ? errno : EIO, "%s: %s", input->where,
			input->path);
	if (rc != 0)
		return bl_fail(err, BL_USAGE, "%s: no file matches %s", input->where, input->path);
	for (size_t i = 0; i < found.gl_pathc && rc == 0; i++)
		rc = bl_recipe_add_input(r, found.gl_pathv[i], input->where, err);
	globfree(&found);
	return rc;
}

static int add_input(struct bl_recipe *r, const struct bl_recipe_input *input, struct bl_err *err)
{
	char *name = strdup(input->path);
	int rc;

	if (!name)
		return bl_fail_memory(err, strlen(input->path) + 1, "a path");
	if (is_name(name))
		rc = bl_recipe_add_input(r, name, input->where, err);
	else
		rc = add_matches(r, input, err);
	free(name);
	return rc;
}

/* Adds what the lists of a recipe name. */
static int add_listed(struct bl_recipe *r, const char *folder, const volatile sig_atomic_t *stop,
	struct bl_err *err)
{
	struct bl_args args = {0};
	int rc = bl_lists_take(&r->run[0], folder, &args, stop, err);

	for (size_t i = 0; i < args.operands && rc == 0; i++)
		rc = bl_recipe_add_input(r, args.operand[i], NULL, err);
	bl_args_free(&args);
	return rc;
}

/* The inputs become those that the operands name or, where there are none, the patterns match. */
static int expand(struct bl_recipe *r, const struct bl_args *args, struct bl_err *err)
{
	struct bl_recipe read = {.input = r->input, .inputs = r->inputs};
	int rc = 0;

	r->input = NULL;
	r->inputs = 0;
	for (size_t i = 0; i < args->operands && rc == 0; i++)
		rc = bl_recipe_add_input(r, args->operand[i], NULL, err);
	for (size_t i = 0; i < read.inputs && args->operands == 0 && rc == 0; i++)
		rc = add_input(r, &read.input[i], err);
	bl_recipe_free(&read);
	return rc;
}

/* The operands become the inputs. */
static int name_operands(const struct bl_recipe *r, struct bl_args *args, struct bl_err *err)
{
	const char **operand = calloc(r->inputs + 1, sizeof *operand);

	if (!operand)
		return bl_fail_memory(err, r->inputs * sizeof *operand, "the inputs");
	for (size_t i = 0; i < r->inputs; i++)
		operand[i] = r->input[i].path;
	free(args->operand);
	args->operand = operand;
	args->operands = r->inputs;
	return 0;
}

/* Files that say something of each checkpoint hold for all runs: there is one of each kind. */
static int take_files(
	const struct bl_recipe *r, struct bl_settings *settings, struct bl_err *err)
{
	for (size_t k = 0; k < r->runs * BL_OPTIONS; k++) {
		const enum bl_option o = (enum bl_option)(k % BL_OPTIONS);
		const struct bl_given *given = &r->run[k / BL_OPTIONS].given[o];
		struct bl_settings one = {0};

		if (!(bl_option(o)->flags & BL_FILE) || !given->n)
			continue;
		one.given[o] = *given;
		if (!bl_settings_given(settings, o) &&
			bl_settings_overlay(settings, &one, err) != 0)
			return -1;
		if (strcmp(settings->given[o].value->text, given->value->text) == 0)
			continue;
		bl_fail(err, BL_USAGE, "%s: another file for %s than %s, which is for all runs",
			given->where, bl_option(o)->key, settings->given[o].value->text);
		return bl_hint(err, "it speaks of checkpoints, which all runs share; another file "
			"needs a recipe of its own");
	}
	return 0;
}

/* Does a method of a run take an option? */
static bool takes(const struct bl_settings *run, enum bl_option o)
{
	const struct bl_given *method = &run->given[BL_OPT_METHOD];

	for (size_t i = 0; i < method->n; i++) {
		const struct bl_dynamics *d = bl_dynamics_find(method->value[i].text);

		if (d && bl_dynamics_takes(d, o))
			return true;
	}
	return false;
}

/* A run that could have such a file and names none would get it from another run, unrecorded. */
static int check_files(
	const struct bl_recipe *r, const struct bl_settings *settings, struct bl_err *err)
{
	for (size_t k = 0; k < r->runs * BL_OPTIONS; k++) {
		const enum bl_option o = (enum bl_option)(k % BL_OPTIONS);
		const struct bl_settings *run = &r->run[k / BL_OPTIONS];

		if (!(bl_option(o)->flags & BL_FILE) || !bl_settings_given(settings, o) ||
			bl_settings_given(run, o) || !takes(run, o))
			continue;
		bl_fail(err, BL_USAGE, "%s: it has no %s, and another run has", run->where,
			bl_option(o)->key);
		return bl_hint(err, "say it once, above the runs");
	}
	return 0;
}

/* The recipe at path, or without one a single run that says nothing. */
static int begin(struct bl_recipe *r, const char *path, const char *folder,
	const volatile sig_atomic_t *stop, struct bl_err *err)
{
	if (path)
		return read_recipe(r, path, folder, stop, err);
	r->run = calloc(1, sizeof *r->run);
	if (!r->run)
		return bl_fail_memory(err, sizeof *r->run, "settings");
	r->runs = 1;
	return 0;
}

/* The inputs, of the command line or, where it names none, of the recipe. */
static int find_inputs(struct bl_recipe *r, const struct bl_settings *settings,
	struct bl_args *args, const char *folder, const volatile sig_atomic_t *stop,
	struct bl_err *err)
{
	if (bl_lists_take(settings, "", args, stop, err) != 0 || expand(r, args, err) != 0)
		return -1;
	if (args->operands == 0 && add_listed(r, folder, stop, err) != 0)
		return -1;
	for (size_t i = 0; i < r->runs; i++)
		bl_lists_drop(&r->run[i]);
	return name_operands(r, args, err);
}

/* What holds for all runs; the runs are told what the command line says. */
static int lay_over(struct bl_recipe *r, struct bl_settings *settings, struct bl_err *err)
{
	bl_lists_drop(settings); /* the inputs have been taken from them */
	for (size_t i = 0; i < r->runs; i++)
		if (bl_settings_overlay(&r->run[i], settings, err) != 0)
			return -1;
	bl_settings_free(settings);
	*settings = (struct bl_settings){0};
	if (bl_settings_overlay(settings, &r->run[0], err) != 0)
		return -1;
	return take_files(r, settings, err) == 0 ? check_files(r, settings, err) : -1;
}

int bl_recipe_load(struct bl_recipe *r, struct bl_settings *settings, struct bl_args *args,
	const volatile sig_atomic_t *stop, struct bl_err *err)
{
	const char *path;
	char *folder;
	int rc;

	if (find_recipe(settings, args, &path, err) != 0)
		return -1;
	folder = folder_of(path ? path : "", err);
	rc = folder ? begin(r, path, folder, stop, err) : -1;
	if (rc == 0)
		rc = bl_stdin_once(settings, r->run, r->runs, err);
	if (rc == 0)
		rc = find_inputs(r, settings, args, folder, stop, err);
	if (rc == 0)
		rc = lay_over(r, settings, err);
	free(folder);
	return rc;
}

/* ---- where it went wrong ---- */

/* Does text go on with a whole word? */
static bool goes_on(const char *text, const char *word)
{
	static const char letters[] = "-abcdefghijklmnopqrstuvwxyz0123456789";
	const size_t len = strlen(word);

	return strncmp(text, word, len) == 0 && (!text[len] || !strchr(letters, text[len]));
}

/* The option that a message names first, BL_OPTIONS for none. */
static enum bl_option named(const char *text)
{
	const char *at = strstr(text, "--");
	enum bl_option o = 0;

	while (at && at > text && at[-1] != ' ')
		at = strstr(at + 2, "--");
	while (at && o < BL_OPTIONS &&
		!(bl_option_is_of(o, BL_AVG) && goes_on(at + 2, bl_option(o)->key)))
		o++;
	return at ? o : BL_OPTIONS;
}

int bl_recipe_blame(const struct bl_settings *s, bool plan, struct bl_err *err)
{
	const enum bl_option o = named(err->text);
	const char *where = o == BL_OPTIONS ? NULL : s->given[o].where;

	if (!where && plan)
		where = s->where;
	if (!where || where[0] == '-' || err->code != BL_USAGE)
		return -1;
	return bl_prefix(err, "%s", where);
}
