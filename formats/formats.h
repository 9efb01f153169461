/*
 * formats.h - the table of checkpoint formats, and opening by it.
 */
#ifndef BL_FORMATS_H
#define BL_FORMATS_H

#include "file.h"
#include "io.h"
#include "output.h"

extern const struct bl_format bl_format_safetensors;
extern const struct bl_format bl_format_hdf5;
extern const struct bl_format bl_format_keras;

/* All formats, NULL behind the last. */
extern const struct bl_format *const bl_formats[];

/*
 * Opens a checkpoint: probes, opens by the format that claims the bytes. Messages are prefixed
 * with the path. What is known but not read (torch zip, git-lfs pointer, HTML page, ...) gets a
 * word of its own. A folder is opened by the one checkpoint in it (hf_folder.h). On failure *src is
 * left closed. path and pool are borrowed and must outlive the source, and the pool all that is
 * copied from its catalogue.
 */
int bl_source_open(struct bl_source *src, struct bl_files *pool, const char *path,
	struct bl_err *err) BL_MUST_USE;

/* Memory that a source takes, in bytes, beside what its pool keeps (bl_files_bytes). */
uint64_t bl_source_bytes(const struct bl_source *src);

/* Frees all that a source holds; a zeroed source is legal. */
void bl_source_close(struct bl_source *src);

/* The files of a source: 0 is the one that was opened, then come the parts; NULL behind them. */
struct bl_file *bl_source_file(const struct bl_source *src, size_t i);

/* Bytes of all of them. */
uint64_t bl_source_size(const struct bl_source *src);

/* Are the values of both in the same files? */
bool bl_source_same(const struct bl_source *a, const struct bl_source *b);

/* Fails (BL_INPUT), naming it, when one of the files is not what was opened. */
int bl_source_unchanged(const struct bl_source *src, struct bl_err *err) BL_MUST_USE;

/*
 * Lets plugins undo, and apply, filters of HDF5 that belay does not know. folders: DIR:DIR;
 * "$HDF5_PLUGIN_PATH": those of that variable, or where it is not set, those that the HDF5 library
 * was built with. Comes before the first file of the pool. Errors: BL_USAGE.
 */
int bl_hdf5_plugins(struct bl_files *pool, const char *folders, struct bl_err *err) BL_MUST_USE;

/* What is asked about HDF5 files is given up once *stop is not 0, as bl_go_on() says; NULL: never.
 * Comes before the first file of the pool. */
int bl_hdf5_stop(struct bl_files *pool, const volatile sig_atomic_t *stop, struct bl_err *err)
	BL_MUST_USE;

/* Takes HDF5 data of two opaque bytes, of which no attribute says what they are, for bfloat16.
 * Comes before the first file of the pool. */
int bl_hdf5_opaque_bf16(struct bl_files *pool, struct bl_err *err) BL_MUST_USE;

/* The format a path's suffix asks for; NULL where it names none. */
const struct bl_format *bl_format_of_suffix(const char *path);

/* Makes a sink of the given format on an open output; a folder also gets the files that stand
 * beside the template and belong to the model (hf_folder.h). path is what messages call it,
 * borrowed. The messages of this call are not prefixed, but for those of inputs (BL_INPUT), which
 * name the input. After a failure format->abandon(snk) is still due. */
int bl_sink_create(struct bl_sink *snk, const struct bl_format *format, const char *path,
	struct bl_output *out, const struct bl_sink_plan *plan, struct bl_err *err) BL_MUST_USE;

#endif
