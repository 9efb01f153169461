/*
 * json_file.h - JSON in a file, scanned without the whole of it in memory.
 */
#ifndef BL_JSON_FILE_H
#define BL_JSON_FILE_H

#include "file.h"
#include "json.h"

/* A scan of a part of a file. The window that is in memory is as large as the longest string in it
 * needs, but for a few hundred kB. */
struct bl_json_file {
	struct bl_json json; /* for bl_json_next and its kin; the first member */
	struct bl_file *file;
	uint64_t next, left; /* bytes that are still to be read */
	char *window;
	size_t room;
	struct bl_err trouble; /* where the file could not be read: an early end to the scan */
};

/* Starts a scan of length bytes from offset on. Reads nothing yet. */
void bl_json_file_init(struct bl_json_file *f, struct bl_file *file, uint64_t offset,
	uint64_t length);

/* Ends a scan that came to rc. Returns that, or -1 with the error that kept bytes from it. */
int bl_json_file_end(struct bl_json_file *f, int rc, struct bl_err *err) BL_MUST_USE;

#endif
