/*
 * target_recipe.c - fuzzes recipes, and the provenances that recipes are made of.
 *
 * An input is a recipe; one that begins with a brace is also taken for a provenance, as JSON. What
 * is read is written, read again, and must be written as the same text.
 */
#include "fuzz.h"
#include "profile.h"
#include "recipe_write.h"
#include "rules.h"

#include <stdlib.h>
#include <string.h>

/* NULL: it has a path that is no UTF-8. */
static char *written(const struct bl_recipe *r)
{
	struct bl_err err = {0};
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);
	int rc;

	fuzz_must(to != NULL, "there is memory for a text");
	rc = bl_recipe_write(to, r, &err);
	fclose(to);
	if (rc == 0)
		return text;
	fuzz_must_say(&err);
	free(text);
	return NULL;
}

/* Makes paths of patterns, for what is written are paths. */
static void take_literally(struct bl_recipe *r)
{
	for (size_t i = 0; i < r->inputs; i++) {
		char *to = r->input[i].path;

		for (const char *from = to; (*to = *from); from++, to++)
			if (*from == '\\' && from[1])
				*to = *++from;
	}
}

static void come_back(const struct bl_recipe *r)
{
	struct bl_recipe back = {0};
	struct bl_err err = {0};
	char *first = written(r), *second = NULL;

	if (first) {
		fuzz_must(bl_recipe_read(&back, first, strlen(first), "b", "", &err) == 0,
			"a recipe that was written can be read");
		take_literally(&back);
		second = written(&back);
		fuzz_must(second && strcmp(first, second) == 0, "it comes back as the same");
	}
	bl_recipe_free(&back);
	free(first);
	free(second);
}

/* The outputs, and the rules of tensors, as a run makes them. */
static void expand(const struct bl_recipe *r)
{
	struct bl_case *cases = NULL;
	struct bl_rules rules = {0};
	struct bl_err err = {0};
	size_t n = 0;

	if (bl_runs_expand(r->run, r->runs, &cases, &n, &err) != 0)
		fuzz_must_say(&err);
	else
		bl_cases_free(cases, n);
	if (bl_rules_make(&r->run[0], &rules, &err) != 0)
		fuzz_must_say(&err);
	bl_rules_free(&rules);
}

static void take_provenance(const char *json, size_t size)
{
	struct bl_err err = {0};
	struct bl_profile profile;
	char *text = NULL;
	size_t length;
	struct bl_profile_when when;
	FILE *to = open_memstream(&text, &length);

	fuzz_must(to != NULL, "there is memory for a text");
	if (bl_recipe_of_provenance(to, json, size, &err) != 0)
		fuzz_must_say(&err);
	fclose(to);
	free(text);
	if (bl_profile_recorded(json, &profile, &when, &err) != 0)
		fuzz_must_say(&err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bl_recipe r = {0};
	struct bl_err err = {0};
	char *text = malloc(size + 1);

	fuzz_must(text != NULL, "there is memory for a text");
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	if (bl_recipe_read(&r, text, size, "r.yaml", "runs/", &err) == 0) {
		expand(&r);
		take_literally(&r);
		come_back(&r);
	} else {
		fuzz_must_say(&err);
	}
	bl_recipe_free(&r);
	if (text[0] == '{')
		take_provenance(text, size);
	free(text);
	return 0;
}
