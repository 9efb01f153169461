/* recipe_write.c - recipes as YAML. */
#include "recipe_write.h"

#include "utf8.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- one text ---- */

/* Would it be another thing than text without quotes, for this reader or for others? */
static bool is_reserved(const char *text)
{
	static const char *const word[] = {"true", "false", "null", "yes", "no", "on", "off", "y",
		"n", ".inf", ".nan", "...", "=", NULL};
	size_t i = 0;

	while (word[i] && strcasecmp(word[i], text) != 0)
		i++;
	return word[i] != NULL;
}

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

static bool is_plain(const char *text)
{
	const char *const number = DIGITS LETTERS ".%", *const word = DIGITS LETTERS "./_%+-";
	const bool counts = strspn(text + (*text == '.'), DIGITS) > 0; /* 4ckpt, but no date */
	const bool based = *text == '0' && strspn(text + 1, LETTERS) > 0; /* 0x1f */

	if (based || (!counts && strspn(text, LETTERS "./_") == 0))
		return false;
	return !text[strspn(text, counts ? number : word)] && !is_reserved(text);
}

/* The code point of a well-formed sequence. */
static unsigned code_of(const char *s, size_t n)
{
	static const unsigned lead[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	unsigned code = (unsigned char)s[0] & lead[n];

	for (size_t i = 1; i < n; i++)
		code = code << 6 | ((unsigned char)s[i] & 0x3f);
	return code;
}

/* What YAML does not take as it stands, or takes for the end of a line. */
static bool is_odd(unsigned code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x2028 || code == 0x2029 ||
		code == 0xfeff || code == 0xfffe || code == 0xffff;
}

/* Writes a text, in double quotes unless it is text without them. */
static void put_text(FILE *to, const char *text)
{
	if (is_plain(text)) {
		fputs(text, to);
		return;
	}
	putc('"', to);
	for (size_t left = strlen(text), n; left > 0; text += n, left -= n) {
		unsigned code;

		n = bl_utf8(text, left);
		code = code_of(text, n);
		if (*text == '"' || *text == '\\')
			fprintf(to, "\\%c", *text);
		else if (is_odd(code))
			fprintf(to, "\\u%04X", code);
		else
			fwrite(text, 1, n, to);
	}
	putc('"', to);
}

/* ---- options ---- */

/* Which of them. */
enum part { ALL, OF_RUN, COMMON };

static bool is_rule(enum bl_option o)
{
	return o == BL_OPT_AVERAGE || o == BL_OPT_COPY || o == BL_OPT_SKIP ||
		o == BL_OPT_TENSOR_OPTION;
}

/* Is it given, and written as a pair? */
static bool is_pair(const struct bl_settings *s, enum bl_option o, enum part part)
{
	const bool of_run = bl_option(o)->flags & BL_METHOD || o == BL_OPT_NAME ||
		o == BL_OPT_OUTPUT;

	if (!bl_settings_given(s, o) || bl_option(o)->flags & BL_NO_RECIPE || is_rule(o))
		return false;
	return part == ALL || of_run == (part == OF_RUN);
}

static void put_values(FILE *to, enum bl_option o, const struct bl_given *g)
{
	if (bl_option(o)->kind == BL_KIND_FLAG) {
		fputs("true", to);
		return;
	}
	if (g->n > 1)
		putc('[', to);
	for (size_t i = 0; i < g->n; i++) {
		if (i > 0)
			fputs(", ", to);
		put_text(to, g->value[i].text);
	}
	if (g->n > 1)
		putc(']', to);
}

/* Writes pairs, a line each, the name at the head: first before the first of them, other before all
 * others. Returns whether there are any. */
static bool put_options(FILE *to, const struct bl_settings *s, enum part part, const char *first,
	const char *other)
{
	bool any = false;

	for (unsigned i = 0; i <= BL_OPTIONS; i++) {
		const enum bl_option o = i == 0 ? BL_OPT_NAME : (enum bl_option)(i - 1);

		if (!is_pair(s, o, part) || (o == BL_OPT_NAME && i > 0))
			continue;
		fprintf(to, "%s%s: ", any ? other : first, bl_option(o)->key);
		put_values(to, o, &s->given[o]);
		putc('\n', to);
		any = true;
	}
	return any;
}

/* ---- tensors ---- */

/* One thing that is said of tensors. */
struct said {
	const char *match, *key, *value;
	size_t match_len, key_len;
	bool joins; /* what follows of the same tensors goes into one mapping with it */
};

/* Takes apart GLOB:key=value. */
static struct said take_apart(const char *text)
{
	const char *equals = text + strcspn(text, "="), *colon = equals;

	while (colon > text && *colon != ':')
		colon--;
	return (struct said){.match = text, .match_len = (size_t)(colon - text), .key = colon + 1,
		.key_len = (size_t)(equals - colon) - 1, .value = equals + 1, .joins = true};
}

/* Everything that is said of tensors, in its order; NULL: no memory. */
static struct said *list_said(const struct bl_settings *s, size_t *n)
{
	struct said *said = calloc(s->repeats + 1, sizeof *said);

	*n = 0;
	for (enum bl_option o = 0; said && o < BL_OPTIONS; o++) {
		const struct bl_given *g = &s->given[o];
		const char *key = bl_option(o)->key;

		for (size_t i = 0; i < g->n && is_rule(o); i++)
			said[(size_t)g->value[i].number] = o == BL_OPT_TENSOR_OPTION
				? take_apart(g->value[i].text)
				: (struct said){g->value[i].text, key, "true",
					strlen(g->value[i].text), strlen(key), false};
	}
	for (size_t i = 0; said && i < s->repeats; i++)
		if (said[i].match)
			said[(*n)++] = said[i];
	return said;
}

static void put_said(FILE *to, const struct said *said)
{
	fprintf(to, ", %.*s: ", (int)said->key_len, said->key);
	if (strcmp(said->value, "true") == 0) /* the word, not a text */
		fputs("true", to);
	else
		put_text(to, said->value);
}

static bool joins(const struct said *a, const struct said *b)
{
	return a->joins && b->joins && a->match_len == b->match_len &&
		memcmp(a->match, b->match, a->match_len) == 0;
}

static int put_match(FILE *to, const struct said *said, struct bl_err *err)
{
	char *match = strndup(said->match, said->match_len);

	if (!match)
		return bl_fail_memory(err, said->match_len + 1, "a pattern");
	fputs("  - {match: ", to);
	put_text(to, match);
	free(match);
	return 0;
}

static int put_tensors(FILE *to, const struct bl_settings *s, struct bl_err *err)
{
	int rc = 0;
	size_t n;
	struct said *said = list_said(s, &n);

	if (!said)
		return bl_fail_memory(err, s->repeats * sizeof *said, "the patterns");
	fputs(n ? "tensors:\n" : "", to);
	for (size_t i = 0; i < n && rc == 0; i++) {
		if (i == 0 || !joins(&said[i - 1], &said[i]))
			rc = put_match(to, &said[i], err);
		put_said(to, &said[i]);
		if (i + 1 == n || !joins(&said[i], &said[i + 1]))
			fputs("}\n", to);
	}
	free(said);
	return rc;
}

/* ---- the whole ---- */

/* A path as a pattern that only it matches. */
static int put_input(FILE *to, const char *path, struct bl_err *err)
{
	char *pattern = calloc(2 * strlen(path) + 1, 1), *at = pattern;

	if (!pattern)
		return bl_fail_memory(err, 2 * strlen(path) + 1, "a path");
	for (; *path; *at++ = *path++)
		if (strchr("*?[\\", *path))
			*at++ = '\\';
	*at = '\0';
	fputs("  - ", to);
	put_text(to, pattern);
	putc('\n', to);
	free(pattern);
	return 0;
}

static int check_text(const char *key, const char *text, struct bl_err *err)
{
	return bl_is_utf8(text) ? 0 : bl_fail(err, BL_USAGE,
		"%s: %s: is no UTF-8, so no recipe can hold it", key, text);
}

/* Nothing is written of what cannot be written whole. */
static int check(const struct bl_recipe *r, struct bl_err *err)
{
	for (size_t i = 0; i < r->inputs; i++)
		if (check_text("inputs", r->input[i].path, err) != 0)
			return -1;
	for (size_t i = 0; i < r->runs; i++)
		for (enum bl_option o = 0; o < BL_OPTIONS; o++)
			for (size_t k = 0; k < r->run[i].given[o].n; k++)
				if (check_text(bl_option(o)->key, r->run[i].given[o].value[k].text,
					    err) != 0)
					return -1;
	return 0;
}

int bl_recipe_write(FILE *to, const struct bl_recipe *r, struct bl_err *err)
{
	const enum part part = r->runs > 1 ? COMMON : ALL;
	bool any = r->inputs > 0 || r->runs > 1 || r->run[0].repeats > 0;

	if (check(r, err) != 0)
		return -1;
	fputs(r->inputs ? "inputs:\n" : "", to);
	for (size_t i = 0; i < r->inputs; i++)
		if (put_input(to, r->input[i].path, err) != 0)
			return -1;
	any |= put_options(to, &r->run[0], part, "", "");
	if (put_tensors(to, &r->run[0], err) != 0)
		return -1;
	fputs(r->runs > 1 ? "runs:\n" : any ? "" : "{}\n", to);
	for (size_t i = 0; i < r->runs && r->runs > 1; i++)
		if (!put_options(to, &r->run[i], OF_RUN, "  - ", "    "))
			fputs("  - {}\n", to);
	return 0;
}
