/* metrics.c - a number for each checkpoint, from a file: --metrics. */
#include "metrics.h"

#include "lookup.h"
#include "reading.h"
#include "value.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST ((size_t)256 << 20) /* bytes of a file */

/* A line with a number. */
struct row {
	const char *key, *value;
	size_t line;
	size_t again; /* a line that has the same key, 0 for none */
	size_t owner; /* the checkpoint that it is of, BL_NOWHERE for none */
	bool whole;   /* it has all of its path */
	bool wide;    /* there are further columns, and none is named */
};

/* A line whose key is a time. */
struct when {
	int64_t time;
	size_t row;
};

struct table {
	const char *path, *column;
	size_t field; /* that counts, the key is 0; 0: not known yet */
	double unit;
	char *text;
	struct row *row;
	size_t rows;
	struct when *when; /* sorted */
	size_t whens;
	struct bl_lookup names; /* of the rows */
};

/* ---- the file ---- */

static int fail_line(const struct table *m, size_t line, struct bl_err *err)
{
	return bl_prefix(err, "%s:%zu", m->path, line);
}

/* Takes the next field off a line; NULL: there is none. */
static char *next_field(char **line)
{
	char *field = *line;

	if (!field)
		return NULL;
	*line = strchr(field, '\t');
	if (*line)
		*(*line)++ = '\0';
	return field;
}

/* The first line names the columns. */
static int take_head(struct table *m, const char *line, size_t number, struct bl_err *err)
{
	const size_t len = strlen(m->column);

	line += strspn(line, "# ");
	for (const char *at = strchr(line, '\t'); at; at = strchr(at + 1, '\t')) {
		m->field++;
		if (strcspn(at + 1, "\t") == len && memcmp(at + 1, m->column, len) == 0)
			return 0;
	}
	bl_fail(err, BL_USAGE, "no column is named \"%s\"", m->column);
	bl_hint(err, "the first line names them: %s", line);
	return fail_line(m, number, err);
}

/* Bytes of a path without the slashes at its end. */
static size_t bare(const char *path)
{
	size_t n = strlen(path);

	while (n > 1 && path[n - 1] == '/')
		n--;
	return n;
}

/* A line that is not empty. */
static int take_row(struct table *m, char *line, size_t number, struct bl_err *err)
{
	struct row *row = &m->row[m->rows];
	char *key = next_field(&line);

	if (!*key || (!line && !m->column)) {
		bl_fail(err, BL_USAGE, "a name or a time, a tab and a number were expected");
		return fail_line(m, number, err);
	}
	key[bare(key)] = '\0';
	*row = (struct row){.key = key, .line = number, .owner = BL_NOWHERE};
	for (size_t i = 1; i <= m->field; i++)
		row->value = next_field(&line);
	row->wide = !m->column && line;
	m->rows += row->value && *row->value;
	return 0;
}

/* One line, of len bytes, behind which there is a NUL. */
static int take_line(struct table *m, char *line, size_t len, size_t number, struct bl_err *err)
{
	while (len > 0 && line[len - 1] == '\r')
		line[--len] = '\0';
	if (len == 0)
		return 0;
	if (strlen(line) != len) {
		bl_fail(err, BL_USAGE, "there is a byte of zero in it");
		return fail_line(m, number, err);
	}
	if (!m->field)
		return take_head(m, line, number, err);
	return *line == '#' ? 0 : take_row(m, line, number, err);
}

static int take_text(struct table *m, char *text, size_t len, struct bl_err *err)
{
	size_t lines = 1;

	for (size_t i = 0; i < len; i++)
		lines += text[i] == '\n';
	m->row = calloc(lines, sizeof *m->row);
	m->when = calloc(lines, sizeof *m->when);
	if (!m->row || !m->when)
		return bl_fail_memory(err, lines * sizeof *m->row, "the metrics");
	for (size_t number = 1; len > 0; number++) {
		char *end = memchr(text, '\n', len);
		const size_t size = end ? (size_t)(end - text) : len;

		text[size] = '\0';
		if (take_line(m, text, size, number, err) != 0)
			return -1;
		text += size + (end != NULL);
		len -= size + (end != NULL);
	}
	return 0;
}

/* ---- whose lines they are ---- */

static int compare(const void *a, const void *b)
{
	const struct when *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return x->row < y->row ? -1 : x->row > y->row;
}

/* The time that a key is, in units; false: it is none. */
static bool time_of(const struct table *m, const char *key, int64_t *time)
{
	static const struct bl_option_info number = {
		.kind = BL_KIND_NUMBER, .low = -1e18, .high = 1e18};
	struct bl_value v;
	struct bl_err none;
	double n;

	if (bl_value_parse(&number, key, &v, &none) != 0)
		return false;
	n = v.number / m->unit;
	if (!(fabs(n) <= 9007199254740992.0) || fabs(n - round(n)) > 1e-6)
		return false;
	*time = (int64_t)round(n);
	return true;
}

/* Makes the rows to be found by name and by time. */
static int index_rows(struct table *m, struct bl_err *err)
{
	if (bl_lookup_reserve(&m->names, m->rows, err) != 0)
		return -1;
	for (size_t i = 0; i < m->rows; i++) {
		size_t first = i;

		if (bl_lookup_add(&m->names, m->row[i].key, &first, err) != 0)
			return -1;
		if (first != i && !m->row[first].again)
			m->row[first].again = m->row[i].line;
		if (first == i && time_of(m, m->row[i].key, &m->when[m->whens].time))
			m->when[m->whens++].row = i;
	}
	qsort(m->when, m->whens, sizeof *m->when, compare);
	return 0;
}

