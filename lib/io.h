/*
 * io.h - what a checkpoint format is to the rest of belay: a source, a sink, and the row that
 * joins them to bytes.
 */
#ifndef BL_IO_H
#define BL_IO_H

#include "gate.h"
#include "tensor.h"

struct bl_file;   /* formats/file.h */
struct bl_files;
struct bl_output; /* formats/output.h */

/*
 * A part of a tensor that can be read or written at one go.
 * A range: elements [first, first + count) in C order. Where the tensor is chunked, first is a
 *   multiple of bl_row_of_chunks() and so is count, unless the range ends at the tensor's end.
 *   Where the format says so (runs), a range that ends beyond its tensor goes on through those that
 *   follow in the catalogue, all of whole bytes and of one type, up to the end of one of them.
 * A chunk: first is its number in C order over the chunk grid, count is chunk_count; values in C
 *   order over the chunk, those beyond the tensor's edge are zero when read, ignored when written.
 */
struct bl_span {
	bool chunk;
	uint64_t first;
	uint64_t count;
};

/* Elements in one row of chunks: the smallest range that needs no chunk twice. 1 if unchunked. */
uint64_t bl_row_of_chunks(const struct bl_tensor *t);

/* One of several files that hold the tensors of a checkpoint. */
struct bl_part {
	const char *name;     /* within the folder; the catalogue's */
	struct bl_file *file; /* owned by the source */
};

/* A checkpoint being read. The first four are set by the opener, the rest by the format's open,
 * which may also set folder. */
struct bl_source {
	const struct bl_format *format;
	struct bl_files *pool;
	const char *path;     /* as the user gave it; borrowed */
	struct bl_file *file; /* the file that was opened; owned by an open source */
	const char *folder;   /* whose checkpoint it is, with what it holds; NULL: a file alone */
	struct bl_catalog cat;
	struct bl_part *part; /* where file only names them: the files with the tensors; malloc'd */
	size_t parts;         /* those that are open; 0: file itself holds the tensors */
	void *state;          /* the format's own; freed by its close */
};

#define BL_STORAGE_FILTERS 4

/* How the values of a tensor are stored. */
struct bl_storage {
	const char *layout; /* "contiguous", "chunked", "compact", "not stored" */
	const char *file;   /* of several, that which holds them, the catalogue's; else NULL */
	uint64_t bytes;     /* that they take there */
	char filter[BL_STORAGE_FILTERS][24]; /* in the order in which they are applied: "gzip 4" */
	size_t filters;
};

/* How values are stored, where a format can compress them. */
enum bl_compression {
	BL_COMPRESS_SAME, /* as in the template; what is new is not compressed */
	BL_COMPRESS_NONE,
	BL_COMPRESS_GZIP
};

/* Which library compresses: each has its own bytes, per version. */
enum bl_deflate {
	BL_DEFLATE_ZLIB,
	BL_DEFLATE_FAST /* libdeflate */
};

/*
 * How an output is to be made. Borrowed by the sink for its whole life.
 *
 * cat names what it may hold, in the types that it shall have there: first the template's tensors,
 * in the template's order, then such as the template lacks. NULL: those of the template. Where the
 * template has another format, cat's names and metadata are those of the output (translate.h); else
 * they are the template's.
 */
struct bl_sink_plan {
	const struct bl_source *template; /* the last checkpoint: names, layout, metadata, copies */
	const bool *averaged;             /* per tensor of cat: comes through write() even where
	                                     the output is a clone */
	const char *provenance;           /* JSON for the key or attribute "belay"; NULL: none */
	const struct bl_catalog *cat;
	const bool *skipped;              /* per tensor of cat: left out; NULL: none */
	bool retype;         /* averages are stored as dtype, whatever they were */
	enum bl_dtype dtype;
	uint64_t shard_size; /* in a folder: bytes of values in one file; 0: as in template */
	enum bl_compression compression;
	unsigned level;      /* BL_COMPRESS_GZIP: 0 to 9 */
	enum bl_deflate deflate;
};

/* The catalogue of what an output may hold. */
static inline const struct bl_catalog *bl_sink_catalog(const struct bl_sink_plan *plan)
{
	return plan->cat ? plan->cat : &plan->template->cat;
}

/* Does an output hold just what the template does, so that it can be cloned from it? */
bool bl_sink_clones(const struct bl_sink_plan *plan);

/* An output being made. */
struct bl_sink {
	const struct bl_format *format;
	const char *path; /* as the user gave it, for messages; borrowed */
	struct bl_sink_plan plan;
	struct bl_output *out; /* what is being made; owned by the caller, outlives the sink */
	bool ordered;          /* set by create: write() wants its turn in tile order */
	char note[256];        /* set by create: what of the template is not kept; "": nothing */
	void *state;           /* the format's own; freed by its close */
};

