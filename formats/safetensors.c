/* safetensors.c - checkpoints in safetensors files. */
#include "safetensors.h"

#include "formats.h"

#include <stdlib.h>
#include <string.h>

/* What a source keeps beside its catalogue; the catalogue owns it. */
struct reader {
	uint64_t data;         /* file offset of the data section */
	const uint64_t *begin; /* of every tensor, from there */
};

/* What a sink keeps. */
struct writer {
	uint64_t data;
	const uint64_t *begin; /* the template's, or own */
	uint64_t *own;         /* where the layout is new; else NULL */
};

/* A header begins with a brace, perhaps behind blanks. A text whose ninth byte is a brace does not
 * count: a length word of letters would mean 2^61 bytes. */
static bool probe(const unsigned char *head, size_t n)
{
	bool letters = true;
	size_t i;

	if (n <= BL_SAFETENSORS_WORD)
		return false;
	for (i = 0; i < BL_SAFETENSORS_WORD; i++)
		letters = letters && (head[i] == '\n' || (head[i] >= 0x20 && head[i] < 0x7f));
	while (i < n && (head[i] == ' ' || head[i] == '\t' || head[i] == '\r' || head[i] == '\n'))
		i++;
	return !letters && i < n && head[i] == '{';
}

/* Reads the length word and holds it against the file. */
static int read_length(struct bl_source *src, size_t *length, struct bl_err *err)
{
	const uint64_t size = bl_file_size(src->file);
	unsigned char word[BL_SAFETENSORS_WORD];
	uint64_t n = 0;

	if (size < sizeof word)
		return bl_fail(err, BL_INPUT, "has only %llu bytes, too few for a safetensors file",
			(unsigned long long)size);
	if (bl_file_read(src->file, 0, word, sizeof word, err) < 0)
		return -1;
	for (size_t i = sizeof word; i > 0; i--)
		n = n << 8 | word[i - 1];
	if (n > size - sizeof word) {
		bl_fail(err, BL_INPUT,
			"its header should have %llu bytes, but the file has only %llu",
			(unsigned long long)n, (unsigned long long)size);
		return bl_hint(err, n > BL_SAFETENSORS_HEADER
			? "it is damaged, or no safetensors file"
			: "the download or the copy may have been cut short");
	}
	if (n > BL_SAFETENSORS_HEADER)
		return bl_fail(err, BL_INPUT,
			"its header has %llu bytes; safetensors allows no more than %d",
			(unsigned long long)n, BL_SAFETENSORS_HEADER);
	*length = (size_t)n;
	return 0;
}

/* The header text of length bytes, malloc'd. NULL on error. */
static char *read_text(struct bl_file *file, size_t length, struct bl_err *err)
{
	char *text = malloc(length + 1);

	if (!text) {
		bl_fail_memory(err, length, "a header");
		return NULL;
	}
	if (bl_file_read(file, BL_SAFETENSORS_WORD, text, length, err) == 0)
		return text;
	free(text);
	return NULL;
}

static int open_source(struct bl_source *src, struct bl_err *err)
{
	struct reader *r = bl_catalog_alloc(&src->cat, sizeof *r, err);
	size_t length = 0;
	char *text;
	int rc;

	if (!r || read_length(src, &length, err) < 0)
		return -1;
	text = read_text(src->file, length, err);
	if (!text)
		return -1;
	r->data = BL_SAFETENSORS_WORD + (uint64_t)length;
	rc = bl_safetensors_parse(text, length, bl_file_size(src->file) - r->data, &src->cat,
		&r->begin, err);
	src->state = r;
	free(text);
	return rc;
}

static void close_source(struct bl_source *src)
{
	src->state = NULL; /* it is the catalogue's */
}

/* Where a span of t lies, from the tensor's first byte. Elements of 4 and 6 bits are packed, so a
 * span of them must begin and end at whole bytes. */
static int locate(const struct bl_tensor *t, struct bl_span span, uint64_t *offset, size_t *n,
	struct bl_err *err)
{
	const unsigned bits = bl_dtype(t->dtype)->bits;

	if (span.chunk || span.first > t->count || span.count > t->count - span.first ||
		span.first * bits % 8 || span.count * bits % 8 || span.count * bits / 8 > SIZE_MAX)
		return bl_fail(err, BL_BUG, "no such span");
	*offset = span.first * bits / 8;
	*n = (size_t)(span.count * bits / 8);
	return 0;
}

static int read_span(const struct bl_source *src, size_t tensor, struct bl_span span, void *dst,
	void *work, struct bl_err *err)
{
	const struct reader *r = src->state;
	uint64_t offset;
	size_t n;

	(void)work;
	if (locate(&src->cat.tensor[tensor], span, &offset, &n, err) < 0)
		return -1;
	return bl_file_read(src->file, r->data + r->begin[tensor] + offset, dst, n, err);
}

/* The layout of the template, which is a safetensors file. */
static int clone_layout(struct bl_sink *snk, struct writer *w, struct bl_safetensors_head *head,
	uint64_t *values, struct bl_err *err)
{
	const struct bl_source *from = snk->plan.template;
	const struct reader *r = from->state;
	const size_t length = (size_t)(r->data - BL_SAFETENSORS_WORD);
	char *text = read_text(from->file, length, err);
	int rc = -1;

	if (text && bl_file_unchanged(from->file, err) == 0)
		rc = bl_safetensors_splice(text, length, snk->plan.provenance, head, err);
	free(text);
	if (rc != 0)
		return err->code == BL_INPUT ? bl_prefix(err, "%s", from->path) : -1;
	w->begin = r->begin;
	*values = bl_file_size(from->file) - r->data;
	return 0;
}

static bool holds(enum bl_dtype dtype)
{
	return dtype <= BL_U64;
}

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct bl_meta *)a)->key, ((const struct bl_meta *)b)->key);
}

