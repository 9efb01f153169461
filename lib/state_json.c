/* state_json.c - what a growing run keeps, as JSON and back. */
#include "state.h"

#include "json.h"
#include "memory_stream.h"
#include "resume.h"
#include "utf8.h"

#include <stdlib.h>
#include <string.h>

#define LARGEST ((int64_t)1 << 53) /* times are below it */

/* ---- writing ---- */

static void put_path(struct bl_json_printer *j, const char *path)
{
	if (bl_is_utf8(path)) {
		bl_json_member_text(j, "path", path);
		return;
	}
	bl_json_key(j, "path_hex");
	bl_json_put_raw(j, "\"", 1); /* of a value that is written bit by bit */
	for (; *path; path++)
		fprintf(j->to, "%02x", (unsigned char)*path);
	putc('"', j->to);
}

static void put_named(struct bl_json_printer *j, const char *key, const struct bl_named *list,
	size_t n)
{
	bl_json_key(j, key);
	bl_json_begin_object(j);
	for (size_t i = 0; i < n; i++)
		bl_json_member_text(j, list[i].name, list[i].text);
	bl_json_end_object(j);
}

static void put_outputs(struct bl_json_printer *j, const struct bl_state *s)
{
	bl_json_key(j, "outputs");
	bl_json_begin_array(j);
	for (size_t p = 0; p < s->outputs; p++) {
		const struct bl_state_output *o = &s->output[p];

		bl_json_begin_object(j);
		put_path(j, o->path);
		bl_json_member_count(j, "vectors", o->vectors);
		bl_json_key(j, "mass");
		bl_json_put_hex(j, o->mass);
		put_named(j, "settings", o->setting, o->settings);
		bl_json_end_object(j);
	}
	bl_json_end_array(j);
}

static void put_state(struct bl_json_printer *j, const struct bl_state *s)
{
	bl_json_begin_object(j);
	bl_json_member_count(j, "schema", 1);
	put_named(j, "times", s->times, s->n_times);
	put_outputs(j, s);
	bl_json_key(j, "checkpoints");
	bl_json_begin_array(j);
	for (size_t t = 0; t < s->checkpoints; t++) {
		bl_json_begin_object(j);
		put_path(j, s->past[t].path);
		bl_json_key(j, "time");
		bl_json_put_signed(j, s->past[t].time);
		bl_json_member_count(j, "size", s->past[t].size);
		bl_json_end_object(j);
	}
	bl_json_end_array(j);
	bl_json_end_object(j);
}

char *bl_state_text(const struct bl_state *s, struct bl_err *err)
{
	char *text = NULL;
	size_t size = 0;
	struct bl_json_printer j = {.to = bl_memory_stream(&text, &size)};

	if (j.to)
		put_state(&j, s);
	if (bl_memory_close(j.to, &text) != 0)
		bl_fail_memory(err, size, "the state");
	return text;
}

/* ---- reading ---- */

/* A scan, and where its texts go. */
struct reader {
	struct bl_json j;
	struct bl_state *s;
	struct bl_err *err;
};

/* The next token must be this one. */
static int expect(struct reader *r, enum bl_json_token want, const char *what)
{
	const enum bl_json_token t = bl_json_next(&r->j, r->err);

	if (t == BL_JSON_FAIL || t == want)
		return t == want ? 0 : -1;
	return bl_fail(r->err, BL_INPUT, "%s is %s, not %s", what, bl_json_word(t),
		bl_json_word(want));
}

/* The text of the last key or string; NULL on error. */
static char *keep_text(struct reader *r)
{
	char *text = bl_catalog_alloc(&r->s->texts, r->j.size + 1, r->err);

	if (text && bl_json_text(&r->j, text) != strlen(text)) {
		bl_fail(r->err, BL_INPUT, "a text has a NUL in it");
		return NULL;
	}
	return text;
}

static const char *read_text(struct reader *r, const char *what)
{
	return expect(r, BL_JSON_STRING, what) == 0 ? keep_text(r) : NULL;
}

