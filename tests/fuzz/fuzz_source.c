/* fuzz_source.c - everything that can be asked of an open checkpoint. */
#include "fuzz_source.h"

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#define MOST ((size_t)1 << 16) /* bytes that are read of one tensor, or of one chunk */

/* Reads a span to memory that has not a byte more. */
static void read_span(const struct bl_source *src, size_t tensor, struct bl_span span, void *work)
{
	const uint64_t bits = bl_dtype(src->cat.tensor[tensor].dtype)->bits;
	uint64_t all;
	struct bl_err err = {0};
	unsigned char *dst;
	size_t bytes;

	if (__builtin_mul_overflow(span.count, bits, &all) || all / 8 > MOST || all % 8)
		return;
	bytes = (size_t)(all / 8);
	dst = malloc(bytes ? bytes : 1);
	if (dst && src->format->read(src, tensor, span, dst, work, &err) != 0)
		fuzz_must_say(&err);
	free(dst);
}

static void read_tensor(const struct bl_source *src, size_t tensor, void *work)
{
	const struct bl_tensor *t = &src->cat.tensor[tensor];
	const uint64_t row = bl_row_of_chunks(t);
	struct bl_storage storage;

	memset(&storage, 0, sizeof storage);
	src->format->storage(src, tensor, &storage);
	if (t->dtype == BL_OTHER || t->chunk_count * bl_dtype(t->dtype)->bits / 8 > MOST)
		return;
	read_span(src, tensor, (struct bl_span){false, 0, t->count}, work);
	if (row < t->count && bl_dtype(t->dtype)->bits % 8 == 0) {
		read_span(src, tensor, (struct bl_span){false, 0, row}, work);
		read_span(src, tensor, (struct bl_span){false, row, t->count - row}, work);
	}
	for (uint64_t i = 0; i < t->chunks && i < 8; i++)
		read_span(src, tensor, (struct bl_span){true, i, t->chunk_count}, work);
}

/* Working memory, which lasts for all inputs: to make it takes longer than most of them. NULL: the
 * format needs none. */
static void *work_of(const struct bl_format *format)
{
	static void *work[2];
	void **w = &work[format->wraps];

	if (format->work_new && !*w)
		*w = format->work_new(MOST);
	fuzz_must(!format->work_new || *w, "there is memory to work in");
	return *w;
}

void fuzz_source_read(const struct bl_source *src)
{
	void *work = work_of(src->format);

	fuzz_must(src->cat.tensors == 0 || src->cat.tensor != NULL, "a catalogue has its tensors");
	if (src->format->bytes)
		(void)src->format->bytes(src);
	for (size_t i = 0; i < src->cat.tensors; i++)
		read_tensor(src, i, work);
}
