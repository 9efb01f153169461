/* golden.c - the digests of checkpoints as text, to be kept and compared with. */
#include "golden.h"

#include "utf8.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#define WHOLE "/" /* stands where names stand, none of which has a slash */
#define PART "checkpoint "

void bl_golden_free(struct bl_golden *g)
{
	for (size_t i = 0; i < g->lines; i++)
		free(g->line[i].name);
	for (size_t i = 0; i < g->left_outs; i++)
		free(g->left_out[i]);
	free(g->line);
	free(g->left_out);
	free(g->path);
	memset(g, 0, sizeof *g);
}

/* ---- making ---- */

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int add_tensor(struct bl_golden *g, const struct bl_tensor *t,
	const struct bl_digest *digest, struct bl_err *err)
{
	char *name = bl_digest_name(t->name, err);

	if (!name)
		return -1;
	if (t->dtype == BL_OTHER)
		g->left_out[g->left_outs++] = name;
	else
		g->line[g->lines++] = (struct bl_digest_line){*digest, name};
	return 0;
}

int bl_golden_make(struct bl_golden *g, const char *path, const int64_t *time,
	const struct bl_catalog *cat, const bool *skipped, const struct bl_digest *digest,
	struct bl_err *err)
{
	g->path = strdup(path);
	g->line = calloc(cat->tensors + 1, sizeof *g->line);
	g->left_out = calloc(cat->tensors + 1, sizeof *g->left_out);
	if (!g->path || !g->line || !g->left_out)
		return bl_fail_memory(err, cat->tensors * sizeof *g->line, "the digests");
	g->timed = time != NULL;
	g->time = time ? *time : 0;
	for (size_t i = 0; i < cat->tensors; i++)
		if (!(skipped && skipped[i]) &&
			add_tensor(g, &cat->tensor[i], &digest[i], err) != 0)
			return -1;
	qsort(g->left_out, g->left_outs, sizeof *g->left_out, by_text);
	return bl_digest_lines(g->line, g->lines, &g->digest, err);
}

uint64_t bl_golden_bytes(const struct bl_catalog *cat)
{
	uint64_t bytes = (cat->tensors + 1) * (sizeof(struct bl_digest_line) + sizeof(char *));

	for (size_t i = 0; i < cat->tensors; i++)
		bytes += 4 * (uint64_t)strlen(cat->tensor[i].name) + 32;
	return bytes;
}

/* ---- writing ---- */

/* A path, escaped as names are. */
static void put_path(FILE *to, const char *path)
{
	const size_t length = strlen(path);
	char text[32]; /* of one character; \xNN for every byte */

	for (size_t i = 0; i < length;) {
		const size_t whole = bl_utf8(path + i, length - i), used = whole ? whole : 1;

		if (path[i] == '\\')
			putc('\\', to);
		bl_escape(text, sizeof text, path + i, used);
		fputs(text, to);
		i += used;
	}
	putc('\n', to);
}

void bl_golden_text(FILE *to, const struct bl_golden *g, size_t n)
{
	char hex[BL_DIGEST_HEX];

	fputs(BL_DIGEST_MAGIC "\n", to);
	for (size_t k = 0; k < n; k++) {
		fputs(PART, to);
		if (g[k].timed)
			fprintf(to, "%" PRId64 " ", g[k].time);
		else
			fputs("- ", to);
		put_path(to, g[k].path);
		for (size_t i = 0; i < g[k].lines; i++)
			fprintf(to, "%s  %s\n", bl_digest_hex(&g[k].line[i].digest, hex),
				g[k].line[i].name);
		for (size_t i = 0; i < g[k].left_outs; i++)
			fprintf(to, "# left out, it holds no numbers: %s\n", g[k].left_out[i]);
		fprintf(to, "%s  " WHOLE "\n", bl_digest_hex(&g[k].digest, hex));
	}
}

