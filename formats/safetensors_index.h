/*
 * safetensors_index.h - the index of a checkpoint in shards: which tensor is in which file.
 *
 * It is JSON: {"metadata": {...}, "weight_map": {TENSOR: FILE, ...}}. Files are plain names in the
 * index's own folder.
 */
#ifndef BL_SAFETENSORS_INDEX_H
#define BL_SAFETENSORS_INDEX_H

#include "json.h"
#include "tensor.h"

#include <limits.h>

/* No index may be longer. */
#define BL_SAFETENSORS_INDEX (64u << 20)

/* One tensor of an index. */
struct bl_mapped {
	const char *tensor, *file;
	bool found; /* for the reader: a file holds it */
};

/* An index. Zero-initialised is empty. */
struct bl_index {
	struct bl_mapped *tensor; /* by name */
	size_t tensors;
	const char **file;        /* by name, each once */
	size_t files;
	struct bl_catalog text;   /* what the names are kept in */
};

/* Reads the text of an index into an empty one, which the caller frees on failure too. Errors:
 * BL_INPUT: no JSON, no map, a name twice, a file that is no plain name of a safetensors file. */
int bl_index_parse(struct bl_json *json, struct bl_index *index, struct bl_err *err)
	BL_MUST_USE;
void bl_index_free(struct bl_index *index);

/* The entry of a tensor; NULL where the index does not have it. */
struct bl_mapped *bl_index_find(const struct bl_index *index, const char *tensor);

/* A tensor's file, where it has none. */
#define BL_NO_FILE SIZE_MAX

/*
 * The text of an index as transformers writes it: tensor i of the catalogue is in file[file_of[i]],
 * or in none. total_size are the bytes of all values. malloc'd; NULL on error.
 */
char *bl_index_build(const struct bl_catalog *cat, const size_t *file_of,
	char (*file)[NAME_MAX + 1], size_t *size, struct bl_err *err);

/*
 * Deals the tensors of a catalogue, but for those that are skipped (NULL: none), out to files of at
 * most limit bytes of values, in the order of the catalogue: as huggingface_hub does, a larger one
 * alone in a file, which goes before the one that is being filled. Fills file_of[i]; returns the
 * number of files, at least 1.
 */
size_t bl_index_deal(const struct bl_catalog *cat, const bool *skipped, uint64_t limit,
	size_t *file_of);

/*
 * Names for new files from that of a checkpoint, X.safetensors or X.safetensors.index.json, or of
 * an index with a variant, X.safetensors.index.V.json, which has shards X.V-00001-of-00002.
 * bl_shard_name names file i (from 0) of n; where n is 1, the checkpoint. BL_LIMIT: too long.
 */
int bl_shard_name(const char *like, size_t i, size_t n, char name[NAME_MAX + 1],
	struct bl_err *err) BL_MUST_USE;
int bl_index_name(const char *like, char name[NAME_MAX + 1], struct bl_err *err) BL_MUST_USE;

#endif
