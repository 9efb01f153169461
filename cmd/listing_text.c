/* listing_text.c - the tensors of checkpoints in columns. */
#include "listing.h"

#include "text.h"

#include <string.h>

#define NAME_MIN 20  /* columns of a name that is cut */
#define NAME_MOST 72 /* of their column; longer ones push the others aside */
#define SHAPE 512    /* bytes of a shape's text: 32 extents */
#define STORED 256
#define VALUE_MOST 160 /* bytes of the value of a metadata key; JSON has all */

/* The widths of the columns. */
struct columns {
	size_t name, type, shape;
	bool stored; /* there is one that says how tensors are stored */
	bool cut;    /* names that are longer */
};

static void say_chunks(const struct bl_tensor *t, const struct bl_storage *s, char *buf)
{
	char shape[SHAPE], share[BL_TEXT];
	const struct bl_tensor chunk = {.rank = t->rank, .dim = t->chunk};
	size_t at = (size_t)snprintf(
		buf, STORED, "chunks %s", bl_shape_text(&chunk, shape, sizeof shape));

	for (size_t i = 0; i < s->filters && at < STORED; i++)
		at += (size_t)snprintf(buf + at, STORED - at, ", %s", s->filter[i]);
	if (s->filters > 0 && t->bytes > 0 && at < STORED)
		snprintf(buf + at, STORED - at, ": %s%%",
			bl_text_number(
				100 * (double)s->bytes / (double)t->bytes, 2, share, BL_TEXT));
}

/* How a tensor is stored, where it is not just one run of bytes. */
static void say_stored(const struct bl_source *src, size_t tensor, char *buf)
{
	struct bl_storage s;

	src->format->storage(src, tensor, &s);
	if (src->cat.tensor[tensor].chunk)
		say_chunks(&src->cat.tensor[tensor], &s, buf);
	else if (s.file)
		bl_text_fit(s.file, 40, buf, STORED);
	else
		snprintf(buf, STORED, "%s", strcmp(s.layout, "contiguous") == 0 ? "" : s.layout);
}

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

static struct columns measure(const struct bl_source *src, const struct bl_screen *screen)
{
	struct columns c = {6, 4, 5, false, false};
	size_t rest;
	char shape[SHAPE], stored[STORED];

	for (size_t i = 0; i < src->cat.tensors; i++) {
		const struct bl_tensor *t = &src->cat.tensor[i];

		c.name = larger(c.name, bl_text_put(NULL, t->name));
		c.type = larger(c.type, strlen(bl_dtype(t->dtype)->name));
		c.shape = larger(c.shape, strlen(bl_shape_text(t, shape, sizeof shape)));
		say_stored(src, i, stored);
		c.stored = c.stored || *stored;
	}
	rest = c.type + c.shape + 8 + 6 + (c.stored ? 20 : 0);
	rest = screen->columns > rest + NAME_MIN ? screen->columns - rest : NAME_MIN;
	rest = screen->terminal && rest < NAME_MOST ? rest : NAME_MOST;
	c.cut = screen->terminal && c.name > rest;
	if (c.name > rest)
		c.name = rest;
	return c;
}

static void put_name(FILE *to, const char *name, const struct columns *c)
{
	char fit[BL_TEXT_FIT(NAME_MOST)];
	size_t n = bl_text_put(c->cut ? NULL : to, name);

	if (c->cut) {
		bl_text_fit(name, c->name, fit, sizeof fit);
		fputs(fit, to);
		n = bl_text_columns(fit);
	}
	fprintf(to, "%*s", (int)(c->name > n ? c->name - n : 0), "");
}

static void put_tensor(FILE *to, const struct bl_source *src, size_t i, const struct columns *c)
{
	const struct bl_tensor *t = &src->cat.tensor[i];
	char shape[SHAPE], bytes[BL_TEXT], stored[STORED];

	say_stored(src, i, stored);
	put_name(to, t->name, c);
	fprintf(to, "  %-*s  %-*s  %8s%s%s\n", (int)c->type, bl_dtype(t->dtype)->name,
		(int)c->shape, bl_shape_text(t, shape, sizeof shape),
		bl_text_bytes((double)t->bytes, bytes, sizeof bytes), *stored ? "  " : "", stored);
}

