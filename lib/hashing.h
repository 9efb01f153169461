/*
 * hashing.h - the digests of what a run reads and writes, made while it does.
 *
 * Every source and every sink is a stream of values. The engine hashes whole leaves in all of its
 * threads, and lets the tiles of a stream through in their order, so the digests take no memory to
 * speak of. Tiles of chunked tensors are then whole rows of chunks.
 */
#ifndef BL_HASHING_H
#define BL_HASHING_H

#include "digest.h"

/* Of the tensors of a catalogue. Zero-initialised is empty; freed with bl_hashed_free. */
struct bl_hashed {
	struct bl_digest *digest;
	bool *known; /* which of them there are */
	size_t tensors;
};

/* Makes room; tensors without values are known already. Error: BL_LIMIT, no memory. */
int bl_hashed_make(struct bl_hashed *h, const struct bl_catalog *cat, struct bl_err *err)
	BL_MUST_USE;
void bl_hashed_free(struct bl_hashed *h);

/* Bytes that it takes. */
uint64_t bl_hashed_bytes(const struct bl_catalog *cat);

/* For a run. Zero-initialised is empty. */
struct bl_hashing {
	size_t streams; /* the sources of the job, then its sinks */
	struct bl_hashed **of; /* per stream: of the tensors of the source, or of the job's
	                          catalogue, of which averages are filled in; borrowed; NULL: it
	                          is not digested */
	struct bl_digester *digester; /* per stream */
};

/* Makes room for so many streams; all of `of` is NULL. Error: BL_LIMIT, no memory. Freed with
 * bl_hashing_free also after a failure. */
int bl_hashing_make(struct bl_hashing *h, size_t streams, struct bl_err *err) BL_MUST_USE;
void bl_hashing_free(struct bl_hashing *h);

/* Bytes that it takes. */
uint64_t bl_hashing_bytes(size_t streams);

/*
 * The next n bytes of a stream: of tensor t, which is number place of its catalogue, from byte `at`
 * on. What is more than t has is of those that follow it. leaf: as bl_digester_add has it.
 */
void bl_hashing_take(struct bl_hashing *h, size_t stream, const struct bl_tensor *t, size_t place,
	uint64_t at, const void *data, uint64_t n, const struct bl_digest *leaf);

#endif
