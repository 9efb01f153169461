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

#include "file.h"
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
 * a file whose header goes on like that of another open file, byte for byte, has the same tensors.
 */
struct bl_safetensors_header {
	struct bl_catalog cat; /* in the order of their data; no metadata */
	uint64_t *begin;       /* malloc'd; of each, the first byte in the data section */
	uint64_t end;          /* bytes of the data section */
	size_t kept;           /* memory of all this, as BL_SAFETENSORS_KEPT counts */

	/* The text, but for metadata that come first and for blanks at the end. */
	struct bl_file *file; /* the first that had it, while it is open; else NULL: no other file
	                         can be compared with it */
	uint64_t at, length;  /* bytes of that file */
	bool behind;          /* metadata come first */

	struct bl_safetensors_header *next;
};

/* The tensors of a checkpoint in shards, shard by shard: what its index and all headers say. Kept
 * likewise, for others whose index is the same and whose shards have the same headers. */
struct bl_safetensors_joined {
	struct bl_catalog cat; /* no metadata; what follows is in its memory */
	const char **name;     /* of the files */
	const struct bl_safetensors_header **header;
	size_t shards;
	uint64_t *begin;       /* of every tensor, as above */
	size_t *file_of;       /* for every tensor: number of its file */
	struct bl_file *file;  /* the first index, while it is open; else NULL */
	struct bl_safetensors_joined *next;
};

void bl_safetensors_joined_free(struct bl_safetensors_joined *joined);

/* Headers and checkpoints in shards that were accepted, the last one first. Zero-initialised is
 * empty. */
struct bl_safetensors_headers {
	struct bl_safetensors_header *first;
	struct bl_safetensors_joined *joined;
};

/*
 * Reads and checks the header of a file: length bytes of text, behind which are values bytes of
 * data. Metadata go to meta, which has none; *header, which belongs to the list, is for reading
 * only. Whether the list has the same tensors already makes no other difference. Errors: BL_INPUT;
 * BL_LIMIT.
 */
int bl_safetensors_header_read(struct bl_safetensors_headers *list, struct bl_file *file,
	size_t length, struct bl_catalog *meta, const struct bl_safetensors_header **header,
	struct bl_err *err) BL_MUST_USE;

/* A file is about to be closed. */
void bl_safetensors_headers_forget(struct bl_safetensors_headers *list, const struct bl_file *file);

void bl_safetensors_headers_free(struct bl_safetensors_headers *list);

/* Bytes that the list takes. */
size_t bl_safetensors_headers_bytes(const struct bl_safetensors_headers *list);

/* A header that is being read, step by step. The first three are the caller's to set. */
struct bl_safetensors_scan {
	struct bl_json *json;
	struct bl_catalog *meta;
	struct bl_safetensors_header *header; /* empty; gets the tensors */
	enum bl_json_token token; /* the next one, where it has been read */
	bool metadata;            /* were there */
	uint64_t rest;            /* byte of the text: behind metadata that come first, else 0 */
	uint64_t end;             /* byte of the text: behind its last brace */
	size_t tensor_room, meta_room;
	size_t kept, metas_kept;  /* bytes that it made us keep: all, and for such metadata */
};

/* The first step: metadata, where they come first. Errors: BL_INPUT; BL_LIMIT. */
int bl_safetensors_begin(struct bl_safetensors_scan *scan, struct bl_err *err) BL_MUST_USE;

/* The second: tensors as they are written, with their bytes, begin and kept; the rest is for
 * bl_safetensors_check to find. Errors: as above. */
int bl_safetensors_tensors(struct bl_safetensors_scan *scan, struct bl_err *err) BL_MUST_USE;

/* Counts bytes that are kept. Error: BL_INPUT, more than BL_SAFETENSORS_KEPT. */
int bl_safetensors_count(struct bl_safetensors_scan *scan, size_t bytes, struct bl_err *err)
	BL_MUST_USE;

/* The third: completes the tensors, and puts them into the order of their data. values: the bytes
 * of the data section. Errors: BL_INPUT, where names or keys are not distinct or the data do not
 * cover the section exactly; BL_LIMIT. */
int bl_safetensors_check(struct bl_safetensors_header *header, const struct bl_catalog *meta,
	uint64_t values, struct bl_err *err) BL_MUST_USE;

/* In the place of the second and the third: the tensors are those of a header that was accepted,
 * and so is the size of the data section. */
int bl_safetensors_accept(struct bl_safetensors_scan *scan,
	const struct bl_safetensors_header *header, struct bl_err *err) BL_MUST_USE;

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
