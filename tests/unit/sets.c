/* sets.c - the kernels of all instruction sets. */
#include "sets.h"

#include "suite.h"

void sets_here(const struct bl_kernels *set[SETS + 1])
{
	static const char *const mask[SETS] = {"base", "avx2", "avx512"};
	size_t n = 0;

	for (size_t i = 0; i < SETS; i++) {
		const struct bl_kernels *k = bl_kernels(mask[i]);

		ck_assert_ptr_nonnull(k);
		if (n == 0 || set[n - 1] != k)
			set[n++] = k;
	}
	set[n] = NULL;
}
