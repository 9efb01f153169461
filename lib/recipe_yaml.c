/* recipe_yaml.c - a YAML document as a tree, within bounds. */
#include "recipe_yaml.h"

#include "lookup.h"
#include "utf8.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

/* A node as it is allocated. */
struct bl_yaml_made {
	struct bl_yaml node;
	struct bl_yaml_made *before; /* made before this one */
	char *anchor;                /* NULL: none */
	char text[];
};

struct reader {
	yaml_parser_t parser;
	const char *text, *title;
	size_t len;
	struct bl_yaml_tree *tree;
	size_t nodes;
	struct bl_lookup anchors;       /* to places in anchored */
	const struct bl_yaml **anchored;
	struct bl_err *err;
};

static int fail_at(const struct reader *r, yaml_mark_t at, const char *what)
{
	return bl_fail(r->err, BL_USAGE, "%s:%zu:%zu: %s", r->title, at.line + 1, at.column + 1,
		what);
}

const char *bl_yaml_word(const struct bl_yaml *node)
{
	static const char *const word[] = {"a single value", "a list", "a mapping"};

	return word[node->kind];
}

/* ---- what is no YAML ---- */

/* Line and column of a byte. */
static yaml_mark_t mark_of(const struct reader *r, size_t byte)
{
	yaml_mark_t at = {0, 0, 0};

	for (size_t i = 0; i < byte && i < r->len; i++) {
		const unsigned char c = (unsigned char)r->text[i];

		if (c == '\n') {
			at.line++;
			at.column = 0;
		} else if ((c & 0xc0) != 0x80) {
			at.column++;
		}
	}
	return at;
}

/* Do the blanks that a line begins with include a tab? */
static bool is_tabbed(const struct reader *r, size_t line)
{
	const char *at = r->text, *end = r->text + r->len;

	for (; at && line > 0; line--) {
		at = memchr(at, '\n', (size_t)(end - at));
		at = at ? at + 1 : NULL;
	}
	while (at && at < end && *at == ' ')
		at++;
	return at && at < end && *at == '\t';
}

static int fail_parser(const struct reader *r)
{
	const yaml_parser_t *p = &r->parser;

	if (p->error == YAML_MEMORY_ERROR)
		return bl_fail_memory(r->err, r->len, "the recipe");
	if (p->error == YAML_READER_ERROR)
		return fail_at(r, mark_of(r, p->problem_offset), p->problem);
	fail_at(r, p->problem_mark, p->problem);
	if (is_tabbed(r, p->problem_mark.line))
		return bl_hint(r->err, "lines are indented with blanks, not with tabs");
	if (p->context)
		return bl_hint(r->err, "%s that begins in line %zu", p->context,
			p->context_mark.line + 1);
	return -1;
}

static int check_text(const struct reader *r)
{
	if (r->len > BL_YAML_BYTES)
		return bl_fail(r->err, BL_USAGE, "%s: is longer than %d bytes", r->title,
			BL_YAML_BYTES);
	for (size_t at = 0, n; at < r->len; at += n) {
		n = bl_utf8(r->text + at, r->len - at);
		if (n == 0)
			return fail_at(r, mark_of(r, at), "is no UTF-8");
	}
	return 0;
}

/* ---- nodes ---- */

static struct bl_yaml *make(struct reader *r, enum bl_yaml_kind kind, const char *text, size_t len,
	yaml_mark_t at)
{
	struct bl_yaml_made *made;

	if (r->nodes++ == BL_YAML_NODES) {
		fail_at(r, at, "the recipe has too many values");
		return NULL;
	}
	made = calloc(1, sizeof *made + len + 1);
	if (!made) {
		bl_fail_memory(r->err, sizeof *made + len + 1, "the recipe");
		return NULL;
	}
	if (text)
		memcpy(made->text, text, len);
	made->node = (struct bl_yaml){
		.kind = kind, .line = at.line + 1, .column = at.column + 1, .text = made->text};
	made->before = r->tree->made;
	r->tree->made = made;
	return &made->node;
}

/* What begins with e was made, the newest node, and has no more to come but its children. */
static struct bl_yaml *make_from(struct reader *r, const yaml_event_t *e)
{
	const char *const scalar = (const char *)e->data.scalar.value;
	struct bl_yaml *node;

	if (e->type == YAML_SEQUENCE_START_EVENT)
		return make(r, BL_YAML_LIST, NULL, 0, e->start_mark);
	if (e->type == YAML_MAPPING_START_EVENT)
		return make(r, BL_YAML_MAP, NULL, 0, e->start_mark);
	if (memchr(scalar, '\0', e->data.scalar.length)) {
		fail_at(r, e->start_mark, "it holds a NUL");
		return NULL;
	}
	node = make(r, BL_YAML_SCALAR, scalar, e->data.scalar.length, e->start_mark);
	if (node)
		node->plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	return node;
}

/* The anchor and the tag that an event has. */
static void properties(const yaml_event_t *e, const char **anchor, const char **tag)
{
	if (e->type == YAML_SCALAR_EVENT) {
		*anchor = (const char *)e->data.scalar.anchor;
		*tag = (const char *)e->data.scalar.tag;
	} else if (e->type == YAML_SEQUENCE_START_EVENT) {
		*anchor = (const char *)e->data.sequence_start.anchor;
		*tag = (const char *)e->data.sequence_start.tag;
	} else {
		*anchor = (const char *)e->data.mapping_start.anchor;
		*tag = (const char *)e->data.mapping_start.tag;
	}
}

