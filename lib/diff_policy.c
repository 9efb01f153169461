/* diff_policy.c - what was said of a comparison. */
#include "diff.h"

#include "names.h"
#include "value.h"

#include <stdlib.h>
#include <string.h>

/* ---- rules ---- */

#define KEYS "abs, rel, ulp, or exact=true"

/* The option of a key; BL_OPTIONS: none. */
static enum bl_option option_of(const char *key, size_t n)
{
	static const enum bl_option known[] = {BL_OPT_ABS, BL_OPT_REL, BL_OPT_ULP};

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		const char *name = bl_option(known[i])->key;

		if (strlen(name) == n && memcmp(name, key, n) == 0)
			return known[i];
	}
	return BL_OPTIONS;
}

static bool is_exact(const char *key, size_t n)
{
	return n == strlen("exact") && memcmp(key, "exact", n) == 0;
}

static int fail_key(const char *key, size_t n, struct bl_err *err)
{
	bl_fail(err, BL_USAGE, "unknown key \"%.*s\"", (int)(n < 40 ? n : 40), key);
	return bl_hint(err, "some tensors can have " KEYS);
}

/* What a rule says: key, of n bytes, and value. */
static int say(struct bl_diff_rule *r, const char *key, size_t n, const char *value,
	struct bl_err *err)
{
	const enum bl_option o = option_of(key, n);
	struct bl_value v;

	if (is_exact(key, n)) {
		if (strcmp(value, "true") != 0)
			return bl_fail(err, BL_USAGE,
				"\"%s\" is not the only word for it, true", value);
		r->exact = true;
	} else if (o == BL_OPTIONS) {
		return fail_key(key, n, err);
	} else if (bl_value_parse(bl_option(o), value, &v, err) != 0) {
		return -1;
	} else if (o == BL_OPT_ABS) {
		r->abs = true;
		r->tolerance.abs = v.number;
	} else if (o == BL_OPT_REL) {
		r->rel = true;
		r->tolerance.rel = v.number;
	} else {
		r->ulp = true;
		r->tolerance.ulp = (uint64_t)v.number;
	}
	if (r->exact && (r->abs || r->rel || r->ulp))
		return bl_fail(err, BL_USAGE, "what is exact has no tolerance");
	return 0;
}

/* GLOB:key=value. *globs: room for patterns. */
static int add_rule(struct bl_diff_policy *p, const char *text, char **globs, struct bl_err *err)
{
	const char *equals = strchr(text, '='), *colon = equals;
	struct bl_diff_rule *r = p->rules ? &p->rule[p->rules - 1] : NULL;
	size_t n;

	while (colon && colon > text && *colon != ':')
		colon--;
	if (!colon || colon == text) {
		bl_fail(err, BL_USAGE, "GLOB:KEY=VALUE was expected");
		return bl_hint(err, "such as '*.bias:abs=1e-6'");
	}
	n = (size_t)(colon - text);
	if (!r || strlen(r->glob) != n || memcmp(r->glob, text, n) != 0) {
		r = &p->rule[p->rules++];
		r->glob = memcpy(*globs, text, n);
		*globs += n + 1;
	}
	return say(r, colon + 1, (size_t)(equals - colon) - 1, equals + 1, err);
}

static int make_rules(
	struct bl_diff_policy *p, const struct bl_given *given, struct bl_err *err)
{
	size_t bytes = 1;
	char *globs;

	for (size_t i = 0; i < given->n; i++)
		bytes += strlen(given->value[i].text) + 1;
	p->rule = calloc(given->n + 1, sizeof *p->rule);
	p->globs = globs = calloc(bytes, 1);
	if (!p->rule || !globs)
		return bl_fail_memory(err, given->n * sizeof *p->rule, "the patterns");
	for (size_t i = 0; i < given->n; i++)
		if (add_rule(p, given->value[i].text, &globs, err) != 0)
			return bl_prefix(err, "--tensor-option %s", given->value[i].text);
	return 0;
}

