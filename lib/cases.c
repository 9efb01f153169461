/* cases.c - the points of a sweep, and the names of their outputs. */
#include "settings.h"

#include "sweep.h"
#include "value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct bl_value *bl_case_value(const struct bl_case *c, enum bl_option o)
{
	return c->value[o];
}

double bl_case_number(const struct bl_case *c, enum bl_option o, double fallback)
{
	const struct bl_value *v = bl_case_value(c, o);

	return v ? v->number : fallback;
}

const char *bl_case_word(const struct bl_case *c, enum bl_option o)
{
	return c->value[o] ? c->value[o]->text : bl_option(o)->fallback;
}

/* ---- output names ---- */

#define FIELD_MAX 32 /* bytes in the name of a field */

static int fail_field(const char *name, struct bl_err *err)
{
	const char *near = NULL;
	size_t best = SIZE_MAX;

	if (bl_nearer(name, "index", 5, &best))
		near = "index";
	for (unsigned o = 0; o < BL_OPTIONS; o++) {
		const struct bl_option_info *info = bl_option((enum bl_option)o);

		if (info->flags & BL_METHOD && bl_nearer(name, info->key, strlen(info->key), &best))
			near = info->key;
	}
	bl_fail(err, BL_USAGE, "unknown field {%s}", name);
	if (near)
		return bl_hint(err, "did you mean {%s}?", near);
	return bl_hint(err, "fields are {index}, {method} and the options of the methods, such as "
		"{half-life}; a plain brace is written twice: {{ or }}");
}

/* Writes what stands for one field. */
static int put_field(FILE *to, const struct bl_case *c, const char *name, struct bl_err *err)
{
	if (strcmp(name, "index") == 0) {
		fprintf(to, "%zu", c->index);
		return 0;
	}
	for (unsigned o = 0; o < BL_OPTIONS; o++) {
		const struct bl_option_info *info = bl_option((enum bl_option)o);
		const char *text = c->value[o] ? c->value[o]->text : info->fallback;

		if (!(info->flags & BL_METHOD) || strcmp(info->key, name) != 0)
			continue;
		if (!text)
			return bl_fail(err, BL_USAGE, "{%s}: %s is not given", name, name);
		fputs(text, to);
		return 0;
	}
	return fail_field(name, err);
}

/* Writes the template with its fields filled in. */
static int put_name(FILE *to, const char *template, const struct bl_case *c, struct bl_err *err)
{
	char name[FIELD_MAX + 1];

	for (const char *t = template; *t; t++) {
		size_t len = strcspn(t + 1, "{}");

		if ((t[0] == '{' || t[0] == '}') && t[1] == t[0]) {
			fputc(*t++, to);
		} else if (*t != '{') {
			fputc(*t, to);
		} else if (t[1 + len] != '}' || len > FIELD_MAX) {
			bl_fail(err, BL_USAGE, "\"%s\": a \"{\" does not begin a field", template);
			return bl_hint(err, "a plain brace is written twice: {{ or }}");
		} else {
			snprintf(name, sizeof name, "%.*s", (int)len, t + 1);
			if (put_field(to, c, name, err) != 0)
				return -1;
			t += len + 1;
		}
	}
	return 0;
}

/* The output's name, malloc'd; NULL on failure. */
static char *make_name(const char *template, const struct bl_case *c, struct bl_err *err)
{
	char *name = NULL;
	size_t size = 0;
	FILE *to = open_memstream(&name, &size);
	int rc;

	if (!to) {
		bl_fail_memory(err, strlen(template), "an output's name");
		return NULL;
	}
	rc = put_name(to, template, c, err);
	if (ferror(to) | fclose(to)) {
		bl_fail_memory(err, size, "an output's name");
		rc = -1;
	}
	if (rc != 0) {
		free(name);
		return NULL;
	}
	return name;
}

static int by_name(const void *a, const void *b)
{
	const struct bl_case *const *x = a, *const *y = b;

	return strcmp((*x)->output, (*y)->output);
}

/* The fields that would tell the outputs apart and that the template lacks, with " or " behind. */
static void list_fields(const struct bl_settings *s, const char *template, char *buf, size_t cap)
{
	size_t at = 0;

	buf[0] = '\0';
	for (unsigned o = 0; o < BL_OPTIONS; o++) {
		char field[FIELD_MAX + 3];

		snprintf(field, sizeof field, "{%s}", bl_option((enum bl_option)o)->key);
		if (bl_settings_sweep(s, (enum bl_option)o) > 1 && !strstr(template, field) &&
			at < cap)
			at += (size_t)snprintf(buf + at, cap - at, "%s%s", at ? "_" : "", field);
	}
	if (at > 0 && at < cap)
		snprintf(buf + at, cap - at, " or ");
}

