/* lines.c - files that say something of each checkpoint, a line for each. */
#include "config.h"

#include "lines.h"

#include "value.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST ((size_t)1 << 20) /* bytes of a line: more than any path has */

/* A listing under way. */
struct reading {
	struct bl_listing *l;
	const struct bl_inputs *in;
	size_t line;
	double unit; /* --time-unit */
};

static int fail_line(const struct reading *r, struct bl_err *err)
{
	return bl_prefix(err, "%s:%zu", r->l->path, r->line);
}

/* Bytes of a path without the slashes at its end. */
static size_t bare(const char *path)
{
	size_t n = strlen(path);

	while (n > 1 && path[n - 1] == '/')
		n--;
	return n;
}

/* Is name the whole of path, or what stands behind one of its slashes? */
static bool names(const char *name, const char *path, bool whole)
{
	const size_t n = bare(name), length = bare(path);

	if (n > length || memcmp(path + length - n, name, n) != 0)
		return false;
	return n == length || (!whole && path[length - n - 1] == '/');
}

/* How many inputs have the name; *at is one of them. */
static size_t with_name(const struct reading *r, const char *name, bool whole, size_t *at)
{
	size_t found = 0;

	for (size_t t = 0; t < r->in->n; t++) {
		if (!names(name, r->in->source[t].path, whole))
			continue;
		*at = t;
		found++;
	}
	return found;
}

/* How many have the time that text is, if it is one; *at is one of them. */
static size_t with_time(const struct reading *r, const char *text, size_t *at)
{
	static const struct bl_option_info number = {
		.kind = BL_KIND_NUMBER, .low = -1e18, .high = 1e18};
	struct bl_value time;
	struct bl_err none;
	size_t found = 0;

	if (bl_value_parse(&number, text, &time, &none) != 0)
		return 0;
	for (size_t t = 0; t < r->in->n; t++) {
		if (!(fabs(time.number / r->unit - (double)r->in->time[t]) < 1e-6))
			continue;
		*at = t;
		found++;
	}
	return found;
}

/* The checkpoint that a line is about. */
static int find(const struct reading *r, const char *key, size_t *at, struct bl_err *err)
{
	size_t found = with_name(r, key, true, at), by_time, other = 0;

	if (found == 0)
		found = with_name(r, key, false, at);
	by_time = with_time(r, key, &other);
	if (found == 0 && by_time == 1) {
		*at = other;
		return 0;
	}
	if (found == 1 && (!by_time || other == *at))
		return 0;
	if (found == 0 && by_time == 0)
		return bl_fail(err, BL_USAGE, "no checkpoint has the name or the time \"%s\"", key);
	bl_fail(err, BL_USAGE, "\"%s\" stands for more than one checkpoint", key);
	return bl_hint(err, found ? "give more of the path" : "give their names");
}

static int keep(const struct reading *r, const char *key, const char *text, struct bl_err *err)
{
	size_t at;

	if (find(r, key, &at, err) != 0)
		return fail_line(r, err);
	if (r->l->text[at]) {
		bl_fail(err, BL_USAGE, "%s is listed already, on line %zu",
			r->in->source[at].path, r->l->line[at]);
		return fail_line(r, err);
	}
	r->l->text[at] = strdup(text);
	r->l->line[at] = r->line;
	return r->l->text[at] ? 0 : bl_fail_memory(err, strlen(text) + 1, "a listing");
}

/* One line, of len bytes. */
static int take(const struct reading *r, char *line, size_t len, struct bl_err *err)
{
	char *tab;

	while (len > 0 && line[len - 1] == '\r')
		line[--len] = '\0';
	if (len == 0 || line[0] == '#')
		return 0;
	tab = strrchr(line, '\t');
	if (strlen(line) == len && tab && tab > line && tab[1]) {
		*tab = '\0';
		return keep(r, line, tab + 1, err);
	}
	bl_fail(err, BL_USAGE, "a name or a time, a tab and a value were expected");
	return fail_line(r, err);
}

/* The next line, without its end, of at most LONGEST bytes; *more: there is one. */
static int next_line(
	struct reading *r, FILE *from, char *line, size_t *len, bool *more, struct bl_err *err)
{
	int c;