/* One format: one const row, in one file, listed in formats.c. Errors: file and tensor are prefixed
 * by the caller of these slots, so that a format only says what is wrong. */
struct bl_format {
	const char *name;     /* "safetensors" */
	const char *suffixes; /* ".safetensors": blank-separated, first is the usual one */
	bool streams;         /* can be written front to back: good for a pipe */
	bool dotted;          /* dots stand between the parts of names; else they are paths */
	bool wraps;           /* has more than tensors: is only made of its own like */
	bool compresses;      /* can store values compressed, as a plan may ask */
	bool folders;         /* can be written as a folder, in one file or several */
	bool runs;            /* reads and writes ranges that go on through several tensors */
	unsigned descriptors; /* that an output being made keeps open beside its own */

	/* Do these first n bytes of a file (up to BL_PROBE) begin one of ours? Exactly one format
	 * may say so. */
	bool (*probe)(const unsigned char *head, size_t n);

	/* Reads and checks everything but the values; fills cat and state. On failure the caller
	 * still calls close. Not thread-safe. */
	int (*open)(struct bl_source *src, struct bl_err *err);

	/* Working memory for one thread that reads or writes: NULL slots where none is needed.
	 * new(largest_chunk_bytes) returns NULL when there is no memory. work_size says how much
	 * memory that is, for the plan. */
	size_t (*work_size)(size_t largest_chunk_bytes);
	void *(*work_new)(size_t largest_chunk_bytes);
	void (*work_free)(void *work);

	/* Reads a span into dst: count elements of the tensor's dtype, packed, little-endian (for a
	 * BL_OTHER tensor: never called). Thread-safe; allocates nothing. */
	int (*read)(const struct bl_source *src, size_t tensor, struct bl_span span, void *dst,
		void *work, struct bl_err *err);

	/* How a tensor of an open source is stored. */
	void (*storage)(const struct bl_source *src, size_t tensor, struct bl_storage *out);

	/* Memory that state takes, in bytes; NULL: next to none. */
	size_t (*bytes)(const struct bl_source *src);

	/* The same of a sink that is made by this plan; and what create takes beside that and gives
	 * back. */
	uint64_t (*sink_bytes)(const struct bl_sink_plan *plan);
	uint64_t (*making_bytes)(const struct bl_sink_plan *plan);

	void (*close)(struct bl_source *src);

	/* Can a new file hold tensors of this type? NULL: of every type. */
	bool (*holds)(enum bl_dtype dtype);

	/* Fits the catalogue of a plan, which is the caller's to change, to the format: sets the
	 * chunk extents that the tensors will have. Errors, for what the format cannot hold:
	 * BL_USAGE, naming the tensor, or BL_INPUT, naming the template. Comes before tiles are
	 * cut; nothing is written. NULL: any catalogue fits. */
	int (*fit)(const struct bl_sink_plan *plan, struct bl_catalog *cat, struct bl_err *err);

	/* NULL: the format is read-only. Fixes the whole layout, reserves the space, and writes all
	 * that does not come through write(): by cloning, or header and metadata. After it,
	 * every tensor that needs() names must be written completely. */
	int (*create)(struct bl_sink *snk, struct bl_err *err);

	/* Which tensors of the plan's catalogue come through write()? Fills needed, one for each:
	 * true for averaged ones; for copied ones true in formats that write a new file, false in a
	 * clone; false for those that are left out. */
	void (*needs)(const struct bl_sink_plan *plan, bool *needed);

	/* Writes a span. Thread-safe for distinct spans. What must happen in tile order is done
	 * between bl_turn_wait(turn) and bl_turn_done(turn); a writer that needs no order ignores
	 * turn. Allocates nothing but what write_size says. */
	int (*write)(struct bl_sink *snk, size_t tensor, struct bl_span span, const void *src,
		void *work, struct bl_turn *turn, struct bl_err *err);

	/* Where a tensor's values begin in the file being made, in bytes; 0 where that says
	 * nothing. NULL: always. Writes are best cut at multiples of their size, or of a page,
	 * of that file. */
	uint64_t (*place)(const struct bl_sink *snk, size_t tensor);

	/* What write adds to the working memory of one thread, in bytes; NULL: nothing. */
	size_t (*write_size)(const struct bl_sink_plan *plan);

	/* All is written: complete the file (but do not sync or rename). */
	int (*finish)(struct bl_sink *snk, struct bl_err *err);

	/* Frees state, at any point after create was called. NULL state is legal. */
	void (*abandon)(struct bl_sink *snk);
};

#define BL_PROBE 4096

#endif
