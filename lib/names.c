/* names.c - the names of tensors, from the spelling of one format to that of another. */
#include "names.h"

#include "json.h"
#include "memory_stream.h"
#include "utf8.h"

#include <stdlib.h>
#include <string.h>

#define METADATA "__metadata__" /* of safetensors: no name of a tensor */
#define NAME ((size_t)1 << 20) /* bytes of a name that is spelled anew, at most */
#define RECORD ((size_t)8 << 20) /* bytes of a record, at most: what is read of it takes more */

/* ---- the rule ---- */

/* Both write name in the other spelling, where there is room for it (to is not NULL). They return
 * the bytes that takes, the NUL among them. */
static size_t to_path(const char *name, char *to)
{
	size_t n = 0;
	bool empty = true;

	for (;; name++) {
		const bool ends = *name == '.' || *name == '/' || *name == '\0';

		if (ends && empty) {
			if (to)
				to[n] = '_';
			n++;
		}
		if (to)
			to[n] = *name == '.' ? '/' : *name;
		n++;
		if (!*name)
			return n;
		empty = ends;
	}
}

static size_t to_dotted(const char *name, char *to)
{
	static const char digit[] = "0123456789abcdef";
	const char *const more = strcmp(name, METADATA) == 0 ? "_" : "";
	size_t n = 0;

	for (size_t left = strlen(name), k; left; left -= k, name += k) {
		const size_t whole = bl_utf8(name, left);
		const char byte[3] = {'%', digit[(unsigned char)*name >> 4], digit[*name & 15]};

		k = whole ? whole : 1;
		if (to)
			memcpy(to + n, whole ? name : byte, whole ? whole : sizeof byte);
		if (to && to[n] == '/')
			to[n] = '.';
		n += whole ? whole : sizeof byte;
	}
	if (to)
		strcpy(to + n, more);
	return n + strlen(more) + 1;
}

static size_t by_rule(const char *name, bool dotted, char *to)
{
	return (dotted ? to_dotted : to_path)(name, to);
}

/* The same in memory that lasts; NULL: there is none. */
static const char *spell(const char *name, bool dotted, struct bl_catalog *memory,
	struct bl_err *err)
{
	char *to = bl_catalog_alloc(memory, by_rule(name, dotted, NULL), err);

	if (to)
		by_rule(name, dotted, to);
	return to;
}

bool bl_names_allowed(const char *name, bool dotted)
{
	if (dotted)
		return strcmp(name, METADATA) != 0 && bl_is_utf8(name);
	for (;; name++) {
		const size_t n = strcspn(name, "/");

		if (n == 0 || (n == 1 && name[0] == '.'))
			return false;
		name += n;
		if (!*name)
			return true;
	}
}

/* ---- the record ---- */

struct pair {
	const char *here, *there;
};

/* Zero-initialised is empty. */
struct record {
	struct pair *pair; /* by the bytes of here */
	size_t pairs, room;
	struct bl_catalog memory;
};

static void record_free(struct record *r)
{
	free(r->pair);
	bl_catalog_free(&r->memory);
}

static int by_here(const void *a, const void *b)
{
	return strcmp(((const struct pair *)a)->here, ((const struct pair *)b)->here);
}

