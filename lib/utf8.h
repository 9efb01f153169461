/*
 * utf8.h - what is well-formed UTF-8.
 */
#ifndef BL_UTF8_H
#define BL_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the well-formed UTF-8 sequence that text (left >= 1 bytes) begins with; 0: none. */
size_t bl_utf8(const char *text, size_t left);

/* Is all of a text well-formed UTF-8? */
bool bl_is_utf8(const char *text);

#endif
