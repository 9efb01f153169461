/*
 * hdf5_driver.h - the only way libhdf5 gets at a file: a descriptor, a base, a size.
 *
 * Included only where libhdf5 is called. libhdf5 is one for the whole process and need not be
 * thread-safe: what may be called by several threads at once holds a mutex while it calls.
 */
#ifndef BL_HDF5_DRIVER_H
#define BL_HDF5_DRIVER_H

#define H5_USE_110_API
#include "err.h"

#include <hdf5.h>
#include <stdbool.h>
#include <stdint.h>

/* What the library sees of a file, and what it did. Outlives the library's file. */
struct bl_h5_window {
	int fd;        /* borrowed */
	uint64_t base; /* where the window begins in the file */
	uint64_t size; /* its bytes; grows with writes */
	bool plugins;  /* filters may be those of plugins */
	bool opaque_bf16; /* two opaque bytes of which nothing says what they are: bfloat16 */

	/* While record is set, raw data are neither read nor written: only the last place asked for
	 * is noted. */
	bool record;
	uint64_t address, length;
	unsigned noted; /* how many places since it was last set to 0 */

	uint64_t end; /* of the file as the library left it, once it has closed it */

	/* errno of the first write that failed. The library is not told: it would keep a file that
	 * it cannot flush open, and fall over it when the process ends. */
	int failed;

	/* errno of the first read that failed. The library is told, but it may go on: an attribute
	 * whose header it cannot read is none to it. */
	int unread;
};

/* Makes libhdf5 quiet and harmless: no messages, no external links, no plugins unless they are
 * wanted. Comes before all other calls. */
void bl_h5_tame(bool plugins);

/* Opens a window; no path is opened, ever. Negative on failure (of the given code). */
hid_t bl_h5_attach(struct bl_h5_window *w, bool writable, enum bl_exit code, struct bl_err *err);

/* Begins a new file in a window, with the given creation properties; whoever reads files with a
 * superblock of that version reads it. Negative on failure (BL_OUTPUT). */
hid_t bl_h5_begin(struct bl_h5_window *w, hid_t properties, unsigned superblock,
	struct bl_err *err);

/* Closes an identifier of any kind; one that is not open is legal. */
void bl_h5_drop(hid_t id);

/* Fails with "what (why)", why from the library's error stack: so before any other call. */
int bl_h5_fail(struct bl_err *err, enum bl_exit code, const char *what);

#endif
