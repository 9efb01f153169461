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

#include "tensor.h"

/* The length word. */
#define BL_SAFETENSORS_WORD 8

/* No header may be longer. */
#define BL_SAFETENSORS_HEADER 100000000

/*
 * Reads header text of length bytes into an empty catalogue: the tensors in the order of their
 * data, whatever the order of the header; metadata in the header's order, values cut at a NUL.
 * (*begin)[i] is the first byte of tensor i in the data section of values bytes; it belongs to the
 * catalogue. On failure the caller still frees the catalogue. Errors: BL_INPUT; BL_LIMIT.
 */
int bl_safetensors_parse(const char *text, size_t length, uint64_t values, struct bl_catalog *cat,
	const uint64_t **begin, struct bl_err *err) BL_MUST_USE;

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
