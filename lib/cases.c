/* cases.c - the points of a sweep, and the names of their outputs. */
#include "settings.h"

#include "memory_stream.h"
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

/* Can a name show the value of an option? */
static bool is_field(enum bl_option o)
{
	return bl_option(o)->flags & BL_METHOD || o == BL_OPT_NAME;
}

static int fail_field(const char *name, struct bl_err *err)
{
	const char *near = NULL;
	size_t best = SIZE_MAX;

	if (bl_nearer(name, "index", 5, &best))
		near = "index";
	for (unsigned o = 0; o < BL_OPTIONS; o++) {
		const char *key = bl_option((enum bl_option)o)->key;

		if (is_field((enum bl_option)o) && bl_nearer(name, key, strlen(key), &best))
			near = key;
	}
	bl_fail(err, BL_USAGE, "unknown field {%s}", name);
	if (near)
		return bl_hint(err, "did you mean {%s}?", near);
	return bl_hint(err, "fields are {index}, {name}, {method} and the options of the methods, "
		"such as {half-life}; a plain brace is written twice: {{ or }}");
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

		if (!is_field((enum bl_option)o) || strcmp(info->key, name) != 0)
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
	FILE *to = bl_memory_stream(&name, &size);
	int rc;

	rc = to ? put_name(to, template, c, err) : 0;
	if (bl_memory_close(to, &name) != 0)
		bl_fail_memory(err, size, "an output's name");
	if (rc == 0)
		return name;
	free(name);
	return NULL;
}

static int by_name(const void *a, const void *b)
{
	const struct bl_case *const *x = a, *const *y = b;

	return strcmp((*x)->output, (*y)->output);
}

/* Are the cases of several runs? */
static bool of_runs(const struct bl_case *cases, size_t count)
{
	return cases[0].settings != cases[count - 1].settings;
}

/* The fields that would tell the outputs of a run apart and that its template lacks, with " or "
 * behind. runs: it is one of several. */
static void list_fields(
	const struct bl_settings *s, bool runs, const char *template, char *buf, size_t cap)
{
	size_t at = 0;

	buf[0] = '\0';
	for (unsigned o = 0; o < BL_OPTIONS; o++) {
		const bool tells = bl_settings_sweep(s, (enum bl_option)o) > 1 ||
			(runs && o == BL_OPT_NAME);
		char field[FIELD_MAX + 3];

		snprintf(field, sizeof field, "{%s}", bl_option((enum bl_option)o)->key);
		if (tells && !strstr(template, field) && at < cap)
			at += (size_t)snprintf(buf + at, cap - at, "%s%s", at ? "_" : "", field);
	}
	if (at > 0 && at < cap)
		snprintf(buf + at, cap - at, " or ");
}

/* The name of a case is that of another too: says which, and what the template could show. */
static int fail_clash(
	const struct bl_case *c, bool runs, size_t count, struct bl_err *err)
{
	const struct bl_given *out = &c->settings->given[BL_OPT_OUTPUT];
	const char *template = out->value[0].text, *name = c->output;
	char fields[512];

	if (strcmp(name, "-") == 0) {
		bl_fail(err, BL_USAGE, "standard output takes one average, not %zu", count);
		bl_hint(err, "name files, such as 'avg_{index}.safetensors'");
		return bl_prefix(err, "%s", out->where);
	}
	if (strcmp(name, template) == 0 && !runs)
		bl_fail(err, BL_USAGE, "\"%s\" is one name for %zu outputs", name, count);
	else
		bl_fail(err, BL_USAGE, "two of %zu outputs would be called \"%s\"", count, name);
	list_fields(c->settings, runs, template, fields, sizeof fields);
	bl_hint(err, "put %s{index} into the name", fields);
	return bl_prefix(err, "%s", out->where);
}

static int check_names(struct bl_case *cases, size_t count, struct bl_err *err)
{
	struct bl_case **sorted = calloc(count, sizeof(struct bl_case *));
	size_t n = 0;
	int rc = 0;

	if (!sorted)
		return bl_fail_memory(err, count * sizeof(struct bl_case *), "the outputs' names");
	for (size_t i = 0; i < count; i++)
		if (cases[i].output)
			sorted[n++] = &cases[i];
	qsort(sorted, n, sizeof(struct bl_case *), by_name);
	for (size_t i = 1; i < n && rc == 0; i++)
		if (by_name(&sorted[i - 1], &sorted[i]) == 0)
			rc = fail_clash(sorted[i], of_runs(cases, count), count, err);
	free(sorted);
	return rc;
}

static int name_outputs(struct bl_case *cases, size_t count, struct bl_err *err)
{
	for (size_t i = 0; i < count; i++) {
		const struct bl_given *out = &cases[i].settings->given[BL_OPT_OUTPUT];

		if (!out->n)
			continue;
		cases[i].output = make_name(out->value[0].text, &cases[i], err);
		if (!cases[i].output)
			return bl_prefix(err, "%s", out->where);
	}
	return check_names(cases, count, err);
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

/* Point number point of s. Later options turn fastest. */
static void fill_case(const struct bl_settings *s, size_t point, struct bl_case *c)
{
	c->settings = s;
	for (unsigned o = BL_OPTIONS; o-- > 0;) {
		const struct bl_given *g = &s->given[o];

		if (!bl_settings_sweep(s, (enum bl_option)o))
			continue;
		c->value[o] = &g->value[point % g->n];
		point /= g->n;
	}
}

/* Appends the cases of one run. */
static int add_run(const struct bl_settings *s, struct bl_case **cases, size_t *count,
	struct bl_err *err)
{
	struct bl_case *all;
	size_t points;

	if (count_cases(s, &points, err) != 0)
		return -1;
	if (*count + points > BL_SWEEP_MAX)
		return bl_fail(err, BL_USAGE, "%s: there are more than %d outputs", s->where,
			BL_SWEEP_MAX);
	all = realloc(*cases, (*count + points) * sizeof *all);
	if (!all)
		return bl_fail_memory(err, (*count + points) * sizeof *all, "a sweep");
	*cases = all;
	memset(all + *count, 0, points * sizeof *all);
	for (size_t i = 0; i < points; i++) {
		all[*count].index = *count;
		fill_case(s, i, &all[(*count)++]);
	}
	return 0;
}

int bl_runs_expand(const struct bl_settings *run, size_t runs, struct bl_case **cases,
	size_t *count, struct bl_err *err)
{
	int rc = 0;

	*cases = NULL;
	*count = 0;
	for (size_t i = 0; i < runs && rc == 0; i++)
		rc = add_run(&run[i], cases, count, err);
	if (rc == 0 && name_outputs(*cases, *count, err) == 0)
		return 0;
	bl_cases_free(*cases, *count);
	*cases = NULL;
	*count = 0;
	return -1;
}

int bl_settings_expand(const struct bl_settings *s, struct bl_case **cases, size_t *count,
	struct bl_err *err)
{
	return bl_runs_expand(s, 1, cases, count, err);
}

void bl_cases_free(struct bl_case *cases, size_t count)
{
	for (size_t i = 0; cases && i < count; i++)
		free(cases[i].output);
	free(cases);
}
