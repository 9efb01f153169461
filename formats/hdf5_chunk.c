/* hdf5_chunk.c - chunks: where their rows are in the tensor, fill values, byte order. */
#include "hdf5_chunk.h"

#include <string.h>

void bl_h5_chunk_first(const struct bl_tensor *t, uint64_t number, uint64_t *first)
{
	for (unsigned i = t->rank; i-- > 0;) {
		const uint64_t across = t->dim[i] / t->chunk[i] + (t->dim[i] % t->chunk[i] != 0);

		first[i] = number % across * t->chunk[i];
		number /= across;
	}
}

/* What the chunk has along an axis before the tensor ends. */
static uint64_t inside(const struct bl_tensor *t, unsigned axis, uint64_t first)
{
	const uint64_t left = t->dim[axis] - first;

	return left < t->chunk[axis] ? left : t->chunk[axis];
}

bool bl_h5_chunk_is_edge(const struct bl_tensor *t, uint64_t number)
{
	uint64_t first[BL_H5_RANK] = {0};

	bl_h5_chunk_first(t, number, first);
	for (unsigned i = 0; i < t->rank; i++)
		if (inside(t, i, first[i]) < t->chunk[i])
			return true;
	return false;
}

void bl_h5_rows_begin(struct bl_h5_rows *r, const struct bl_tensor *t, uint64_t number)
{
	uint64_t first[BL_H5_RANK] = {0}, in_chunk = 1, in_tensor = 1;
	bool whole = true; /* so far a run of the chunk is a run of the tensor */

	bl_h5_chunk_first(t, number, first);
	memset(r, 0, sizeof *r);
	r->length = 1;
	for (unsigned i = t->rank; i-- > 0;) {
		const uint64_t n = inside(t, i, first[i]);

		r->in_tensor += first[i] * in_tensor;
		if (whole) {
			r->length *= n;
		} else {
			r->steps[r->axes] = n;
			r->chunk_stride[r->axes] = in_chunk;
			r->tensor_stride[r->axes++] = in_tensor;
		}
		whole = whole && n == t->chunk[i] && n == t->dim[i];
		in_chunk *= t->chunk[i];
		in_tensor *= t->dim[i];
	}
}

bool bl_h5_rows_next(struct bl_h5_rows *r)
{
	if (!r->begun) {
		r->begun = true;
		return true;
	}
	for (unsigned a = 0; a < r->axes; a++) {
		r->in_chunk += r->chunk_stride[a];
		r->in_tensor += r->tensor_stride[a];
		if (++r->step[a] < r->steps[a])
			return true;
		r->in_chunk -= r->steps[a] * r->chunk_stride[a];
		r->in_tensor -= r->steps[a] * r->tensor_stride[a];
		r->step[a] = 0;
	}
	return false;
}

void bl_h5_fill(unsigned char *dst, const unsigned char *element, size_t size, uint64_t n)
{
	const size_t bytes = size * (size_t)n;

	if (!element) {
		memset(dst, 0, bytes);
		return;
	}
	if (bytes == 0)
		return;
	memcpy(dst, element, size);
	for (size_t done = size; done < bytes;) {
		const size_t k = done < bytes - done ? done : bytes - done;

		memcpy(dst + done, dst, k);
		done += k;
	}
}

bool bl_h5_is_fill(const unsigned char *src, const unsigned char *element, size_t size, uint64_t n)
{
	static const unsigned char zero[16];

	if (n == 0)
		return true;
	if (memcmp(src, element ? element : zero, size) != 0)
		return false;
	return memcmp(src, src + size, size * (size_t)(n - 1)) == 0;
}

/* Inlined with a unit that is known, it becomes one instruction for many bytes. */
static inline __attribute__((always_inline)) void swap(unsigned char *bytes, size_t n, size_t unit)
{
	for (size_t i = 0; i + unit <= n; i += unit) {
		uint64_t v = 0;

		memcpy(&v, bytes + i, unit);
		v = __builtin_bswap64(v);
		memcpy(bytes + i, (const unsigned char *)&v + sizeof v - unit, unit);
	}
}

void bl_h5_swap(unsigned char *bytes, size_t n, unsigned unit)
{
	if (unit == 2)
		swap(bytes, n, 2);
	else if (unit == 4)
		swap(bytes, n, 4);
	else if (unit == 8)
		swap(bytes, n, 8);
}