/* ---- patterns ---- */

static int make_globs(struct bl_diff_glob **glob, size_t *n, const struct bl_given *given,
	struct bl_err *err)
{
	*glob = calloc(given->n + 1, sizeof **glob);
	if (!*glob)
		return bl_fail_memory(err, given->n * sizeof **glob, "the patterns");
	for (*n = 0; *n < given->n; ++*n)
		(*glob)[*n].glob = given->value[*n].text;
	return 0;
}

int bl_diff_policy_make(struct bl_diff_policy *p, const struct bl_settings *s, struct bl_err *err)
{
	*p = (struct bl_diff_policy){
		.tolerance = {
			.given = bl_settings_given(s, BL_OPT_ABS) ||
				bl_settings_given(s, BL_OPT_REL) ||
				bl_settings_given(s, BL_OPT_ULP),
			.abs = bl_settings_number(s, BL_OPT_ABS),
			.rel = bl_settings_number(s, BL_OPT_REL),
			.ulp = (uint64_t)bl_settings_number(s, BL_OPT_ULP),
		},
		.any_type = bl_settings_given(s, BL_OPT_ANY_TYPE),
	};
	if (make_globs(&p->include, &p->includes, &s->given[BL_OPT_INCLUDE], err) != 0 ||
		make_globs(&p->exclude, &p->excludes, &s->given[BL_OPT_EXCLUDE], err) != 0)
		return -1;
	return make_rules(p, &s->given[BL_OPT_DIFF_TENSOR_OPTION], err);
}

void bl_diff_policy_free(struct bl_diff_policy *p)
{
	free(p->rule);
	free(p->include);
	free(p->exclude);
	free(p->globs);
	memset(p, 0, sizeof *p);
}

bool bl_diff_unused(const struct bl_diff_policy *p, size_t i, char *buf, size_t cap)
{
	const char *option = NULL, *glob = NULL;
	size_t n = 0;

	for (size_t k = 0; k < p->includes && !glob; k++)
		if (!p->include[k].used && n++ == i) {
			option = "include";
			glob = p->include[k].glob;
		}
	for (size_t k = 0; k < p->excludes && !glob; k++)
		if (!p->exclude[k].used && n++ == i) {
			option = "exclude";
			glob = p->exclude[k].glob;
		}
	for (size_t k = 0; k < p->rules && !glob; k++)
		if (!p->rule[k].used && n++ == i) {
			option = "tensor-option";
			glob = p->rule[k].glob;
		}
	if (glob)
		snprintf(buf, cap, "--%s %s", option, glob);
	return glob != NULL;
}

/* ---- metadata ---- */

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

int bl_diff_metadata(const struct bl_source *source, struct bl_diff_meta **list, size_t *n,
	struct bl_err *err)
{
	const size_t most = source[0].cat.metas + source[1].cat.metas;
	struct bl_lookup known = {0};
	int rc = 0;

	*n = 0;
	*list = calloc(most + 1, sizeof **list);
	if (!*list)
		return bl_fail_memory(err, most * sizeof **list, "the metadata");
	for (size_t t = 2; t-- > 0 && rc == 0;)
		for (size_t i = 0; i < source[t].cat.metas && rc == 0; i++) {
			const struct bl_meta *m = &source[t].cat.meta[i];
			size_t at = *n;

			rc = bl_lookup_add(&known, m->key, &at, err);
			if (at == *n)
				(*list)[(*n)++].key = m->key;
			(*list)[at].value[t] = m->value;
		}
	bl_lookup_free(&known);
	for (size_t i = *n, kept = *n = 0; rc == 0 && kept < i; kept++) {
		const struct bl_diff_meta m = (*list)[kept];

		if (!same_text(m.value[0], m.value[1]) && strcmp(m.key, BL_NAMES) != 0)
			(*list)[(*n)++] = m;
	}
	return rc;
}
