/*
 * hdf5_index.h - what belay knows of an HDF5 file: a flat index of its datasets.
 *
 * The walk asks libhdf5 and writes the index as words that hold no pointer, no handle and no path,
 * so that another process could do it. The reader takes the words for hostile input: it checks
 * every field and every place in the file, and makes the catalogue and the objects of them.
 *
 * All addresses are counted from the beginning of the window (a file, or the part of one that
 * holds HDF5) and include the user block.
 */
#ifndef BL_HDF5_INDEX_H
#define BL_HDF5_INDEX_H

#include "file.h"
#include "tensor.h"

/* The filters that are undone here, by their registered numbers. */
enum bl_h5_filter_id { BL_H5_DEFLATE = 1, BL_H5_SHUFFLE = 2, BL_H5_FLETCHER32 = 3 };

#define BL_H5_FILTERS 3      /* each of them at most once in a pipeline */
#define BL_H5_RANK 32        /* of a dataspace, at most */
#define BL_H5_DEPTH 4096     /* groups within each other, the root among them, at most */
#define BL_H5_COMPACT 65536  /* bytes of compact data, at most */
#define BL_H5_CHUNK_BYTES ((uint64_t)1 << 30) /* of a chunk before its filters, at most */
#define BL_H5_CHUNKS ((uint64_t)1 << 22)      /* chunks in one file, at most */
#define BL_H5_DATASETS ((uint64_t)1 << 20)    /* in one file, at most */
#define BL_H5_NOWHERE UINT64_MAX              /* the address of a chunk that is not stored */

/* How a dataset's values are stored. */
enum bl_h5_layout {
	BL_H5_EMPTY,       /* no values: a null space or an extent of 0 */
	BL_H5_CONTIGUOUS,  /* one run of bytes */
	BL_H5_UNALLOCATED, /* contiguous, never written: the fill value */
	BL_H5_INLINE,      /* compact: in the object's header, so in the index */
	BL_H5_CHUNKED,
	BL_H5_LAYOUTS
};

struct bl_h5_filter {
	unsigned id;    /* enum bl_h5_filter_id */
	unsigned value; /* deflate: level; shuffle: bytes of an element */
};

/* What a file holds beside datasets and attributes of the root that are told: counted only. */
enum bl_h5_extra {
	BL_H5_EXTRA_ATTRIBUTE,      /* of a group or a dataset */
	BL_H5_EXTRA_ROOT_ATTRIBUTE, /* no single string or number, or too long */
	BL_H5_EXTRA_SOFT_LINK,
	BL_H5_EXTRA_HARD_LINK, /* a further name of a dataset or a group */
	BL_H5_EXTRA_GROUP,     /* without members */
	BL_H5_EXTRA_TYPE,      /* a named type */
	BL_H5_EXTRAS
};

/* One dataset. Pointers point into the index's words. */
struct bl_h5_object {
	uint64_t header; /* its object header, without the user block: its name to libhdf5 */
	enum bl_h5_layout layout;
	uint64_t element; /* bytes of an element as stored */
	unsigned swap;    /* bytes of the scalars that are stored big-endian; 0: little-endian */
	uint64_t address; /* BL_H5_CONTIGUOUS: of the first byte */
	const unsigned char *inlined; /* BL_H5_INLINE: the values as stored */
	const unsigned char *fill;    /* one element as stored; NULL: zeros */
	const uint64_t *extent;       /* BL_H5_CHUNKED: bl_h5_extent(); NULL: no chunk is stored */
	struct bl_h5_filter filter[BL_H5_FILTERS]; /* in the order in which they are applied */
	unsigned filters;
	unsigned foreign; /* number of a filter that is not undone here; 0: none */
	bool raw_edges;   /* chunks over the edge are stored without filters */
	bool resizable;   /* BL_H5_CHUNKED: its extents may be changed later */
};

/* Where a chunk is stored. */
struct bl_h5_extent {
	uint64_t address; /* BL_H5_NOWHERE: not stored, all fill value */
	uint32_t size;    /* bytes as stored */
	uint32_t mask;    /* bit i: filter i was left out */
};