/* A row is that of checkpoint t. *found: the one that it had so far, BL_NOWHERE for none. */
static int claim(struct table *m, const struct bl_inputs *in, size_t t, size_t row, size_t *found,
	struct bl_err *err)
{
	struct row *r = &m->row[row];

	if (r->owner != BL_NOWHERE && r->owner != t) {
		bl_fail(err, BL_USAGE, "\"%s\" stands for %s and for %s", r->key,
			in->source[r->owner].path, in->source[t].path);
		bl_hint(err, "give more of the path");
		return fail_line(m, r->line, err);
	}
	r->owner = t;
	if (*found != BL_NOWHERE && *found != row) {
		bl_fail(err, BL_USAGE, "%s is listed already, on line %zu", in->source[t].path,
			m->row[*found].line);
		return fail_line(m, r->line, err);
	}
	*found = row;
	return 0;
}

static int claim_name(struct table *m, const struct bl_inputs *in, size_t t, const char *name,
	bool whole, size_t *found, struct bl_err *err)
{
	const size_t row = bl_lookup_find(&m->names, name);

	if (row == BL_NOWHERE || (!whole && m->row[row].whole))
		return 0;
	m->row[row].whole |= whole;
	return claim(m, in, t, row, found, err);
}

/* Claims the rows that have the time. */
static int claim_time(struct table *m, const struct bl_inputs *in, size_t t, size_t *found,
	struct bl_err *err)
{
	size_t low = 0, high = m->whens;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (m->when[middle].time < in->time[t])
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < m->whens && m->when[low].time == in->time[t]; low++)
		if (claim(m, in, t, m->when[low].row, found, err) != 0)
			return -1;
	return 0;
}

/* Claims the rows that have the whole path or, where they are not of another's whole path, an end
 * of it. */
static int claim_names(struct table *m, const struct bl_inputs *in, size_t t, bool whole,
	size_t *found, struct bl_err *err)
{
	const char *path = in->source[t].path;
	char *name = strndup(path, bare(path));
	const char *at = name;
	int rc = 0;

	if (!name)
		return bl_fail_memory(err, strlen(path) + 1, "a path");
	if (whole)
		rc = claim_name(m, in, t, name, true, found, err);
	while (!whole && rc == 0 && (at = strchr(at, '/')))
		rc = claim_name(m, in, t, ++at, false, found, err);
	free(name);
	return rc;
}

/* Finds the row of every checkpoint. */
static int find_rows(struct table *m, const struct bl_inputs *in, size_t *found,
	struct bl_err *err)
{
	for (size_t t = 0; t < in->n; t++) {
		found[t] = BL_NOWHERE;
		if (claim_names(m, in, t, true, &found[t], err) != 0)
			return -1;
	}
	for (size_t t = 0; t < in->n; t++)
		if (claim_names(m, in, t, false, &found[t], err) != 0 ||
			claim_time(m, in, t, &found[t], err) != 0)
			return -1;
	return 0;
}

/* ---- the numbers ---- */

static int take_number(const struct table *m, const struct bl_inputs *in, size_t t,
	const struct row *row, double *metric, struct bl_err *err)
{
	char *end;

	if (row->again) {
		bl_fail(err, BL_USAGE, "%s is listed again, on line %zu", in->source[t].path,
			row->again);
		return fail_line(m, row->line, err);
	}
	if (row->wide) {
		bl_fail(err, BL_USAGE, "there are several numbers");
		bl_hint(err, "--best N:min:COLUMN names one by the first line of the file");
		return fail_line(m, row->line, err);
	}
	*metric = strtod(row->value, &end);
	if (end > row->value && !*end)
		return 0;
	bl_fail(err, BL_USAGE, "\"%s\" is no number", row->value);
	return fail_line(m, row->line, err);
}

static int take_numbers(const struct table *m, const struct bl_inputs *in, const size_t *found,
	const enum bl_choice *choice, double *metric, struct bl_err *err)
{
	size_t missing = 0, first = 0;

	for (size_t t = in->n; t-- > 0;) {
		if (choice[t] != BL_TAKEN || found[t] != BL_NOWHERE)
			continue;
		missing++;
		first = t;
	}
	if (missing == 1)
		return bl_fail(err, BL_USAGE, "%s: has no metric for %s", m->path,
			in->source[first].path);
	if (missing > 1)
		return bl_fail(err, BL_USAGE,
			"%s: has no metric for %zu checkpoints, %s the first", m->path, missing,
			in->source[first].path);
	for (size_t t = 0; t < in->n; t++)
		if (choice[t] == BL_TAKEN &&
			take_number(m, in, t, &m->row[found[t]], &metric[t], err) != 0)
			return -1;
	return 0;
}

int bl_metrics_read(const struct bl_inputs *in, const char *path, const char *column, double unit,
	const enum bl_choice *choice, double *metric, struct bl_err *err)
{
	struct table m = {.path = bl_reading_title(path), .column = column, .field = !column,
		.unit = unit};
	size_t *found = calloc(in->n, sizeof *found), len;
	int rc = -1;

	if (!found)
		return bl_fail_memory(err, in->n * sizeof *found, "the metrics");
	if (bl_read_whole(path, MOST + 1, BL_INPUT, in->stop, &m.text, &len, err) != 0)
		goto out;
	if (len > MOST)
		bl_fail(err, BL_USAGE, "%s: is longer than 256 MiB", m.path);
	else if (take_text(&m, m.text, len, err) == 0 && index_rows(&m, err) == 0 &&
		find_rows(&m, in, found, err) == 0)
		rc = take_numbers(&m, in, found, choice, metric, err);
out:
	free(found);
	free(m.text);
	free(m.row);
	free(m.when);
	bl_lookup_free(&m.names);
	return rc;
}
