/* hdf5_state.h - what an open HDF5 source and an HDF5 sink hold. */
#ifndef BL_HDF5_STATE_H
#define BL_HDF5_STATE_H

#include "formats.h"
#include "hdf5_chunk.h"
#include "hdf5_scout.h"

/* What an index says, checked. Sources have it together whose files say the same. */
struct bl_h5_content {
	size_t users; /* sources; the last one frees it */
	struct bl_h5_words index;
	struct bl_h5_object *object; /* one per tensor */
	struct bl_catalog cat;
};

/* Of a source; read-only once it is open. */
struct bl_h5 {
	struct bl_h5_scout *scout; /* reads what has foreign filters; NULL: nothing has */
	uint64_t base; /* where HDF5 begins in the file */
	struct bl_h5_super super;
	struct bl_h5_content *content;
	const struct bl_h5_object *object; /* the content's */
};

/* Has a file, but for the values of its datasets, the very bytes of the known one? What keeps this
 * from being found out is an answer, too: no. */
bool bl_h5_same(const struct bl_h5_known *known, struct bl_file *file, uint64_t base,
	uint64_t size);

/* Makes a source of an index, whose words it takes over (also on failure). */
int bl_h5_adopt(struct bl_source *src, struct bl_h5_words *index, const struct bl_h5_super *super,
	uint64_t base, struct bl_err *err) BL_MUST_USE;

/* Opens the size bytes at base of the source's file, whatever locks it. made: this run has made
 * them, and chunks are yet to come. */
int bl_h5_look(struct bl_source *src, uint64_t base, uint64_t size, bool made, struct bl_err *err)
	BL_MUST_USE;

/* The same of a file that is whole and that nobody has locked. */
int bl_h5_open(struct bl_source *src, uint64_t base, uint64_t size, struct bl_err *err) BL_MUST_USE;

/* Begins HDF5 at base of the output, with all that comes before it in the template. Where the
 * output is a clone, base is the template's. */
int bl_h5_create(struct bl_sink *snk, uint64_t base, struct bl_err *err) BL_MUST_USE;

/* The most bytes that HDF5 can take in an output that is no clone, once that was begun. */
uint64_t bl_h5_size_most(const struct bl_sink *snk);

/* Completes HDF5 in the output: *size is what it has become. What of the template was behind it may
 * be overwritten. */
int bl_h5_complete(struct bl_sink *snk, uint64_t *size, struct bl_err *err) BL_MUST_USE;

/* The slots of the row. holds: can a new dataset have this type? */
bool bl_h5_holds(enum bl_dtype dtype);
size_t bl_h5_bytes(const struct bl_source *src);
void bl_h5_close(struct bl_source *src);
int bl_h5_fit(const struct bl_sink_plan *plan, struct bl_catalog *cat, struct bl_err *err)
	BL_MUST_USE;
uint64_t bl_h5_sink_bytes(const struct bl_sink_plan *plan, const struct bl_format *format);
void bl_h5_needs(const struct bl_sink_plan *plan, const struct bl_format *format, bool *needed);
void bl_h5_storage(const struct bl_source *src, size_t tensor, struct bl_storage *out);
int bl_h5_read(const struct bl_source *src, size_t tensor, struct bl_span span, void *dst,
	void *work, struct bl_err *err) BL_MUST_USE;
size_t bl_h5_write_size(const struct bl_sink_plan *plan);
uint64_t bl_h5_place(const struct bl_sink *snk, size_t tensor);
int bl_h5_write(struct bl_sink *snk, size_t tensor, struct bl_span span, const void *src,
	void *work, struct bl_turn *turn, struct bl_err *err) BL_MUST_USE;
int bl_h5_finish(struct bl_sink *snk, struct bl_err *err) BL_MUST_USE;
void bl_h5_abandon(struct bl_sink *snk);

/* Chunks [*first, *end) of the range, which must be whole rows of chunks (else BL_BUG). */
int bl_h5_chunks_of(const struct bl_tensor *t, struct bl_span span, uint64_t *first, uint64_t *end,
	struct bl_err *err) BL_MUST_USE;

/* A span must lie inside its tensor and a chunk inside the working memory; else BL_BUG. */
int bl_h5_check_span(const struct bl_tensor *t, const struct bl_h5_object *o, struct bl_span span,
	const struct bl_h5_work *work, struct bl_err *err) BL_MUST_USE;

#endif
