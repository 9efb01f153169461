/*
 * hf_folder.h - folders that hold one checkpoint, as Hugging Face tools write them.
 */
#ifndef BL_HF_FOLDER_H
#define BL_HF_FOLDER_H

#include "io.h"
#include "output.h"

/*
 * Finds the one checkpoint of a folder: a safetensors file, or the index of shards. *name,
 * malloc'd, is its name within the folder; NULL where there is none. Errors: BL_INPUT for more than
 * one, which are listed, for shards without an index, and for a folder that cannot be read.
 */
int bl_hf_find(const char *path, char **name, struct bl_err *err) BL_MUST_USE;

/* Does a name end as that of an index of shards: X.safetensors.index.json, or with a variant
 * before the .json? */
bool bl_hf_is_index(const char *name);

/* Is a file of this name more than this run's weights: configuration, tokenizer, code, licence? Not
 * so the state of a training, its results, other weights, a README, what begins with a dot. */
bool bl_hf_keeps(const char *name);

/*
 * Copies the files that bl_hf_keeps from the template's folder into an output folder, but for those
 * that the output has already. Where the averages get another type, config.json names that
 * (hf_config.h). Messages begin with the file. Errors: BL_INPUT, BL_OUTPUT.
 */
int bl_hf_copy(const struct bl_sink_plan *plan, struct bl_output *out, struct bl_err *err)
	BL_MUST_USE;

/* "folder/name", malloc'd; NULL without memory, with err set. */
char *bl_hf_join(const char *folder, const char *name, struct bl_err *err) BL_MUST_USE;

#endif
