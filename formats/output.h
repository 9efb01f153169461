/*
 * output.h - files and folders that appear whole or not at all.
 *
 * An output is written as `.NAME.belay-tmp` in its own folder (O_EXCL, locked), reserved first,
 * then synced, renamed, and its folder synced. A killed run leaves at most that one file, which
 * the next run recognises and replaces; a live one is "another run is writing".
 *
 * A folder is made the same way, with its files in it from the start, and appears by one rename;
 * where one is replaced, the two change their names in one step.
 */
#ifndef BL_OUTPUT_H
#define BL_OUTPUT_H

#include "confine.h"
#include "err.h"
#include "file.h"

#include <signal.h>

struct bl_output;

enum bl_output_flag {
	BL_REPLACE = 1, /* an existing file may be replaced (-f) */
	BL_NO_SYNC = 2, /* leave out fsync (--sync=no) */
	BL_LOOK = 4     /* only examined: what exists may stay, and a terminal is fine (--plan) */
};

/* Looks at path without touching anything: directory, FIFO, device, dangling link: BL_USAGE; an
 * existing file without BL_REPLACE, a terminal: BL_USAGE, the last two not with BL_LOOK. "-" is
 * standard output. *exists tells. */
int bl_output_examine(
	const char *path, unsigned flags, bool *exists, struct bl_err *err) BL_MUST_USE;

/* The same for an output that will be a folder: a file at path is BL_USAGE, an existing folder
 * without BL_REPLACE or BL_LOOK too. Closing slashes do not matter. */
int bl_output_examine_folder(
	const char *path, unsigned flags, bool *exists, struct bl_err *err) BL_MUST_USE;

/* Does path, links resolved, name this file? */
bool bl_output_is(const char *path, const struct bl_file *file);

/* Do both name one file, which need not be there? -1 (BL_LIMIT): there is no memory to tell. */
int bl_output_meets(const char *path, const char *other, bool *meets, struct bl_err *err)
	BL_MUST_USE;

/* Does it name the folder in which this file is found, by its name or where links lead to? */
bool bl_output_holds(const char *path, const struct bl_file *file);

/*
 * Makes the temporary file. "-" makes a pipe output on standard output. path and stop are
 * borrowed. Once *stop (NULL: none) is not 0, writing fails with code BL_OK and no text.
 */
int bl_output_open(const char *path, unsigned flags, const volatile sig_atomic_t *stop,
	struct bl_output **out, struct bl_err *err) BL_MUST_USE;

/* An output that goes where this descriptor leads, in order, as one on standard output does. It is
 * duplicated. */
int bl_output_open_descriptor(int fd, const volatile sig_atomic_t *stop, struct bl_output **out,
	struct bl_err *err) BL_MUST_USE;

/* Makes a temporary folder, as bl_output_open makes a file. Of the functions below it takes member,
 * has, seal, sync, publish and close. */
int bl_output_open_folder(const char *path, unsigned flags, const volatile sig_atomic_t *stop,
	struct bl_output **out, struct bl_err *err) BL_MUST_USE;
bool bl_output_is_folder(const struct bl_output *out);

/* A new file in a folder, of a plain name, to be reserved, written and resized as an output that is
 * a file; the folder syncs, publishes and closes it. It has a descriptor only while it is
 * used: a folder keeps few of them, however many files it has. */
int bl_output_member(struct bl_output *folder, const char *name, struct bl_output **member,
	struct bl_err *err) BL_MUST_USE;
bool bl_output_has(const struct bl_output *folder, const char *name);

/* A folder has all its members: refuses (BL_USAGE) to replace one that holds anything else. */
int bl_output_seal(const struct bl_output *folder, struct bl_err *err) BL_MUST_USE;

/* Sets the final size and reserves the space (BL_OUTPUT with bytes needed and free). No-op on a
 * pipe. */
int bl_output_reserve(struct bl_output *out, uint64_t size, struct bl_err *err) BL_MUST_USE;

/* Writes all n bytes at offset; on a pipe offset must be what was written before. Thread-safe. A
 * reader that closed the pipe is BL_OUTPUT without a text: it knows. */
int bl_output_write(struct bl_output *out, uint64_t offset, const void *src, size_t n,
	struct bl_err *err) BL_MUST_USE;

/* Reads back n bytes at offset, which the file must have; not on a pipe. Ends early as a write. */
int bl_output_read(struct bl_output *out, uint64_t offset, void *dst, size_t n,
	struct bl_err *err) BL_MUST_USE;

/* Bytes of what was written, before it is published; of a folder those of all its members. */
int bl_output_size(const struct bl_output *out, uint64_t *size, struct bl_err *err) BL_MUST_USE;

/* Cuts or extends the file to size. */
int bl_output_resize(struct bl_output *out, uint64_t size, struct bl_err *err) BL_MUST_USE;

/* The descriptor, open for reading and writing (for the HDF5 driver). */
int bl_output_fd(const struct bl_output *out);

/* The flag of bl_output_open(). */
const volatile sig_atomic_t *bl_output_stop(const struct bl_output *out);
bool bl_output_is_pipe(const struct bl_output *out);

/* Flushes to disk. After it nothing may be written. A failure is final, never retried. */
int bl_output_sync(struct bl_output *out, struct bl_err *err) BL_MUST_USE;

/* Renames into place, syncs the folder. Once. */
int bl_output_publish(struct bl_output *out, struct bl_err *err) BL_MUST_USE;

/* Lets c do what the calls above still will with an open output: reopen, rename, remove. */
void bl_output_confine(const struct bl_output *out, struct bl_confine *c);

/* Lets c do all that it takes to make a file at path, later. */
void bl_output_confine_later(const char *path, struct bl_confine *c);

/* Removes the temporary file unless it was published, and frees. NULL is legal. */
void bl_output_close(struct bl_output *out);

#endif