/* "612f62" to "a/b", in place. */
static int from_hex(char *text, struct bl_err *err)
{
	static const char digits[] = "0123456789abcdef";
	const size_t n = strlen(text) / 2;

	if (strlen(text) % 2 != 0 || strspn(text, digits) != 2 * n)
		return bl_fail(err, BL_INPUT, "path_hex is no text in hexadecimal digits");
	for (size_t i = 0; i < n; i++)
		text[i] = (char)((strchr(digits, text[2 * i]) - digits) * 16 +
			(strchr(digits, text[2 * i + 1]) - digits));
	if (memchr(text, '\0', n))
		return bl_fail(err, BL_INPUT, "path_hex has a NUL in it");
	text[n] = '\0';
	return 0;
}

static int read_path(struct reader *r, bool hex, const char **path)
{
	char *text = expect(r, BL_JSON_STRING, "a path") == 0 ? keep_text(r) : NULL;

	*path = text;
	if (!text)
		return -1;
	return hex ? from_hex(text, r->err) : 0;
}

static int read_unsigned(struct reader *r, uint64_t most, uint64_t *n, const char *what)
{
	if (expect(r, BL_JSON_INTEGER, what) != 0)
		return -1;
	*n = r->j.integer;
	if (r->j.negative || *n > most)
		return bl_fail(r->err, BL_INPUT, "%s is out of range", what);
	return 0;
}

static int read_mass(struct reader *r, double *mass)
{
	const char *text = read_text(r, "mass");
	char *end;

	if (!text)
		return -1;
	*mass = strtod(text, &end);
	if (end == text || *end || !(*mass >= 0 && *mass <= 1e300))
		return bl_fail(r->err, BL_INPUT, "mass %s is no number from 0", text);
	return 0;
}

/* The members of an object of texts, whose brace comes next. */
static int read_named(struct reader *r, struct bl_named **list, size_t *n, const char *what)
{
	enum bl_json_token t;

	if (expect(r, BL_JSON_OBJECT, what) != 0)
		return -1;
	while ((t = bl_json_next(&r->j, r->err)) == BL_JSON_KEY) {
		const char *name = keep_text(r), *text = name ? read_text(r, name) : NULL;

		if (!text || bl_state_name(r->s, list, n, name, text, r->err) != 0)
			return -1;
	}
	return t == BL_JSON_OBJECT_END ? 0 : -1;
}

/* Passes over the value of a member that is not known. */
static int pass(struct reader *r)
{
	return bl_json_next(&r->j, r->err) == BL_JSON_FAIL ? -1 : bl_json_skip(&r->j, r->err);
}

/* An output whose brace was just read. */
static int read_output(struct reader *r)
{
	struct bl_state_output *o = bl_state_output(r->s, r->err);
	enum bl_json_token t;
	int rc = o ? 0 : -1;

	if (o)
		*o = (struct bl_state_output){.mass = -1};
	while (rc == 0 && (t = bl_json_next(&r->j, r->err)) != BL_JSON_OBJECT_END) {
		const bool hex = t == BL_JSON_KEY && bl_json_is(&r->j, "path_hex");
		uint64_t n;

		if (t != BL_JSON_KEY) {
			rc = -1;
		} else if (hex || bl_json_is(&r->j, "path")) {
			rc = read_path(r, hex, &o->path);
		} else if (bl_json_is(&r->j, "vectors")) {
			rc = read_unsigned(r, BL_KEPT, &n, "vectors");
			o->vectors = rc == 0 ? (unsigned)n : 0;
		} else if (bl_json_is(&r->j, "mass")) {
			rc = read_mass(r, &o->mass);
		} else if (bl_json_is(&r->j, "settings")) {
			rc = read_named(r, &o->setting, &o->settings, "settings");
		} else {
			rc = pass(r);
		}
	}
	if (rc == 0 && (!o->path || o->vectors == 0 || o->mass < 0))
		rc = bl_fail(r->err, BL_INPUT, "an output lacks path, vectors or mass");
	return rc;
}