void bl_golden_members(struct bl_json_printer *j, const struct bl_golden *g)
{
	char hex[BL_DIGEST_HEX];

	bl_json_member_text(j, "digest", bl_digest_hex(&g->digest, hex));
	bl_json_key(j, "tensors");
	bl_json_begin_array(j);
	for (size_t i = 0; i < g->lines; i++) {
		bl_json_begin_object(j);
		bl_json_member_text(j, "name", g->line[i].name);
		bl_json_member_text(j, "digest", bl_digest_hex(&g->line[i].digest, hex));
		bl_json_end_object(j);
	}
	bl_json_end_array(j);
	bl_json_key(j, "left_out");
	bl_json_begin_array(j);
	for (size_t i = 0; i < g->left_outs; i++)
		bl_json_put_text(j, g->left_out[i]);
	bl_json_end_array(j);
}

void bl_golden_json(FILE *to, const char *version, const struct bl_golden *g, size_t n)
{
	struct bl_json_printer j = {.to = to, .pretty = true};

	bl_json_begin_object(&j);
	bl_json_key(&j, "schema");
	bl_json_put_unsigned(&j, 1);
	bl_json_member_text(&j, "belay", version);
	bl_json_member_text(&j, "scheme", BL_DIGEST_MAGIC);
	bl_json_key(&j, "checkpoints");
	bl_json_begin_array(&j);
	for (size_t k = 0; k < n; k++) {
		bl_json_begin_object(&j);
		bl_json_put_name(&j, "path", g[k].path);
		bl_json_key(&j, "time");
		if (g[k].timed)
			bl_json_put_signed(&j, g[k].time);
		else
			bl_json_put_null(&j);
		bl_golden_members(&j, &g[k]);
		bl_json_end_object(&j);
	}
	bl_json_end_array(&j);
	bl_json_end_object(&j);
	putc('\n', to);
}

/* ---- reading ---- */

/* A text under way. */
struct reading {
	struct bl_goldens *to;
	bool open; /* the last part has not ended */
	size_t room, line_room;
	size_t number; /* of the line */
};

/* Room for one more of n things; *room are allocated. NULL: no memory. */
static void *grow(void *list, size_t n, size_t *room, size_t size)
{
	const size_t more = n < 8 ? 8 : 2 * n;
	void *longer = list;

	if (n < *room)
		return list;
	longer = reallocarray(list, more, size);
	if (longer)
		*room = more;
	return longer;
}

static struct bl_golden *last_of(const struct reading *r)
{
	return &r->to->of[r->to->n - 1];
}

static int begin_part(struct reading *r, const char *text, struct bl_err *err)
{
	struct bl_golden *longer, *g;
	char *end;

	if (r->open)
		return bl_fail(err, BL_INPUT, "the part before it has no end");
	longer = grow(r->to->of, r->to->n, &r->room, sizeof *longer);
	if (!longer)
		return bl_fail_memory(err, r->to->n * sizeof *longer, "the digests");
	r->to->of = longer;
	g = &longer[r->to->n++];
	*g = (struct bl_golden){.timed = strncmp(text, "- ", 2) != 0};
	r->open = true;
	r->line_room = 0;
	errno = 0;
	g->time = strtoll(text, &end, 10);
	if (!g->timed)
		end += end == text; /* the dash */
	if (errno || end == text || *end != ' ' || end[1] == '\0')
		return bl_fail(err, BL_INPUT, "a time and a path were expected");
	g->path = strdup(end + 1);
	return g->path ? 0 : bl_fail_memory(err, strlen(end), "a path");
}

static int end_part(struct reading *r, const struct bl_digest *digest, struct bl_err *err)
{
	struct bl_golden *g = last_of(r);

	r->open = false;
	if (bl_digest_lines(g->line, g->lines, &g->digest, err) != 0)
		return -1;
	if (memcmp(&g->digest, digest, sizeof *digest) == 0)
		return 0;
	bl_fail(err, BL_INPUT, "is not the digest of the lines before it");
	return bl_hint(err, "the file was edited or damaged; belay-show --digest makes a new one");
}

