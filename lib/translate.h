/*
 * translate.h - what has been selected, for outputs of another format than the last checkpoint's.
 */
#ifndef BL_TRANSLATE_H
#define BL_TRANSLATE_H

#include "select.h"

/*
 * Makes the catalogue of a selection one that outputs of format `to` can hold: names spelled as
 * that format has them (names.h), no chunks, the metadata of the last checkpoint with the record of
 * names that is needed, but without the provenance. What is left out, BL_OTHER tensors among it,
 * becomes the catalogue's extras. Errors: BL_INPUT for a tensor whose values cannot be read or
 * whose type the format has not, and for two tensors whose names one file cannot hold.
 */
int bl_translate(struct bl_selection *s, const struct bl_format *to, struct bl_err *err)
	BL_MUST_USE;

/* Bytes that it will take where this is the last checkpoint, at least. */
uint64_t bl_translation_least(const struct bl_source *last);

#endif
