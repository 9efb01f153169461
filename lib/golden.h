/*
 * golden.h - the digests of checkpoints as text, to be kept and compared with.
 *
 * A line that says what it is, then a part for each checkpoint, in the order of time:
 *
 *   belay-digest-1
 *   checkpoint 100 runs/ckpt_100.safetensors     its time (- where it has none) and its path
 *   0123456789abcdef0123456789abcdef  conv.bias  each tensor, by name (digest.h)
 *   # left out, it holds no numbers: names       each tensor without a digest
 *   fedcba9876543210fedcba9876543210  /          the checkpoint
 *
 * Empty lines and such as begin with # say nothing to a reader; lines may end in CR LF. The path is
 * escaped like the names, but for its slashes.
 *
 * ---- as JSON: one object, keys in this order ----
 *
 *   schema            1; a number above it means that a field has changed its meaning or gone
 *   belay             version of the program, a string
 *   scheme            "belay-digest-1"
 *   checkpoints       one object each, in the order of time:
 *     path            as given (and path_hex, all its bytes, where it is no UTF-8)
 *     time            a whole number; null where it is not known
 *     digest          of the checkpoint
 *     tensors         in the order of the text, one object each of name, as there, and digest
 *     left_out        names of the tensors without a digest
 */
#ifndef BL_GOLDEN_H
#define BL_GOLDEN_H

#include "digest.h"
#include "json.h"

/* The digests of one checkpoint. Zero-initialised is empty. */
struct bl_golden {
	char *path; /* as given; of one that was read: escaped */
	bool timed;
	int64_t time;
	struct bl_digest_line *line; /* sorted */
	size_t lines;
	char **left_out; /* names, as in lines */
	size_t left_outs;
	struct bl_digest digest; /* of the checkpoint */
};

/* Makes it out of the digests of all tensors in a catalogue, but for those without, and those that
 * are skipped (NULL: none are). time: NULL: there is none. Error: BL_LIMIT, no memory. Freed with
 * bl_golden_free also after a failure. */
int bl_golden_make(struct bl_golden *g, const char *path, const int64_t *time,
	const struct bl_catalog *cat, const bool *skipped, const struct bl_digest *digest,
	struct bl_err *err) BL_MUST_USE;
void bl_golden_free(struct bl_golden *g);

/* Bytes that one takes for the tensors of a catalogue, at most. */
uint64_t bl_golden_bytes(const struct bl_catalog *cat);

/* Writes n of them. */
void bl_golden_text(FILE *to, const struct bl_golden *g, size_t n);
void bl_golden_json(FILE *to, const char *version, const struct bl_golden *g, size_t n);

/* Members of a JSON object: digest, tensors, left_out. */
void bl_golden_members(struct bl_json_printer *j, const struct bl_golden *g);

/* ---- reading ---- */

/* What a text holds. Zero-initialised is empty. */
struct bl_goldens {
	struct bl_golden *of;
	size_t n;
};

/* Reads the text to its end. Errors: BL_INPUT, with the line before the message, where it is none,
 * where a part is cut short, or its lines are not those that its last one was made of; BL_LIMIT.
 * Freed with bl_goldens_free also after a failure. */
int bl_goldens_read(struct bl_goldens *g, FILE *from, struct bl_err *err) BL_MUST_USE;
void bl_goldens_free(struct bl_goldens *g);

/* ---- comparing ---- */

enum bl_golden_change {
	BL_GOLDEN_NONE,    /* there are no more */
	BL_GOLDEN_OTHER,   /* another type, shape or values */
	BL_GOLDEN_MISSING, /* only the first has it */
	BL_GOLDEN_NEW      /* only the second has it */
};

/* "differs", "missing", "new". */
const char *bl_golden_word(enum bl_golden_change change);

/* A walk through what has changed. Initialise with {was, is}. */
struct bl_golden_walk {
	const struct bl_golden *was, *is;
	size_t i, k;
};

/* The next change, by name; *name is its tensor's. */
enum bl_golden_change bl_golden_next(struct bl_golden_walk *w, const char **name);

#endif