/* The template's metadata and our own: in the template's order where it is a safetensors file, else
 * sorted by key. NULL on error. */
static struct bl_meta *new_metadata(const struct bl_sink *snk, size_t *n, struct bl_err *err)
{
	const struct bl_catalog *cat = &snk->plan.template->cat;
	const bool ours = snk->plan.template->format == &bl_format_safetensors;
	struct bl_meta *meta = calloc(cat->metas + 2, sizeof *meta);

	*n = 0;
	if (!meta) {
		bl_fail_memory(err, (cat->metas + 2) * sizeof *meta, "the metadata");
		return NULL;
	}
	for (size_t i = 0; i < cat->metas; i++)
		if (strcmp(cat->meta[i].key, "belay") != 0)
			meta[(*n)++] = cat->meta[i];
	/* transformers will not load a file without it */
	if (!ours && !bl_catalog_meta(cat, "format"))
		meta[(*n)++] = (struct bl_meta){"format", "pt"};
	if (snk->plan.provenance)
		meta[(*n)++] = (struct bl_meta){"belay", snk->plan.provenance};
	if (!ours)
		qsort(meta, *n, sizeof *meta, by_key);
	return meta;
}

/* The tensors that the file will hold: in the reference's order, or on a pipe in that of the
 * catalogue, in which the values come. */
static int choose_order(const struct bl_sink *snk, size_t *order, size_t *n, struct bl_err *err)
{
	const struct bl_catalog *cat = bl_sink_catalog(&snk->plan);
	const bool *skipped = snk->plan.skipped;

	for (size_t i = 0; i < cat->tensors; i++)
		order[i] = i;
	if (!snk->ordered && bl_safetensors_order(cat, order, err) < 0)
		return -1;
	*n = 0;
	for (size_t i = 0; i < cat->tensors; i++)
		if (!skipped || !skipped[order[i]])
			order[(*n)++] = order[i];
	return 0;
}

/* A new layout from the catalogue. */
static int new_layout(struct bl_sink *snk, struct writer *w, struct bl_safetensors_head *head,
	uint64_t *values, struct bl_err *err)
{
	const struct bl_catalog *cat = bl_sink_catalog(&snk->plan);
	size_t *order = calloc(cat->tensors + 1, sizeof *order), metas, n;
	struct bl_meta *meta = NULL;
	int rc = -1;

	w->own = calloc(cat->tensors + 1, sizeof *w->own);
	w->begin = w->own;
	if (!order || !w->own) {
		bl_fail_memory(err, (cat->tensors + 1) * sizeof *order, "the layout");
		goto out;
	}
	if (choose_order(snk, order, &n, err) < 0)
		goto out;
	meta = new_metadata(snk, &metas, err);
	if (meta)
		rc = bl_safetensors_build(cat, order, n, metas ? meta : NULL, metas, w->own, values,
			head, err);
out:
	free(meta);
	free(order);
	return rc;
}

static int create(struct bl_sink *snk, struct bl_err *err)
{
	struct bl_safetensors_head head = {NULL, 0};
	struct writer *w = calloc(1, sizeof *w);
	bool clones;
	uint64_t values, size;
	int rc;

	if (!w)
		return bl_fail_memory(err, sizeof *w, "an output");
	snk->state = w;
	snk->ordered = bl_output_is_pipe(snk->out);
	clones = snk->plan.template->format == &bl_format_safetensors && bl_sink_clones(&snk->plan);
	rc = (clones ? clone_layout : new_layout)(snk, w, &head, &values, err);
	if (rc == 0 && __builtin_add_overflow((uint64_t)head.size, values, &size))
		rc = bl_fail(err, BL_LIMIT, "it would have more than 2^64 bytes");
	if (rc == 0)
		rc = bl_output_reserve(snk->out, size, err);
	if (rc == 0)
		rc = bl_output_write(snk->out, 0, head.bytes, head.size, err);
	w->data = head.size;
	free(head.bytes);
	return rc;
}

/* The file is new, so all that has values is written. */
static bool needs(const struct bl_sink *snk, size_t tensor)
{
	return bl_sink_catalog(&snk->plan)->tensor[tensor].count > 0 &&
		!(snk->plan.skipped && snk->plan.skipped[tensor]);
}

static int write_span(struct bl_sink *snk, size_t tensor, struct bl_span span, const void *src,
	void *work, struct bl_turn *turn, struct bl_err *err)
{
	const struct writer *w = snk->state;
	uint64_t offset;
	size_t n;

	(void)work;
	if (locate(&bl_sink_catalog(&snk->plan)->tensor[tensor], span, &offset, &n, err) < 0)
		return -1;
	offset += w->data + w->begin[tensor];
	if (!snk->ordered)
		return bl_output_write(snk->out, offset, src, n, err);
	if (bl_turn_wait(turn) < 0 || bl_output_write(snk->out, offset, src, n, err) < 0)
		return -1;
	bl_turn_done(turn);
	return 0;
}

static int finish(struct bl_sink *snk, struct bl_err *err)
{
	(void)snk;
	(void)err;
	return 0;
}

static void abandon(struct bl_sink *snk)
{
	struct writer *w = snk->state;

	if (w)
		free(w->own);
	free(w);
	snk->state = NULL;
}

const struct bl_format bl_format_safetensors = {
	.name = "safetensors",
	.suffixes = ".safetensors",
	.summary = "safetensors, as Hugging Face tools and PyTorch users write it",
	.streams = true,
	.probe = probe,
	.open = open_source,
	.read = read_span,
	.close = close_source,
	.holds = holds,
	.create = create,
	.needs = needs,
	.write = write_span,
	.finish = finish,
	.abandon = abandon,
};
