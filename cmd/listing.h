/*
 * listing.h - what is in checkpoints, as text, as a tree and as JSON.
 *
 * ---- as JSON: one object, keys in this order ----
 *
 *   schema            1; a number above it means that a field has changed its meaning or gone
 *   belay             version of the program, a string
 *   checkpoints       one object each, by ascending time, or in the order given where times are not
 *                     known:
 *     path            as given (and path_hex, all its bytes, where it is no UTF-8)
 *     format          "safetensors", "hdf5" or "keras"
 *     time            a whole number; null where it is not known
 *     size            bytes of its files
 *     values          numbers in all tensors; bytes: that these take
 *     tensors         one object each, in the order of the file:
 *       name          (and name_hex where it is no UTF-8)
 *       dtype         as safetensors spells it; "C128"; "OTHER" for what is no array of numbers
 *       shape         extents
 *       bytes         of its values
 *       layout        "contiguous", "chunked", "compact", "not stored"
 *       chunk         extents of a chunk; only where it is chunked
 *       filters       strings, in the order in which they are applied: "shuffle", "gzip 4"
 *       stored_bytes  that the values take in the file
 *       file          only of a checkpoint in several files: the one that it is in
 *     metadata        key to value, strings
 *     others          what else there is, word to number: "soft links"
 */
#ifndef BL_LISTING_H
#define BL_LISTING_H

#include "inputs.h"
#include "screen.h"

/* All of a catalogue together. */
struct bl_totals {
	uint64_t values, bytes;
};

struct bl_totals bl_totals_of(const struct bl_catalog *cat);

/* The time of source t; false where it is not known. */
bool bl_listing_time(const struct bl_inputs *in, size_t t, int64_t *time);

/* The tensors of checkpoints in columns, with metadata. Where all have the same ones, they are
 * listed once. Names are cut on a terminal only. */
void bl_listing_text(FILE *to, const struct bl_inputs *in, const struct bl_screen *screen);

/* The same as trees of the parts of their names. Error: BL_LIMIT, no memory. */
int bl_listing_tree(FILE *to, const struct bl_inputs *in, const struct bl_screen *screen,
	struct bl_err *err) BL_MUST_USE;

void bl_listing_json(FILE *to, const struct bl_inputs *in);

/* ---- what text and tree share ---- */

/* "a.h5: hdf5, 40.2 kB; 13 tensors, 9898 values, 39.6 kB; step 100" in lines of columns. */
void bl_listing_head(FILE *to, const struct bl_inputs *in, size_t t);

/* Have all the same tensors: names, shapes, types, in the same order? */
bool bl_listing_alike(const struct bl_inputs *in);

/* Times, sizes and paths of all. */
void bl_listing_times(FILE *to, const struct bl_inputs *in);

#endif
