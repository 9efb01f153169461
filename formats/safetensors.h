/*
 * safetensors.h - headers of safetensors files, as text.
 *
 * A file is a length (8 bytes, little-endian), that many bytes of JSON, and the values of all
 * tensors without a gap. What is read is held to every rule of the reference implementation
 * (safetensors/src/tensor.rs), and to five more: no tensor name twice, no metadata key twice, no
 * NUL in either, a tensor is an object and its dtype a string.
 */
#ifndef BL_SAFETENSORS_H
#define BL_SAFETENSORS_H

#include "json.h"
#include "tensor.h"

/* The length word. */
#define BL_SAFETENSORS_WORD 8

/* No header may be longer. */
#define BL_SAFETENSORS_HEADER 100000000

/* What is read of a header, so that a hostile one costs no more than 256 MB: so many tensors and
 * so many metadata keys, so many extents of a shape (numpy has no more), so many bytes of memory
 * for all that it describes. The largest honest header, of 800,000 tensors, needs 130 MB. */
#define BL_SAFETENSORS_MOST 1000000
#define BL_SAFETENSORS_RANK 64
#define BL_SAFETENSORS_KEPT 160000000

/*
 * Reads the text of a header into an empty catalogue: tensors and metadata in the header's order.
 * Of the tensors, bytes is what the header gives them, and (*begin)[i] the
 * first one in the data section; the rest is for bl_safetensors_check to find. *begin is malloc'd,
 * NULL on failure. The caller frees it, and the catalogue also on failure. Errors: BL_INPUT;
 * BL_LIMIT.
 */
int bl_safetensors_parse(struct bl_json *json, struct bl_catalog *cat, uint64_t **begin,
	struct bl_err *err) BL_MUST_USE;

/* Completes what bl_safetensors_parse read, and puts the tensors and begin into the order of their
 * data. values: the bytes of the data section. Errors: BL_INPUT, where names are not distinct or
 * the data do not cover the section exactly; BL_LIMIT. */
int bl_safetensors_check(struct bl_catalog *cat, uint64_t *begin, uint64_t values,
	struct bl_err *err) BL_MUST_USE;

/* The start of a file that is to be written: length word and header. */
struct bl_safetensors_head {
	char *bytes; /* malloc'd, freed by the caller */
	size_t size;
};

/*
 * The head for a file with the header text given, with metadata key "belay" set to provenance, or
 * taken out where provenance is NULL. All else stays as it was written, byte for byte; a header
 * in which nothing changes is the same to the last blank, any other is padded to its old length or
 * where it is longer to a multiple of 8. Errors: BL_INPUT; BL_LIMIT.
 */
int bl_safetensors_splice(const char *text, size_t length, const char *provenance,
	struct bl_safetensors_head *head, struct bl_err *err) BL_MUST_USE;

/*
 * The head for a new file, byte for byte what the reference writes: n tensors of the catalogue, in
 * the order given (their indices), the metadata in the order given (NULL: no metadata). begin[i]
 * becomes the first byte of tensor i (of the catalogue) in the data section, *values the
 * size of that section.
 * Errors: BL_OUTPUT where a tensor's type is none of safetensors; BL_LIMIT.
 */
int bl_safetensors_build(const struct bl_catalog *cat, const size_t *order, size_t n,
	const struct bl_meta *meta, size_t metas, uint64_t *begin, uint64_t *values,
	struct bl_safetensors_head *head, struct bl_err *err) BL_MUST_USE;

/* The reference's order: by type, U64 first and BOOL last, then by the bytes of the names. Fills
 * order with cat->tensors indices. */
int bl_safetensors_order(const struct bl_catalog *cat, size_t *order, struct bl_err *err)
	BL_MUST_USE;

#endif
