/*
 * safetensors_state.h - what reading and writing safetensors share.
 */
#ifndef BL_SAFETENSORS_STATE_H
#define BL_SAFETENSORS_STATE_H

#include "io.h"

/* A file that holds tensors of a source: the source's own, or one of its parts. */
struct bl_safetensors_file {
	struct bl_file *file; /* borrowed */
	const char *name;     /* of a part, else NULL; the catalogue's */
	uint64_t data;        /* file offset of the data section */
};

/* What a source keeps beside its catalogue, which owns it and the list of files; the rest is the
 * pool's. Tensors stand file by file. */
struct bl_safetensors_reader {
	const struct bl_safetensors_file *file;
	size_t files;
	const uint64_t *begin; /* of every tensor, from the start of its data section */
	const size_t *file_of; /* for every tensor; NULL: there is only one */
};

struct bl_safetensors_headers; /* safetensors.h */

/* Reads the header of a file, whose data are found then; metadata go to meta, which has none. The
 * header belongs to the list; NULL on error. */
const struct bl_safetensors_header *bl_safetensors_file_read(struct bl_safetensors_headers *list,
	struct bl_safetensors_file *f, struct bl_catalog *meta, struct bl_err *err);

/* Opens all files that the file of a source, an index, names. */
int bl_safetensors_open_index(struct bl_source *src, struct bl_safetensors_headers *list,
	struct bl_safetensors_reader *r, struct bl_err *err) BL_MUST_USE;

/* Opens the file that a source was opened with; it holds the tensors, or names those that do. */
int bl_safetensors_open(struct bl_source *src, struct bl_err *err) BL_MUST_USE;

/* The slot close. */
void bl_safetensors_close(struct bl_source *src);

/* Does a text begin as an index of shards does? */
bool bl_safetensors_is_index(const unsigned char *head, size_t n);

/* The header text of a file, without the length word; malloc'd, NULL on error. */
char *bl_safetensors_text(const struct bl_safetensors_file *f, struct bl_err *err);

/* Where tensors lie in files. */
struct bl_safetensors_layout {
	const struct bl_catalog *cat;
	const uint64_t *begin; /* of every tensor, from the start of its data section */
	const size_t *file_of; /* for every tensor; NULL: there is only one */
};

/* Bytes that lie together in a file. */
struct bl_safetensors_stretch {
	size_t file;
	uint64_t offset; /* from the start of its data section */
	size_t n;
};

/* Takes from a span that begins in *tensor what lies together; what is left is the span again, with
 * its count 0 at the end. Elements of 4 and 6 bits are packed, so a span of them must begin and end
 * at whole bytes. */
int bl_safetensors_locate(const struct bl_safetensors_layout *l, size_t *tensor,
	struct bl_span *span, struct bl_safetensors_stretch *s, struct bl_err *err) BL_MUST_USE;

/* The slots of struct bl_format that write. */
uint64_t bl_safetensors_sink_bytes(const struct bl_sink_plan *plan);
uint64_t bl_safetensors_making_bytes(const struct bl_sink_plan *plan);
int bl_safetensors_create(struct bl_sink *snk, struct bl_err *err) BL_MUST_USE;
void bl_safetensors_needs(const struct bl_sink_plan *plan, bool *needed);
uint64_t bl_safetensors_place(const struct bl_sink *snk, size_t tensor);
int bl_safetensors_write(struct bl_sink *snk, size_t tensor, struct bl_span span, const void *src,
	void *work, struct bl_turn *turn, struct bl_err *err) BL_MUST_USE;
int bl_safetensors_finish(struct bl_sink *snk, struct bl_err *err) BL_MUST_USE;
void bl_safetensors_abandon(struct bl_sink *snk);

#endif