	r->line++;
	errno = 0;
	for (*len = 0; (c = getc(from)) != EOF && c != '\n'; line[(*len)++] = (char)c) {
		if (*len < LONGEST)
			continue;
		bl_fail(err, BL_USAGE, "the line is longer than 1 MiB");
		return fail_line(r, err);
	}
	if (ferror(from))
		return bl_fail_errno(err, BL_INPUT, errno ? errno : EIO, "%s", r->l->path);
	line[*len] = '\0';
	*more = c != EOF || *len > 0;
	return 0;
}

static int read_lines(struct reading *r, FILE *from, struct bl_err *err)
{
	char *line = malloc(LONGEST + 1);
	bool more = true;
	size_t len;
	int rc = 0;

	if (!line)
		return bl_fail_memory(err, LONGEST, "a line");
	while (rc == 0 && more) {
		rc = next_line(r, from, line, &len, &more, err);
		if (rc == 0 && more)
			rc = take(r, line, len, err);
	}
	free(line);
	return rc;
}

/* What is missing was more likely forgotten than meant to be nothing. */
static int check_complete(const struct reading *r, struct bl_err *err)
{
	size_t missing = 0, first = 0;

	for (size_t t = r->in->n; t-- > 0;)
		if (!r->l->text[t]) {
			missing++;
			first = t;
		}
	if (missing == 0)
		return 0;
	if (missing == 1)
		return bl_fail(err, BL_USAGE, "%s: %s is not listed", r->l->path,
			r->in->source[first].path);
	return bl_fail(err, BL_USAGE, "%s: %zu checkpoints are not listed, %s the first",
		r->l->path, missing, r->in->source[first].path);
}

int bl_listing_read(struct bl_listing *l, const char *path, const struct bl_inputs *in,
	const struct bl_settings *s, struct bl_err *err)
{
	const bool standard = strcmp(path, "-") == 0, unit = bl_settings_given(s, BL_OPT_TIME_UNIT);
	struct reading r = {l, in, 0, unit ? bl_settings_number(s, BL_OPT_TIME_UNIT) : 1};
	FILE *from;
	int rc;

	l->path = standard ? "standard input" : path;
	l->n = in->n;
	l->text = calloc(in->n, sizeof *l->text);
	l->line = calloc(in->n, sizeof *l->line);
	if (!l->text || !l->line)
		return bl_fail_memory(err, in->n * sizeof *l->text, "a listing");
	from = standard ? stdin : fopen(path, "re");
	if (!from)
		return bl_fail_errno(err, BL_INPUT, errno, "%s", path);
	rc = read_lines(&r, from, err);
	if (!standard)
		fclose(from);
	return rc == 0 ? check_complete(&r, err) : -1;
}

void bl_listing_free(struct bl_listing *l)
{
	for (size_t t = 0; l->text && t < l->n; t++)
		free(l->text[t]);
	free(l->text);
	free(l->line);
	*l = (struct bl_listing){NULL, NULL, NULL, 0};
}

/* ---- weights ---- */

/* Decimal, or hexadecimal as a provenance has it. */
static int weight(const struct bl_listing *l, size_t t, double *w, struct bl_err *err)
{
	const char *text = l->text[t];
	char *end;

	*w = strtod(text, &end);
	if (end > text && !*end && fabs(*w) <= 1e100)
		return 0;
	return bl_fail(err, BL_USAGE, "\"%s\" is no weight: a number was expected", text);
}

int bl_given_weights(const struct bl_inputs *in, const struct bl_settings *s, double **given,
	struct bl_err *err)
{
	struct bl_listing l = {NULL, NULL, NULL, 0};
	struct bl_value room;
	const struct bl_value *path = bl_settings_get(s, BL_OPT_WEIGHTS, &room);
	int rc = 0;

	*given = NULL;
	if (!path)
		return 0;
	*given = calloc(in->n, sizeof **given);
	if (!*given)
		return bl_fail_memory(err, in->n * sizeof **given, "the weights");
	rc = bl_listing_read(&l, path->text, in, s, err);
	for (size_t t = 0; rc == 0 && t < in->n; t++) {
		rc = weight(&l, t, *given + t, err);
		if (rc != 0)
			bl_prefix(err, "%s:%zu", l.path, l.line[t]);
	}
	bl_listing_free(&l);
	return rc;
}
