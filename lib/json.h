/*
 * json.h - a bounded pull scanner and a small printer.
 *
 * The scanner builds no tree, recurses nowhere, allocates nothing: it walks a text the caller
 * holds. Strict: RFC 8259 with valid UTF-8, no duplicate-tolerance of its own (the caller sees every key), integers exact to
 * 2^64 - 1, nesting at most BL_JSON_DEPTH.
 */
#ifndef BL_JSON_H
#define BL_JSON_H

#include "err.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define BL_JSON_DEPTH 128

#endif
