/*
 * foreign.h - what people take for a checkpoint, or what is one that belay does not read.
 */
#ifndef BL_FOREIGN_H
#define BL_FOREIGN_H

#include "err.h"

#include <stdbool.h>

/* Says what the folder at path is, with a hint. Returns -1, always. */
int bl_foreign_folder(const char *path, struct bl_err *err);

/* Are the first n bytes of the file at path those of something known? Then err says of what, with a
 * hint (BL_INPUT). n is 0 only for an empty file. */
bool bl_foreign_file(const char *path, const unsigned char *head, size_t n, struct bl_err *err);

#endif