/* Chunk number (in C order over the grid) of a chunked object. */
struct bl_h5_extent bl_h5_extent(const struct bl_h5_object *o, uint64_t number);

/* The most bytes a chunk of n bytes may take after its filters: deflate can make it longer. */
uint64_t bl_h5_stored_max(uint64_t n);

/*
 * The index. Numbers are one word each; a text or bytes are their length and then the bytes, filled
 * up to whole words with zeros.
 *
 *   file     mark, words in all, aliases, attributes, datasets, then these, then the extras
 *   attribute  name, value (both text)
 *   dataset  name, header address, header bytes (0: not known), dtype, element, swap, stored bytes,
 *            rank, extents, layout, then by layout
 *            contiguous: address; inline: bytes; unallocated: fill (bytes; none: zeros);
 *            chunked: fill, chunk extents, marks, filters (number, then id and value each),
 *            whether the library can undo those that are not undone here; if not, why (text),
 *            chunks (0: none is stored), then for each two words: address, size | mask << 32
 *   extra    for each of enum bl_h5_extra their number and the name of the first
 */
struct bl_h5_words {
	uint64_t *word; /* owned */
	size_t count, room;
	bool failed; /* no memory, or over BL_H5_INDEX_WORDS; put does nothing any more */
	bool no_memory; /* which of both */
};

/* In the place of a dtype: two opaque bytes of which nothing says what they are; BL_OTHER to the
 * catalogue. */
#define BL_H5_OPAQUE2 BL_DTYPES
/* The marks of a chunked dataset. */
enum { BL_H5_RAW_EDGES = 1, BL_H5_RESIZABLE = 2 };

#define BL_H5_MARK UINT64_C(0x31584449354c42) /* "BL5IDX1" */
#define BL_H5_INDEX_WORDS ((size_t)64 << 20)

void bl_h5_put(struct bl_h5_words *w, uint64_t value);
void bl_h5_put_bytes(struct bl_h5_words *w, const void *bytes, size_t len);
int bl_h5_words_fail(const struct bl_h5_words *w, struct bl_err *err); /* says why; -1 */
void bl_h5_words_trim(struct bl_h5_words *w); /* gives back the room that is not used */
void bl_h5_words_free(struct bl_h5_words *w);

/* What the user has said that the walk must know. */
enum bl_h5_walk_flag {
	BL_H5_PLUGINS = 1,    /* the library may undo filters that are not undone here */
	BL_H5_OPAQUE_BF16 = 2 /* what would be BL_H5_OPAQUE2 is bfloat16 */
};

/*
 * Walks the size bytes at base of the file open on fd. Names come in order of the links' names,
 * depth first; an object reached twice is listed once. Refuses what leads out of the file (external
 * links, external storage, virtual datasets), and what the library cannot open. flags: enum
 * bl_h5_walk_flag. index is zeroed by the caller and freed by it, also after an error (BL_INPUT;
 * BL_LIMIT).
 */
int bl_h5_walk(int fd, uint64_t base, uint64_t size, unsigned flags, struct bl_h5_words *index,
	struct bl_err *err) BL_MUST_USE;

/* The superblock, read without the library. */
struct bl_h5_super {
	uint64_t size;  /* of the window */
	uint64_t start; /* bytes of the user block */
	uint64_t end;   /* of the superblock */
	bool made;      /* by this run: chunks are yet to come */
};

/*
 * Finds and checks it: a window cut short, marked as open for writing, or of an unknown version is
 * an error.
 */
int bl_h5_super_read(struct bl_file *file, uint64_t base, uint64_t size, struct bl_h5_super *super,
	struct bl_err *err) BL_MUST_USE;

/*
 * Checks an index against the file it claims to describe and makes cat and *object of it, one per
 * tensor (malloc'd; the caller frees it, also after an error). All places lie inside the window,
 * behind the superblock, and none over another. The words are borrowed for as long as the objects
 * live. plugins: the library will undo what filters are not undone here. Errors: BL_INPUT, naming
 * the tensor.
 */
int bl_h5_index_read(const uint64_t *word, size_t words, const struct bl_h5_super *super,
	bool plugins, struct bl_catalog *cat, struct bl_h5_object **object, struct bl_err *err)
	BL_MUST_USE;

#endif