static int read_time(struct reader *r, int64_t *time)
{
	if (expect(r, BL_JSON_INTEGER, "time") != 0)
		return -1;
	if (r->j.integer >= (uint64_t)LARGEST)
		return bl_fail(r->err, BL_INPUT, "time is out of range");
	*time = r->j.negative ? -(int64_t)r->j.integer : (int64_t)r->j.integer;
	return 0;
}

/* A checkpoint whose brace was just read. */
static int read_checkpoint(struct reader *r)
{
	struct bl_past past = {NULL, LARGEST, 0};
	const size_t n = r->s->checkpoints;
	enum bl_json_token t;
	int rc = 0;

	while (rc == 0 && (t = bl_json_next(&r->j, r->err)) != BL_JSON_OBJECT_END) {
		const bool hex = t == BL_JSON_KEY && bl_json_is(&r->j, "path_hex");

		if (t != BL_JSON_KEY)
			rc = -1;
		else if (hex || bl_json_is(&r->j, "path"))
			rc = read_path(r, hex, &past.path);
		else if (bl_json_is(&r->j, "time"))
			rc = read_time(r, &past.time);
		else if (bl_json_is(&r->j, "size"))
			rc = read_unsigned(r, INT64_MAX, &past.size, "size");
		else
			rc = pass(r);
	}
	if (rc != 0)
		return -1;
	if (!past.path || past.time == LARGEST)
		return bl_fail(r->err, BL_INPUT, "a checkpoint lacks path or time");
	if (n > 0 && past.time <= r->s->past[n - 1].time)
		return bl_fail(r->err, BL_INPUT, "the times of the checkpoints do not ascend");
	return bl_state_add(r->s, &past, r->err);
}

/* The objects of an array, whose bracket comes next. */
static int read_list(struct reader *r, int (*read)(struct reader *), const char *what)
{
	enum bl_json_token t;

	if (expect(r, BL_JSON_ARRAY, what) != 0)
		return -1;
	while ((t = bl_json_next(&r->j, r->err)) == BL_JSON_OBJECT)
		if (read(r) != 0)
			return -1;
	if (t == BL_JSON_ARRAY_END || t == BL_JSON_FAIL)
		return t == BL_JSON_ARRAY_END ? 0 : -1;
	return bl_fail(r->err, BL_INPUT, "%s has %s in it, not an object", what, bl_json_word(t));
}

static int read_member(struct reader *r, uint64_t *schema)
{
	if (bl_json_is(&r->j, "schema"))
		return read_unsigned(r, UINT64_MAX, schema, "schema");
	if (bl_json_is(&r->j, "times"))
		return read_named(r, &r->s->times, &r->s->n_times, "times");
	if (bl_json_is(&r->j, "outputs"))
		return read_list(r, read_output, "outputs");
	if (bl_json_is(&r->j, "checkpoints"))
		return read_list(r, read_checkpoint, "checkpoints");
	return pass(r);
}

int bl_state_read(struct bl_state *s, const char *json, struct bl_err *err)
{
	struct reader r = {.s = s, .err = err};
	enum bl_json_token t;
	uint64_t schema = 0;

	bl_json_init(&r.j, json, strlen(json));
	if (expect(&r, BL_JSON_OBJECT, "it") != 0)
		return -1;
	while ((t = bl_json_next(&r.j, err)) == BL_JSON_KEY)
		if (read_member(&r, &schema) != 0)
			return -1;
	if (t != BL_JSON_OBJECT_END || expect(&r, BL_JSON_END, "what follows") != 0)
		return -1;
	if (schema != 1)
		return bl_fail(err, BL_INPUT, "its schema is %llu; this version knows 1",
			(unsigned long long)schema);
	if (s->outputs == 0 || s->checkpoints == 0)
		return bl_fail(err, BL_INPUT, "it has no outputs or no checkpoints");
	return 0;
}
