/*
 * paths.h - paths as seen from the folder that they have in common.
 */
#ifndef BL_PATHS_H
#define BL_PATHS_H

#include "err.h"

/* Paths seen from a folder. Zero-initialised is empty. */
struct bl_paths {
	char *folder;      /* "", or the folder in which all are, with its closing slash */
	const char **path; /* one per path, in order, never empty */
	char *memory;      /* what path points into */
};

/*
 * Takes out of count paths the folder that all are in. What is the same however it is written, as
 * ./a, a//b and a/, is written once, but no link and no .. is followed. No path is absolute: where
 * only some are, these are cut to their last name. Error: BL_LIMIT, out of memory; there is nothing
 * to free then.
 */
int bl_paths_make(
	struct bl_paths *p, const char *const *path, size_t count, struct bl_err *err) BL_MUST_USE;
void bl_paths_free(struct bl_paths *p);

#endif