/* "F32 12, I64 1": how many tensors there are of every type, behind the list. */
static void put_types(FILE *to, const struct bl_catalog *cat)
{
	size_t count[BL_DTYPES] = {0}, types = 0;

	for (size_t i = 0; i < cat->tensors; i++)
		count[cat->tensor[i].dtype]++;
	for (int d = 0; d < BL_DTYPES; d++)
		if (count[d] > 0)
			fprintf(to, "%s%zu of %s", types++ ? ", " : "", count[d],
				bl_dtype((enum bl_dtype)d)->name);
	if (types > 0)
		putc('\n', to);
}

static void put_tensors(FILE *to, const struct bl_source *src, const struct bl_screen *screen)
{
	const struct columns c = measure(src, screen);

	if (src->cat.tensors == 0)
		return;
	fprintf(to, "\n%-*s  %-*s  %-*s  %8s%s\n", (int)c.name, "tensor", (int)c.type, "type",
		(int)c.shape, "shape", "bytes", c.stored ? "  stored" : "");
	for (size_t i = 0; i < src->cat.tensors; i++)
		put_tensor(to, src, i, &c);
	put_types(to, &src->cat);
}

/* The beginning of a value, which may be long or hold anything. */
static void put_value(FILE *to, const struct bl_meta *m)
{
	const size_t length = strlen(m->value);
	char text[4 * VALUE_MOST + 1];

	bl_escape(text, sizeof text, m->value, length > VALUE_MOST ? VALUE_MOST : length);
	fputs(text, to);
	if (length > VALUE_MOST || m->more > 0)
		fprintf(to, "... (%zu bytes)", length + m->more);
	putc('\n', to);
}

static void put_metadata(FILE *to, const struct bl_catalog *cat)
{
	size_t widest = 0;
	char key[BL_TEXT_FIT(30)];

	for (size_t i = 0; i < cat->metas; i++)
		widest = larger(widest,
			bl_text_columns(bl_text_fit(cat->meta[i].key, 30, key, sizeof key)));
	if (cat->metas > 0)
		fputs("\nmetadata\n", to);
	for (size_t i = 0; i < cat->metas; i++) {
		bl_text_fit(cat->meta[i].key, 30, key, sizeof key);
		fprintf(to, "%s%*s  ", key, (int)(widest - bl_text_columns(key)), "");
		put_value(to, &cat->meta[i]);
	}
}

static void put_extras(FILE *to, const struct bl_catalog *cat)
{
	char first[BL_TEXT_FIT(40)];

	if (cat->extras > 0)
		putc('\n', to);
	for (size_t i = 0; i < cat->extras; i++) {
		const struct bl_extra *e = &cat->extra[i];

		fprintf(to, "%llu %s", (unsigned long long)e->n, e->n == 1 ? e->one : e->many);
		if (e->first && *e->first)
			fprintf(to, e->n == 1 ? " (%s)" : " (first: %s)",
				bl_text_fit(e->first, 40, first, sizeof first));
		putc('\n', to);
	}
}

static void put_source(
	FILE *to, const struct bl_inputs *in, size_t t, const struct bl_screen *screen)
{
	const struct bl_source *src = &in->source[t];

	bl_listing_head(to, in, t);
	put_tensors(to, src, screen);
	put_metadata(to, &src->cat);
	put_extras(to, &src->cat);
}

void bl_listing_text(FILE *to, const struct bl_inputs *in, const struct bl_screen *screen)
{
	if (in->n == 1 || !bl_listing_alike(in)) {
		for (size_t t = 0; t < in->n; t++) {
			if (t > 0)
				putc('\n', to);
			put_source(to, in, t, screen);
		}
		return;
	}
	fprintf(to, "%zu checkpoints with the same tensors; the last one:\n\n", in->n);
	put_source(to, in, in->n - 1, screen);
	bl_listing_times(to, in);
}
