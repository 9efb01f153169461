/* safetensors.c - checkpoints in safetensors files: one, or shards with an index. */
#include "formats.h"
#include "safetensors.h"
#include "safetensors_state.h"

/* A header begins with a brace, perhaps behind blanks. A text whose ninth byte is a brace does not
 * count: a length word of letters would mean 2^61 bytes. */
static bool begins_file(const unsigned char *head, size_t n)
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

static bool probe(const unsigned char *head, size_t n)
{
	return begins_file(head, n) || bl_safetensors_is_index(head, n);
}

/* Takes from a span what is in its first tensor. */
static int take(const struct bl_safetensors_layout *l, size_t *tensor, struct bl_span *span,
	uint64_t *offset, size_t *n, struct bl_err *err)
{
	const struct bl_tensor *t = &l->cat->tensor[*tensor];
	const unsigned bits = bl_dtype(t->dtype)->bits;
	uint64_t count = span->count;

	if (*tensor >= l->cat->tensors || span->chunk || span->first > t->count)
		return bl_fail(err, BL_BUG, "no such span");
	if (count > t->count - span->first)
		count = t->count - span->first;
	if (span->first * bits % 8 || count * bits % 8 || count * bits / 8 > SIZE_MAX)
		return bl_fail(err, BL_BUG, "no such span");
	*offset = l->begin[*tensor] + span->first * bits / 8;
	*n = (size_t)(count * bits / 8);
	span->first = 0;
	span->count -= count;
	++*tensor;
	return 0;
}

static size_t file_of(const struct bl_safetensors_layout *l, size_t tensor)
{
	return l->file_of ? l->file_of[tensor] : 0;
}

int bl_safetensors_locate(const struct bl_safetensors_layout *l, size_t *tensor,
	struct bl_span *span, struct bl_safetensors_stretch *s, struct bl_err *err)
{
	s->file = file_of(l, *tensor);
	if (take(l, tensor, span, &s->offset, &s->n, err) != 0)
		return -1;
	while (span->count > 0 && *tensor < l->cat->tensors && file_of(l, *tensor) == s->file &&
		l->begin[*tensor] == s->offset + s->n) {
		uint64_t offset;
		size_t n;

		if (take(l, tensor, span, &offset, &n, err) != 0)
			return -1;
		s->n += n;
	}
	return 0;
}

static int read_span(const struct bl_source *src, size_t tensor, struct bl_span span, void *dst,
	void *work, struct bl_err *err)
{
	const struct bl_safetensors_reader *r = src->state;
	const struct bl_safetensors_layout l = {&src->cat, r->begin, r->file_of};
	unsigned char *to = dst;

	(void)work;
	do {
		const struct bl_safetensors_file *f;
		struct bl_safetensors_stretch s;

		if (bl_safetensors_locate(&l, &tensor, &span, &s, err) != 0)
			return -1;
		f = &r->file[s.file];
		if (bl_file_read(f->file, f->data + s.offset, to, s.n, err) != 0)
			return f->name ? bl_prefix(err, "%s", f->name) : -1;
		to += s.n;
	} while (span.count > 0);
	return 0;
}

static void storage(const struct bl_source *src, size_t tensor, struct bl_storage *out)
{
	const struct bl_safetensors_reader *r = src->state;

	*out = (struct bl_storage){
		.layout = "contiguous",
		.file = r->file[r->file_of ? r->file_of[tensor] : 0].name,
		.bytes = src->cat.tensor[tensor].bytes,
	};
}

static bool holds(enum bl_dtype dtype)
{
	return dtype <= BL_U64;
}

const struct bl_format bl_format_safetensors = {
	.name = "safetensors",
	.suffixes = ".safetensors .safetensors.index.json",
	.streams = true,
	.dotted = true,
	.folders = true,
	.runs = true,
	.probe = probe,
	.open = bl_safetensors_open,
	.read = read_span,
	.sink_bytes = bl_safetensors_sink_bytes,
	.making_bytes = bl_safetensors_making_bytes,
	.storage = storage,
	.close = bl_safetensors_close,
	.holds = holds,
	.create = bl_safetensors_create,
	.needs = bl_safetensors_needs,
	.write = bl_safetensors_write,
	.place = bl_safetensors_place,
	.finish = bl_safetensors_finish,
	.abandon = bl_safetensors_abandon,
};
