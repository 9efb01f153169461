/*
 * tensor.h - tensors and the catalogue of a checkpoint.
 */
#ifndef BL_TENSOR_H
#define BL_TENSOR_H

#include "dtype.h"
#include "err.h"
#include "lookup.h"

/* One array of numbers. All pointers belong to the catalogue it stands in. */
struct bl_tensor {
	const char *name;      /* UTF-8 as the file has it; HDF5 paths without the leading slash */
	enum bl_dtype dtype;
	unsigned rank;         /* 0 is a scalar: one element */
	const uint64_t *dim;   /* rank extents; may be 0 */
	const uint64_t *chunk; /* rank chunk extents, each > 0; NULL: stored in C order */
	uint64_t count;        /* elements: product of dim */
	uint64_t bytes;        /* of the values, little-endian, packed */
	uint64_t chunk_count;  /* elements of one chunk; 0 where chunk is NULL */
	uint64_t chunks;       /* chunks of the grid that covers dim; 0 where chunk is NULL */
	const char *keep;      /* why it is copied although its type averages, or may well do so
	                          if more were known of it (BL_OTHER); NULL: none */
	const char *sealed;    /* BL_OTHER: why its values, whose type is another, cannot be read;
	                          NULL: they are no numbers */
	bool seals_weights;    /* sealed: that type averages */
};

/* What is said of the whole checkpoint: safetensors metadata, an attribute of the HDF5 root. */
struct bl_meta {
	const char *key;   /* UTF-8 */
	const char *value; /* a string as it is; a number in its shortest decimal form */
	size_t more;       /* bytes of a string from its first NUL on; 0: there is none */
};

/* What a checkpoint holds beside tensors and what is said of the whole: only a clone keeps it. */
struct bl_extra {
	const char *one, *many; /* what it is: "soft link", "soft links" */
	uint64_t n;             /* > 0 */
	const char *first;      /* the name of the first; NULL: it has none */
	bool outer;             /* stands around the tensors: a format that wraps another has it */
};

/* Zero-initialised is empty. Owned by the source it describes, read-only once that is open. */
struct bl_catalog {
	struct bl_tensor *tensor;
	size_t tensors;
	bool lent; /* tensor is another catalogue's: read-only; see bl_catalog_lend */
	struct bl_meta *meta;
	size_t metas;
	struct bl_extra *extra;
	size_t extras;
	size_t aliases; /* further names of tensors above (hard links), which are not listed */
	struct bl_block *memory; /* what the pointers point to */
};

/* Room for size bytes (8-aligned, zeroed) that lives as long as the catalogue; NULL when there is
 * none, with err set. */
void *bl_catalog_alloc(struct bl_catalog *cat, size_t size, struct bl_err *err) BL_MUST_USE;

/* A copy of len bytes with a NUL behind them, living as long as the catalogue. */
char *bl_catalog_text(struct bl_catalog *cat, const char *text, size_t len, struct bl_err *err)
	BL_MUST_USE;

/* Notes n things of a kind, beside those that are there; 0: does nothing. The words are borrowed,
 * first is copied. */
int bl_catalog_extra(struct bl_catalog *cat, const struct bl_extra *extra, struct bl_err *err)
	BL_MUST_USE;

/* Makes room for n more tensors or metas behind those that are there (zeroed, not yet counted). */
int bl_catalog_reserve(struct bl_catalog *cat, size_t tensors, size_t metas, struct bl_err *err)
	BL_MUST_USE;

/*
 * Fills count, bytes, chunk_count and chunks from dtype, rank, dim and chunk, every product
 * checked. For BL_OTHER bytes is left alone. Error: code BL_INPUT.
 */
int bl_tensor_measure(struct bl_tensor *t, struct bl_err *err) BL_MUST_USE;

/*
 * Checkpoints of one run mostly have the same tensors, and those need to be in memory but once.
 * Gives cat, which has no tensors, those of owner. They stay owner's, who must outlive cat and must
 * not change any more.
 */
void bl_catalog_lend(const struct bl_catalog *owner, struct bl_catalog *cat);

/* Gives cat, which is empty, all that owner has: the tensors as above, and metas and extras of its
 * own, whose texts are the owner's. */
int bl_catalog_lend_all(const struct bl_catalog *owner, struct bl_catalog *cat, struct bl_err *err)
	BL_MUST_USE;

/* Gives cat, if its tensors are lent, copies of them that may be changed. What they point to stays
 * the owner's. */
int bl_catalog_own(struct bl_catalog *cat, struct bl_err *err) BL_MUST_USE;

/* Are the tensors of both one and the same array, so that nothing of them need be compared? */
static inline bool bl_catalog_shares(const struct bl_catalog *a, const struct bl_catalog *b)
{
	return a->tensor == b->tensor && a->tensors == b->tensors;
}

/* Bytes that the catalogue takes; what is lent is counted with its owner. */
size_t bl_catalog_bytes(const struct bl_catalog *cat);

/*
 * Puts the tensors of more behind those of cat, with what they point to; of its metas those whose
 * keys cat has not; of its extras none. more is empty then. On failure both are as they were.
 */
int bl_catalog_join(struct bl_catalog *cat, struct bl_catalog *more, struct bl_err *err)
	BL_MUST_USE;

/* Frees everything and zeroes *cat. */
void bl_catalog_free(struct bl_catalog *cat);

/* The value of a metadata key, NULL where it is absent. */
const char *bl_catalog_meta(const struct bl_catalog *cat, const char *key);

/* "3x3x64x128", "scalar": a shape for messages. Returns buf. */
const char *bl_shape_text(const struct bl_tensor *t, char *buf, size_t cap);

/* The same extents. */
bool bl_same_shape(const struct bl_tensor *a, const struct bl_tensor *b);

#endif
