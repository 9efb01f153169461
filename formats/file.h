/*
 * file.h - files that are read.
 *
 * Inputs are read with pread and never mapped, so that a file cut short under us is an error and
 * not a SIGBUS. Their identity (device, inode, size, mtime, ctime) is taken when they are first
 * opened; a file that no longer has it is refused. A pool keeps the number of open descriptors
 * low, so that hundreds of checkpoints can be read under `ulimit -n 64`.
 */
#ifndef BL_FILE_H
#define BL_FILE_H

#include "confine.h"
#include "err.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct bl_files; /* the pool; outlives its files */
struct bl_file;

/* At most limit descriptors open at once, but for those borrowed at one time (0: as many as the
 * process may have, less 32). */
int bl_files_new(struct bl_files **pool, size_t limit, struct bl_err *err) BL_MUST_USE;
void bl_files_free(struct bl_files *pool);

/* Leaves so many more descriptors to others, before any file is open. */
void bl_files_leave(struct bl_files *pool, size_t descriptors);

/* One thing that a format keeps for all files of a pool: NULL at first, freed with the pool. */
struct bl_files_kept {
	void *data;
	void (*free)(void *data);
	size_t (*bytes)(const void *data); /* that it takes; NULL: next to none */
};

/* Who keeps one. */
enum bl_files_keeper {
	BL_KEPT_HDF5,
	BL_KEPT_SAFETENSORS,
	BL_KEPTS
};

/* Not thread-safe. */
struct bl_files_kept *bl_files_kept(struct bl_files *pool, enum bl_files_keeper keeper);

/* Bytes that all of them take. */
uint64_t bl_files_bytes(const struct bl_files *pool);

/* Lets c open the files of the pool once more, which it may have to. Not thread-safe. */
void bl_files_confine(const struct bl_files *pool, struct bl_confine *c);

/* Opens a regular file for reading. Errors (BL_INPUT) do not name the path. path is borrowed. */
int bl_file_open(struct bl_files *pool, const char *path, struct bl_file **file,
	struct bl_err *err) BL_MUST_USE;
void bl_file_close(struct bl_file *file);

struct bl_files *bl_file_pool(const struct bl_file *file);
uint64_t bl_file_size(const struct bl_file *file);
const char *bl_file_path(const struct bl_file *file);
bool bl_file_same(const struct bl_file *a, const struct bl_file *b);         /* device and inode */
bool bl_file_is(const struct bl_file *file, dev_t device, ino_t inode);

/* Reads exactly n bytes at offset; short is an error naming offset, wanted and got. Thread-safe. */
int bl_file_read(struct bl_file *file, uint64_t offset, void *dst, size_t n,
	struct bl_err *err) BL_MUST_USE;

/* Do two files hold the same n bytes there? What cannot be read is not the same. */
bool bl_file_equal(struct bl_file *a, uint64_t a_offset, struct bl_file *b, uint64_t b_offset,
	uint64_t n);

/* A descriptor that stays open until it is given back. Thread-safe. -1 on error. */
int bl_file_borrow(struct bl_file *file, struct bl_err *err) BL_MUST_USE;
void bl_file_return(struct bl_file *file);

/* Fails (BL_INPUT, "changed while it was read") unless the file at its path is the one that was
 * opened, unchanged. */
int bl_file_unchanged(const struct bl_file *file, struct bl_err *err) BL_MUST_USE;

/* Has the pool remember a file that was read whole and may be closed now, for a last look at it:
 * bl_files_unchanged fails as bl_file_unchanged does, with the path, if any of these has changed.
 * Not thread-safe. */
int bl_file_watch(const struct bl_file *file, struct bl_err *err) BL_MUST_USE;
int bl_files_unchanged(const struct bl_files *pool, struct bl_err *err) BL_MUST_USE;

#endif
