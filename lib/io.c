/* io.c - spans of tensors. */
#include "io.h"

uint64_t bl_row_of_chunks(const struct bl_tensor *t)
{
	uint64_t n;

	if (!t->chunk || t->rank == 0)
		return 1;
	n = t->chunk[0];
	for (unsigned i = 1; i < t->rank; i++)
		if (__builtin_mul_overflow(n, t->dim[i], &n))
			return t->count; /* a row that long is the whole tensor */
	return n && n < t->count ? n : (t->count ? t->count : 1);
}