/* What the record says of a name; NULL: nothing. */
static const char *record_find(const struct record *r, const char *name)
{
	const struct pair key = {name, NULL};
	const struct pair *found =
		r->pairs ? bsearch(&key, r->pair, r->pairs, sizeof key, by_here) : NULL;

	return found ? found->there : NULL;
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Reads digits, two for a byte, in place. */
static int take_hex(char *text, size_t size, struct bl_err *err)
{
	for (size_t i = 0; i < size / 2; i++) {
		const int high = digit_value(text[2 * i]), low = digit_value(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return bl_fail(err, BL_INPUT, "\"%s\" is no hexadecimal number", text);
		text[i] = (char)(high << 4 | low);
	}
	text[size / 2] = '\0';
	return size % 2 ? bl_fail(err, BL_INPUT, "half a byte is missing") : 0;
}

static int unexpected(enum bl_json_token t, struct bl_err *err)
{
	return t == BL_JSON_FAIL ? -1 : bl_fail(err, BL_INPUT, "%s is not expected there",
		bl_json_word(t));
}

/* The text of the last key or string. */
static int take_text(struct bl_json *j, struct record *r, char **text, struct bl_err *err)
{
	*text = bl_catalog_alloc(&r->memory, j->size + 1, err);
	if (!*text)
		return -1;
	bl_json_text(j, *text);
	return 0;
}

/* The name that the next value is. */
static int take_name(struct bl_json *j, struct record *r, char **text, struct bl_err *err)
{
	enum bl_json_token t = bl_json_next(j, err);

	if (t == BL_JSON_STRING)
		return take_text(j, r, text, err);
	if (t != BL_JSON_OBJECT)
		return unexpected(t, err);
	t = bl_json_next(j, err);
	if (t != BL_JSON_KEY || !bl_json_is(j, "hex"))
		return unexpected(t, err);
	t = bl_json_next(j, err);
	if (t != BL_JSON_STRING)
		return unexpected(t, err);
	if (take_text(j, r, text, err) != 0 || take_hex(*text, strlen(*text), err) != 0)
		return -1;
	t = bl_json_next(j, err);
	return t == BL_JSON_OBJECT_END ? 0 : unexpected(t, err);
}

static int take_pair(struct bl_json *j, struct record *r, struct bl_err *err)
{
	char *here = NULL, *there = NULL;

	if (r->pairs == r->room) {
		const size_t room = r->room ? 2 * r->room : 16;
		struct pair *bigger = realloc(r->pair, room * sizeof *bigger);

		if (!bigger)
			return bl_fail_memory(err, room * sizeof *bigger, "a record of names");
		r->pair = bigger;
		r->room = room;
	}
	if (take_text(j, r, &here, err) != 0 || take_name(j, r, &there, err) != 0)
		return -1;
	r->pair[r->pairs++] = (struct pair){here, there};
	return 0;
}

static int record_read(struct record *r, const char *text, struct bl_err *err)
{
	struct bl_json j;
	enum bl_json_token t;
	int rc = 0;

	if (strlen(text) > RECORD)
		return bl_fail(err, BL_INPUT, "it has over %zu bytes", RECORD);
	bl_json_init(&j, text, strlen(text));
	t = bl_json_next(&j, err);
	if (t != BL_JSON_OBJECT)
		return unexpected(t, err);
	while (rc == 0 && (t = bl_json_next(&j, err)) == BL_JSON_KEY)
		rc = take_pair(&j, r, err);
	if (rc == 0 && t == BL_JSON_OBJECT_END)
		t = bl_json_next(&j, err);
	if (rc == 0 && t != BL_JSON_END)
		rc = unexpected(t, err);
	if (r->pairs)
		qsort(r->pair, r->pairs, sizeof *r->pair, by_here);
	return rc;
}

int bl_names_spell(const struct bl_tensor *tensor, size_t n, const char *record, bool dotted,
	const char **name, struct bl_catalog *memory, struct bl_err *err)
{
	struct record r = {0};
	int rc = record ? record_read(&r, record, err) : 0;

	if (rc != 0 && err->code == BL_INPUT)
		bl_prefix(err, "its record of names (%s) is damaged", BL_NAMES);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		const char *there = record_find(&r, tensor[i].name);

		if (strlen(tensor[i].name) > NAME) {
			rc = bl_fail(err, BL_INPUT, "%.40s...: a name of over %zu bytes cannot be "
				"spelled for another format", tensor[i].name, NAME);
			break;
		}
		name[i] = there && bl_names_allowed(there, dotted)
			? bl_catalog_text(memory, there, strlen(there), err)
			: spell(tensor[i].name, dotted, memory, err);
		rc = name[i] ? 0 : -1;
	}
	record_free(&r);
	return rc;
}

static void put_name(struct bl_json_printer *p, const char *name)
{
	if (bl_is_utf8(name)) {
		bl_json_put_text(p, name);
		return;
	}
	bl_json_begin_object(p);
	bl_json_key(p, "hex");
	bl_json_put_raw(p, "\"", 1); /* of a value that is written bit by bit */
	for (; *name; name++)
		fprintf(p->to, "%02x", (unsigned char)*name);
	putc('"', p->to);
	bl_json_end_object(p);
}

/* Writes the members of the record; *members counts them. */
static int put_record(struct bl_json_printer *p, const char *const *name, const char *const *there,
	size_t n, bool dotted, size_t *members, struct bl_err *err)
{
	size_t longest = 0;
	char *back;

	*members = 0;
	for (size_t i = 0; i < n; i++) {
		const size_t size = name[i] ? by_rule(name[i], !dotted, NULL) : 0;

		longest = size > longest ? size : longest;
	}
	back = malloc(longest + 1);
	if (!back)
		return bl_fail_memory(err, longest, "a name");
	bl_json_begin_object(p);
	for (size_t i = 0; i < n; i++) {
		if (!name[i] || (by_rule(name[i], !dotted, back), strcmp(back, there[i]) == 0))
			continue;
		bl_json_key(p, name[i]);
		put_name(p, there[i]);
		++*members;
	}
	bl_json_end_object(p);
	free(back);
	return 0;
}

int bl_names_record(const char *const *name, const char *const *there, size_t n, bool dotted,
	const char **record, struct bl_catalog *memory, struct bl_err *err)
{
	char *text = NULL;
	size_t size = 0, members = 0;
	struct bl_json_printer p = {.to = bl_memory_stream(&text, &size)};
	int rc;

	*record = NULL;
	if (!p.to)
		return bl_fail_memory(err, size, "a record of names");
	rc = put_record(&p, name, there, n, dotted, &members, err);
	if (bl_memory_close(p.to, &text) != 0 && rc == 0)
		rc = bl_fail_memory(err, size, "a record of names");
	if (rc == 0 && members > 0 && size > RECORD)
		rc = bl_fail(err, BL_INPUT, "the record of %zu names that no rule brings back "
			"would have over %zu bytes", members, RECORD);
	if (rc == 0 && members > 0) {
		*record = bl_catalog_text(memory, text, size, err);
		rc = *record ? 0 : -1;
	}
	free(text);
	return rc;
}

/* ---- clashes ---- */

/* The place of a byte in the order of names: a group's members stand right behind its name. */
static int rank(char c)
{
	return c == '\0' ? -1 : c == '/' ? 0 : (unsigned char)c;
}

static int by_name(const void *a, const void *b)
{
	const char *const *const *x = a, *const *const *y = b;
	const char *s = **x, *t = **y;

	while (*s && *s == *t) {
		s++;
		t++;
	}
	if (*s != *t)
		return rank(*s) < rank(*t) ? -1 : 1;
	return *x < *y ? -1 : *x > *y;
}

/* Groups on the way to b that are not on the way to a, which comes before it. */
static size_t new_groups(const char *a, const char *b)
{
	size_t groups = 0;

	while (*a && *a == *b) {
		a++;
		b++;
	}
	for (; *b; b++)
		groups += *b == '/';
	return groups;
}

int bl_names_clash(const char *const *name, size_t n, bool dotted, struct bl_clash *clash,
	struct bl_err *err)
{
	const char *const **sorted = calloc(n + 1, sizeof *sorted);
	size_t names = 0;

	*clash = (struct bl_clash){.found = false};
	if (!sorted)
		return bl_fail_memory(err, n * sizeof *sorted, "a list of names");
	for (size_t i = 0; i < n; i++)
		if (name[i])
			sorted[names++] = &name[i];
	if (names)
		qsort(sorted, names, sizeof *sorted, by_name);
	for (size_t i = 0; i < names && !clash->found; i++) {
		const char *a = i ? *sorted[i - 1] : "", *b = *sorted[i];
		const size_t len = strlen(a);

		clash->groups += new_groups(a, b);
		if (i == 0 || strncmp(a, b, len) != 0 || (b[len] && (dotted || b[len] != '/')))
			continue;
		*clash = (struct bl_clash){true, b[len] != '\0', (size_t)(sorted[i - 1] - name),
			(size_t)(sorted[i] - name), 0};
	}
	free(sorted);
	return 0;
}

int bl_names_adopt(struct bl_catalog *cat, bool dotted, struct bl_err *err)
{
	const char **name = calloc(cat->tensors + 1, sizeof *name);
	struct bl_clash clash;
	int rc;

	if (!name)
		return bl_fail_memory(err, cat->tensors * sizeof *name, "a list of names");
	rc = bl_catalog_own(cat, err);
	if (rc == 0)
		rc = bl_names_spell(cat->tensor, cat->tensors, bl_catalog_meta(cat, BL_NAMES),
			dotted, name, cat, err);
	if (rc == 0)
		rc = bl_names_clash(name, cat->tensors, true, &clash, err); /* groups may be */
	if (rc == 0 && clash.found)
		rc = bl_fail(err, BL_INPUT, "%s and %s would both be %s",
			cat->tensor[clash.first].name, cat->tensor[clash.second].name,
			name[clash.first]);
	for (size_t i = 0; rc == 0 && i < cat->tensors; i++)
		cat->tensor[i].name = name[i];
	free(name);
	return rc;
}
