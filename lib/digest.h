/*
 * digest.h - digests of tensors and of checkpoints: the same for the same values, whatever the
 * format and the layout of the file.
 *
 * Of a tensor, whose values are a row of bytes as dtype.h has them:
 *
 *   leaf k   H(bytes [65536 k, 65536 (k + 1))), the last one of what is left; none of no bytes
 *   digest   H("belay-digest-1", two zero bytes, type, rank, the extents, all leaves)
 *
 * H is XXH3-128 without a seed, 16 bytes, big-endian; type and rank are u32, extents u64, all
 * little-endian; type is a number from a table (bl_digest_code). The name is no part of it.
 *
 * Of a checkpoint: H of a line for each tensor, "HEX  NAME\n", by NAME and then by HEX, byte by
 * byte. HEX is the digest, 32 digits a-f; NAME as bl_digest_name has it. Tensors that hold no
 * numbers (BL_OTHER) have no digest and no line.
 *
 * What is hashed by leaves can be hashed by several threads at once, and in pieces of any size.
 */
#ifndef BL_DIGEST_H
#define BL_DIGEST_H

#include "tensor.h"

#define BL_DIGEST_LEAF 65536
#define BL_DIGEST_MAGIC "belay-digest-1"

struct bl_digest {
	unsigned char byte[16];
};

/* Room for a digest as text. */
#define BL_DIGEST_HEX 33

/* Writes a digest as text to hex (BL_DIGEST_HEX bytes); returns hex. */
const char *bl_digest_hex(const struct bl_digest *d, char *hex);

/* Reads what bl_digest_hex writes from the first 32 bytes of text; false: that is none. */
bool bl_digest_parse(const char *text, struct bl_digest *d);

/* The number of a type; 0: it has none (BL_OTHER). */
uint32_t bl_digest_code(enum bl_dtype dtype);

/*
 * The name of a tensor in the lines, malloc'd; NULL when there is no memory, with err set: "." for
 * "/", "\\" for a backslash, other bytes as bl_escape does.
 */
char *bl_digest_name(const char *name, struct bl_err *err);

/* ---- of a tensor ---- */

/* The digest of one tensor after another, each in pieces in their order. Zero-initialised is not
 * made yet. For one thread at a time. */
struct bl_digester {
	struct XXH3_state_s *all, *leaf; /* of the digest; of the leaf under way */
	uint64_t bytes, at;              /* of the tensor; of these, those that were taken */
};

int bl_digester_make(struct bl_digester *d, struct bl_err *err) BL_MUST_USE;
void bl_digester_free(struct bl_digester *d);

/* Bytes of memory that it takes. */
size_t bl_digester_bytes(void);

/* Starts with a tensor; its type, extents and bytes count. */
void bl_digester_begin(struct bl_digester *d, const struct bl_tensor *t);

/* Takes the next n bytes. leaf: what bl_digest_leaves makes of just these; NULL: they are still to
 * be hashed. */
void bl_digester_add(
	struct bl_digester *d, const void *data, size_t n, const struct bl_digest *leaf);

/* All bytes were taken. */
void bl_digester_end(struct bl_digester *d, struct bl_digest *out);

/* Hashes the leaves that lie whole in n bytes from byte `at` of a tensor of `bytes` bytes. leaf:
 * room for n / BL_DIGEST_LEAF + 1. Thread-safe. */
void bl_digest_leaves(
	uint64_t bytes, uint64_t at, const void *data, size_t n, struct bl_digest *leaf);

/* ---- of a checkpoint ---- */

struct bl_digest_line {
	struct bl_digest digest;
	char *name; /* as bl_digest_name has it */
};

/* Sorts n lines, then digests them. Error: BL_LIMIT, no memory. */
int bl_digest_lines(struct bl_digest_line *line, size_t n, struct bl_digest *out,
	struct bl_err *err) BL_MUST_USE;

#endif
