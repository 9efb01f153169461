/*
 * hdf5_chunk.h - chunks: where their rows are in the tensor, and their filters.
 */
#ifndef BL_HDF5_CHUNK_H
#define BL_HDF5_CHUNK_H

#include "deflate.h"
#include "hdf5_index.h"

/*
 * The runs of elements that a chunk and its tensor share, in C order. A chunk over the edge of the
 * tensor has fewer than it could.
 */
struct bl_h5_rows {
	uint64_t in_chunk, in_tensor; /* where the run begins, in elements */
	uint64_t length;              /* of each run, in elements */
	unsigned axes;                /* axes that are stepped through */
	uint64_t step[BL_H5_RANK], steps[BL_H5_RANK];
	uint64_t chunk_stride[BL_H5_RANK], tensor_stride[BL_H5_RANK];
	bool begun;
};

/* number: of the chunk, in C order over the grid. */
void bl_h5_rows_begin(struct bl_h5_rows *r, const struct bl_tensor *t, uint64_t number);

/* Goes to the next run; false behind the last. */
bool bl_h5_rows_next(struct bl_h5_rows *r);

/* Coordinate of a chunk's first element: rank numbers. */
void bl_h5_chunk_first(const struct bl_tensor *t, uint64_t number, uint64_t *first);

/* Does the chunk reach over the tensor's edge? */
bool bl_h5_chunk_is_edge(const struct bl_tensor *t, uint64_t number);

/* n elements of size bytes, each the same; element NULL: zeros. */
void bl_h5_fill(unsigned char *dst, const unsigned char *element, size_t size, uint64_t n);

/* Are these n elements all like that? */
bool bl_h5_is_fill(const unsigned char *src, const unsigned char *element, size_t size, uint64_t n);

/* Reverses the bytes of each scalar of unit bytes (0: does nothing). */
void bl_h5_swap(unsigned char *bytes, size_t n, unsigned unit);

/*
 * One thread's working memory: three buffers of bl_h5_stored_max(room) bytes each, and what
 * inflates and deflates. Never shared.
 */
struct bl_h5_work {
	size_t room;           /* bytes of the largest chunk */
	unsigned char *stored; /* a chunk as the file has it */
	unsigned char *spare;  /* between two filters */
	unsigned char *chunk;  /* a chunk's values */
	struct bl_h5_zip *zip;
	struct bl_deflater *deflater;
};

#define BL_H5_WORK_MIN ((size_t)64 << 10) /* of room */

size_t bl_h5_work_size(size_t largest_chunk_bytes);
void *bl_h5_work_new(size_t largest_chunk_bytes);
void bl_h5_work_free(void *work);

/*
 * Undoes a chunk's filters: w->stored (stored bytes of it) becomes bytes bytes at dst, which is
 * none of the buffers but w->chunk. mask: filters that were left out. Errors: BL_INPUT.
 */
int bl_h5_decode(const struct bl_h5_object *o, uint32_t mask, size_t stored, unsigned char *dst,
	size_t bytes, struct bl_h5_work *w, struct bl_err *err) BL_MUST_USE;

/*
 * Applies an object's filters to the bytes bytes at src (none of w's buffers but w->chunk). mask:
 * filters to leave out. *stored bytes come out at the address that is returned: src or a buffer of
 * w. NULL: error (BL_BUG; BL_LIMIT: no memory).
 */
const unsigned char *bl_h5_encode(const struct bl_h5_object *o, enum bl_deflate how, uint32_t mask,
	const unsigned char *src, size_t bytes, size_t *stored, struct bl_h5_work *w,
	struct bl_err *err) BL_MUST_USE;

/* ---- the filters alone ---- */

/* HDF5's variant of the Fletcher checksum: big-endian 16-bit words modulo 65535. */
uint32_t bl_h5_fletcher32(const unsigned char *bytes, size_t n);

/* Byte k of every element stands together; what does not fill an element stays behind. */
void bl_h5_shuffle(unsigned char *dst, const unsigned char *src, size_t n, size_t element);
void bl_h5_unshuffle(unsigned char *dst, const unsigned char *src, size_t n, size_t element);

#endif