/* Remembers what an anchor, which may be one again, stands for. made: owns the name. */
static int remember(struct reader *r, struct bl_yaml_made *made, const char *anchor)
{
	size_t place = r->anchors.count;
	const struct bl_yaml **anchored;

	made->anchor = strdup(anchor);
	if (!made->anchor)
		return bl_fail_memory(r->err, strlen(anchor) + 1, "the recipe");
	anchored = realloc(r->anchored, (place + 1) * sizeof *anchored);
	if (!anchored)
		return bl_fail_memory(r->err, (place + 1) * sizeof *anchored, "the recipe");
	r->anchored = anchored;
	if (bl_lookup_add(&r->anchors, made->anchor, &place, r->err) != 0)
		return -1;
	anchored[place] = &made->node;
	return 0;
}

/* An alias: as its anchor, but for its place. */
static struct bl_yaml *repeat(struct reader *r, const yaml_event_t *e)
{
	const char *name = (const char *)e->data.alias.anchor;
	const size_t place = bl_lookup_find(&r->anchors, name);
	const struct bl_yaml *meant;
	struct bl_yaml *node;

	if (place == BL_NOWHERE) {
		fail_at(r, e->start_mark, "no anchor before it has that name");
		return NULL;
	}
	meant = r->anchored[place];
	node = make(r, meant->kind, NULL, 0, e->start_mark);
	if (!node)
		return NULL;
	node->text = meant->text;
	node->plain = meant->plain;
	node->first = meant->first;
	return node;
}

/* ---- events ---- */

static int next_event(struct reader *r, yaml_event_t *e)
{
	return yaml_parser_parse(&r->parser, e) ? 0 : fail_parser(r);
}

static struct bl_yaml *read_node(struct reader *r, const yaml_event_t *e, unsigned depth);

/* The children of a node, to the end of it. */
static int read_children(struct reader *r, struct bl_yaml *parent, unsigned depth)
{
	const yaml_event_type_t end =
		parent->kind == BL_YAML_LIST ? YAML_SEQUENCE_END_EVENT : YAML_MAPPING_END_EVENT;
	const struct bl_yaml **link = &parent->first;
	yaml_event_t e;

	while (next_event(r, &e) == 0) {
		const bool ends = e.type == end;
		struct bl_yaml *child = ends ? NULL : read_node(r, &e, depth + 1);

		yaml_event_delete(&e);
		if (!child)
			return ends ? 0 : -1;
		*link = child;
		link = &child->next;
	}
	return -1;
}

/* The node that begins with an event; NULL on failure. */
static struct bl_yaml *read_node(struct reader *r, const yaml_event_t *e, unsigned depth)
{
	const char *anchor, *tag;
	struct bl_yaml_made *made;
	struct bl_yaml *node;

	if (e->type == YAML_ALIAS_EVENT)
		return repeat(r, e);
	properties(e, &anchor, &tag);
	if (tag) {
		fail_at(r, e->start_mark, "a recipe has no tags");
		return NULL;
	}
	if (depth > BL_YAML_DEPTH && e->type != YAML_SCALAR_EVENT) {
		fail_at(r, e->start_mark, "this is nested too deeply");
		return NULL;
	}
	node = make_from(r, e);
	made = r->tree->made;
	if (!node || (node->kind != BL_YAML_SCALAR && read_children(r, node, depth) != 0))
		return NULL;
	return !anchor || remember(r, made, anchor) == 0 ? node : NULL;
}

/* The one document, whose first event has been read. */
static int read_document(struct reader *r)
{
	yaml_event_t e;

	if (next_event(r, &e) != 0)
		return -1;
	r->tree->root = read_node(r, &e, 1);
	yaml_event_delete(&e);
	if (!r->tree->root || next_event(r, &e) != 0) /* the end of the document */
		return -1;
	yaml_event_delete(&e);
	return 0;
}

static int read_stream(struct reader *r)
{
	yaml_event_t e;

	for (;;) {
		yaml_event_type_t type;
		yaml_mark_t at;

		if (next_event(r, &e) != 0)
			return -1;
		type = e.type;
		at = e.start_mark;
		yaml_event_delete(&e);
		if (type == YAML_STREAM_END_EVENT)
			return r->tree->root ? 0 : fail_at(r, at, "the recipe is empty");
		if (type != YAML_DOCUMENT_START_EVENT) /* the start of the stream */
			continue;
		if (r->tree->root)
			return fail_at(r, at, "a second document begins: a recipe is one");
		if (read_document(r) != 0)
			return -1;
	}
}

int bl_yaml_read(struct bl_yaml_tree *tree, const char *text, size_t len, const char *title,
	struct bl_err *err)
{
	static const char bom[] = "\xef\xbb\xbf";
	struct reader r = {.text = text, .title = title, .len = len, .tree = tree, .err = err};
	int rc;

	if (len >= sizeof bom - 1 && memcmp(text, bom, sizeof bom - 1) == 0) {
		r.text += sizeof bom - 1;
		r.len -= sizeof bom - 1;
	}
	if (check_text(&r) != 0)
		return -1;
	if (!yaml_parser_initialize(&r.parser))
		return bl_fail_memory(err, sizeof r.parser, "the recipe");
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)r.text, r.len);
	rc = read_stream(&r);
	yaml_parser_delete(&r.parser);
	bl_lookup_free(&r.anchors);
	free(r.anchored);
	return rc;
}

void bl_yaml_free(struct bl_yaml_tree *tree)
{
	while (tree->made) {
		struct bl_yaml_made *made = tree->made;

		tree->made = made->before;
		free(made->anchor);
		free(made);
	}
	tree->root = NULL;
}
