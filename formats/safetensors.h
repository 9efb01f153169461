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
 * The tensors of a header: all that it says but its metadata. Checkpoints of one run mostly differ
 * in nothing but metadata (the number of the step), so every header that was accepted is kept, and
 * one whose text goes on like that of an earlier one, byte for byte, has the tensors of that.
 */
struct bl_safetensors_header {
	struct bl_catalog cat; /* in the order of their data; no metadata */
	uint64_t *begin;       /* malloc'd; of each, the first byte in the data section */
	uint64_t end;          /* bytes of the data section */
	size_t kept;           /* memory of all this, as BL_SAFETENSORS_KEPT counts */
	char *rest;            /* the text but for metadata that comes first, and for blanks at the
	                          end; malloc'd; NULL: no other header can have it */
	size_t length;
	bool behind;           /* rest: metadata comes first */
	struct bl_safetensors_header *next;
};

/* Headers that were accepted, the last one first. Zero-initialised is empty. */
struct bl_safetensors_headers {
	struct bl_safetensors_header *first;
};

/*
 * Reads and checks the text of a header. values: the bytes of the data section. Metadata go to
 * meta, which has none; *header, which belongs to the list, is for reading only. Whether the list
 * has the same tensors already makes no other difference; only a text that is in memory as a whole
 * is looked for. Errors: BL_INPUT; BL_LIMIT.
 */
int bl_safetensors_header_read(struct bl_safetensors_headers *list, struct bl_json *json,
	uint64_t values, struct bl_catalog *meta, const struct bl_safetensors_header **header,
	struct bl_err *err) BL_MUST_USE;

void bl_safetensors_headers_free(struct bl_safetensors_headers *list);

/* Bytes that the list takes. */
size_t bl_safetensors_headers_bytes(const struct bl_safetensors_headers *list);

/* Where the tensors of a text begin, as they were met: see bl_safetensors_header. */
struct bl_safetensors_rest {
	const char *text; /* within the text that is read; NULL: not to be looked for */
	size_t length;
	bool behind;
};

/* The header of a list that has this rest; NULL: none. */
const struct bl_safetensors_header *bl_safetensors_header_find(
	const struct bl_safetensors_headers *list, const struct bl_safetensors_rest *rest);

/*
 * The first step of the reading. *found becomes the header of the list that has the same tensors;
 * else it is NULL and header, which is empty, gets them as they are written: begin, and of the
 * tensors, bytes, as the text has them; the rest is for bl_safetensors_check to find. Errors:
 * BL_INPUT; BL_LIMIT.
 */
int bl_safetensors_parse(struct bl_json *json, const struct bl_safetensors_headers *list,
	struct bl_catalog *meta, struct bl_safetensors_header *header,
	struct bl_safetensors_rest *rest, const struct bl_safetensors_header **found,
	struct bl_err *err) BL_MUST_USE;

/* The second: completes what bl_safetensors_parse read, and puts the tensors into the order of
 * their data. Errors: BL_INPUT, where names are not distinct or the data do not cover the section
 * exactly; BL_LIMIT. */
int bl_safetensors_check(struct bl_safetensors_header *header, const struct bl_catalog *meta,
	uint64_t values, struct bl_err *err) BL_MUST_USE;

/* The same, where the tensors are those of a header that was accepted. */
int bl_safetensors_check_known(const struct bl_safetensors_header *header,
	const struct bl_catalog *meta, uint64_t values, struct bl_err *err) BL_MUST_USE;

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