static int add_line(struct reading *r, const char *text, struct bl_err *err)
{
	struct bl_digest digest;
	struct bl_digest_line *longer;
	struct bl_golden *g;
	char *name;

	if (!bl_digest_parse(text, &digest) || strncmp(text + BL_DIGEST_HEX - 1, "  ", 2) != 0)
		return bl_fail(err, BL_INPUT, "32 hexadecimal digits, two blanks and a name were "
			"expected");
	if (!r->open)
		return bl_fail(err, BL_INPUT, "a line \"checkpoint\" was expected");
	text += BL_DIGEST_HEX + 1;
	if (strcmp(text, WHOLE) == 0)
		return end_part(r, &digest, err);
	g = last_of(r);
	longer = grow(g->line, g->lines, &r->line_room, sizeof *longer);
	name = strdup(text);
	if (longer)
		g->line = longer;
	if (longer && name) {
		g->line[g->lines].digest = digest;
		g->line[g->lines++].name = name;
		return 0;
	}
	free(name);
	return bl_fail_memory(err, (g->lines + 1) * sizeof *longer, "the digests");
}

/* A line of n bytes with its end. */
static int take(struct reading *r, char *line, size_t n, struct bl_err *err)
{
	while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r'))
		line[--n] = '\0';
	if (r->number == 1 && strcmp(line, BL_DIGEST_MAGIC) != 0) {
		bl_fail(err, BL_INPUT, "\"" BL_DIGEST_MAGIC "\" was expected");
		return bl_hint(err, "belay-show --digest makes such a file");
	}
	if (strlen(line) != n)
		return bl_fail(err, BL_INPUT, "has a byte 0");
	if (r->number == 1 || n == 0 || line[0] == '#')
		return 0;
	if (strncmp(line, PART, strlen(PART)) == 0)
		return begin_part(r, line + strlen(PART), err);
	return add_line(r, line, err);
}

int bl_goldens_read(struct bl_goldens *g, FILE *from, struct bl_err *err)
{
	struct reading r = {.to = g};
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	int rc = 0;

	errno = 0;
	while (rc == 0 && (n = getline(&line, &room, from)) >= 0) {
		r.number++;
		rc = take(&r, line, (size_t)n, err);
		if (rc != 0)
			bl_prefix(err, "line %zu", r.number);
		errno = 0;
	}
	if (rc == 0 && errno == ENOMEM)
		rc = bl_fail_memory(err, room, "a line");
	else if (rc == 0 && ferror(from))
		rc = bl_fail_errno(err, BL_INPUT, errno, "cannot be read");
	else if (rc == 0 && r.open)
		rc = bl_fail(err, BL_INPUT, "line %zu: the file is cut short", r.number);
	else if (rc == 0 && g->n == 0)
		rc = bl_fail(err, BL_INPUT, "has no checkpoints");
	free(line);
	return rc;
}

void bl_goldens_free(struct bl_goldens *g)
{
	for (size_t k = 0; k < g->n; k++)
		bl_golden_free(&g->of[k]);
	free(g->of);
	memset(g, 0, sizeof *g);
}

/* ---- comparing ---- */

const char *bl_golden_word(enum bl_golden_change change)
{
	static const char *const word[] = {
		[BL_GOLDEN_NONE] = "same",
		[BL_GOLDEN_OTHER] = "differs",
		[BL_GOLDEN_MISSING] = "missing",
		[BL_GOLDEN_NEW] = "new",
	};

	return word[change];
}

/* Below 0: the first comes before the second, or stands alone. */
static int order(const struct bl_golden_walk *w)
{
	if (w->i == w->was->lines)
		return 1;
	if (w->k == w->is->lines)
		return -1;
	return strcmp(w->was->line[w->i].name, w->is->line[w->k].name);
}

enum bl_golden_change bl_golden_next(struct bl_golden_walk *w, const char **name)
{
	while (w->i < w->was->lines || w->k < w->is->lines) {
		const int which = order(w);

		*name = which <= 0 ? w->was->line[w->i].name : w->is->line[w->k].name;
		w->i += which <= 0;
		w->k += which >= 0;
		if (which != 0)
			return which < 0 ? BL_GOLDEN_MISSING : BL_GOLDEN_NEW;
		if (memcmp(&w->was->line[w->i - 1].digest, &w->is->line[w->k - 1].digest,
			    sizeof(struct bl_digest)) != 0)
			return BL_GOLDEN_OTHER;
	}
	return BL_GOLDEN_NONE;
}
