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

bool bl_sink_clones(const struct bl_sink_plan *plan)
{
	const struct bl_catalog *from = &plan->template->cat;

	const size_t n = bl_sink_catalog(plan)->tensors;

	for (size_t i = 0; i < n; i++) {
		const bool skipped = plan->skipped && plan->skipped[i];

		if (skipped != (i >= from->tensors))
			return false;
		if (!skipped && plan->cat && plan->cat->tensor[i].dtype != from->tensor[i].dtype)
			return false;
	}
	return true;
}