/* Two outputs with one name: says which, and what the template could show. */
static int fail_clash(const struct bl_settings *s, const char *name, size_t count,
	struct bl_err *err)
{
	const char *template = s->given[BL_OPT_OUTPUT].value[0].text;
	char fields[512];

	if (strcmp(name, "-") == 0) {
		bl_fail(err, BL_USAGE, "standard output takes one average, not %zu", count);
		return bl_hint(err, "name files, such as 'avg_{index}.safetensors'");
	}
	if (strcmp(name, template) == 0)
		bl_fail(err, BL_USAGE, "\"%s\" is one name for %zu outputs", name, count);
	else
		bl_fail(err, BL_USAGE, "two of %zu outputs would be called \"%s\"", count, name);
	list_fields(s, template, fields, sizeof fields);
	return bl_hint(err, "put %s{index} into the name", fields);
}

static int check_names(const struct bl_settings *s, struct bl_case *cases, size_t count,
	struct bl_err *err)
{
	struct bl_case **sorted = calloc(count, sizeof(struct bl_case *));
	int rc = 0;

	if (!sorted)
		return bl_fail_memory(err, count * sizeof(struct bl_case *), "the outputs' names");
	for (size_t i = 0; i < count; i++)
		sorted[i] = &cases[i];
	qsort(sorted, count, sizeof(struct bl_case *), by_name);
	for (size_t i = 1; i < count && rc == 0; i++)
		if (by_name(&sorted[i - 1], &sorted[i]) == 0)
			rc = fail_clash(s, sorted[i]->output, count, err);
	free(sorted);
	return rc;
}

static int name_outputs(const struct bl_settings *s, struct bl_case *cases, size_t count,
	struct bl_err *err)
{
	const struct bl_given *out = &s->given[BL_OPT_OUTPUT];

	if (!out->n)
		return 0;
	for (size_t i = 0; i < count; i++) {
		cases[i].output = make_name(out->value[0].text, &cases[i], err);
		if (!cases[i].output)
			return bl_prefix(err, "%s", out->where);
	}
	return check_names(s, cases, count, err) == 0 ? 0 : bl_prefix(err, "%s", out->where);
}

/* ---- the product ---- */

static int count_cases(const struct bl_settings *s, size_t *count, struct bl_err *err)
{
	*count = 1;
	for (unsigned o = 0; o < BL_OPTIONS; o++) {
		if (bl_settings_sweep(s, (enum bl_option)o) <= 1)
			continue;
		if (__builtin_mul_overflow(*count, s->given[o].n, count) || *count > BL_SWEEP_MAX)
			return bl_fail(err, BL_USAGE, "%s: the sweep has more than %d outputs",
				s->given[o].where, BL_SWEEP_MAX);
	}
	return 0;
}

/* Later options turn fastest. */
static void fill_case(const struct bl_settings *s, size_t index, struct bl_case *c)
{
	c->index = index;
	for (unsigned o = BL_OPTIONS; o-- > 0;) {
		const struct bl_given *g = &s->given[o];

		if (!bl_settings_sweep(s, (enum bl_option)o))
			continue;
		c->value[o] = &g->value[index % g->n];
		index /= g->n;
	}
}

int bl_settings_expand(const struct bl_settings *s, struct bl_case **cases, size_t *count,
	struct bl_err *err)
{
	*cases = NULL;
	if (count_cases(s, count, err) != 0)
		return -1;
	*cases = calloc(*count, sizeof **cases);
	if (!*cases)
		return bl_fail_memory(err, *count * sizeof **cases, "a sweep");
	for (size_t i = 0; i < *count; i++)
		fill_case(s, i, &(*cases)[i]);
	if (name_outputs(s, *cases, *count, err) == 0)
		return 0;
	bl_cases_free(*cases, *count);
	*cases = NULL;
	return -1;
}

void bl_cases_free(struct bl_case *cases, size_t count)
{
	for (size_t i = 0; cases && i < count; i++)
		free(cases[i].output);
	free(cases);
}
