/*
 * json.h - a bounded pull scanner and a small printer.
 *
 * The scanner walks a text that the caller holds, or a piece of it at a time: it builds no tree,
 * recurses nowhere and allocates nothing. It is strict, as serde_json is: RFC 8259, valid UTF-8, no
 * byte order mark, no comments, no trailing commas, no lone surrogates, nothing but blanks behind
 * the value. It shows every key, so that a caller can refuse duplicates.
 *
 * The printer writes to a FILE; for text in memory use open_memstream.
 */
#ifndef BL_JSON_H
#define BL_JSON_H

#include "err.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Objects and arrays may be nested this deep less one (serde_json counts so). */
#define BL_JSON_DEPTH 128

/* A longer number is refused. */
#define BL_JSON_NUMBER 512

enum bl_json_token {
	BL_JSON_FAIL = -1, /* err says why, beginning with "byte N: " */
	BL_JSON_END,       /* the one value is complete and only blanks followed */
	BL_JSON_OBJECT,    /* { */
	BL_JSON_OBJECT_END,
	BL_JSON_KEY,       /* a string and its colon; the value is the next token */
	BL_JSON_ARRAY,     /* [ */
	BL_JSON_ARRAY_END,
	BL_JSON_STRING,
	BL_JSON_INTEGER, /* without point and exponent, -2^63 <= it < 2^64; "-0" is a float */
	BL_JSON_FLOAT,   /* every other number; finite */
	BL_JSON_TRUE,
	BL_JSON_FALSE,
	BL_JSON_NULL
};

/*
 * A scan under way. Read the fields under "the last token", leave the others alone.
 *
 * A text need not be there as a whole. more, where it is set, is called when the scan has come to
 * the end of what there is: it makes text and length those of a piece that goes on for a byte or
 * more, and returns true; false means that there is no more. The bytes before start are not needed
 * any longer: where some are left out, before grows by their number, at and start shrink by it.
 */
struct bl_json {
	const char *text;
	size_t length;
	bool (*more)(struct bl_json *j);
	size_t before;      /* bytes of the whole that are in front of text */
	size_t at;          /* the next byte */
	unsigned depth;     /* open objects and arrays */
	uint64_t object[2]; /* bit d: level d is an object */
	int expect;

	/* The last token. */
	size_t start;     /* in text, of its first byte: of KEY and STRING that behind the quote */
	size_t size;      /* its bytes as written, without the quotes */
	bool escaped;     /* KEY, STRING: has escapes, so its text is not what is written */
	bool negative;    /* INTEGER, FLOAT */
	uint64_t integer; /* INTEGER: its magnitude */
};

/* Starts a scan of length bytes; text is borrowed, needs no NUL and may hold any bytes. */
void bl_json_init(struct bl_json *j, const char *text, size_t length);

/* The next token. After END and FAIL it must not be called again. Errors: BL_INPUT. */
enum bl_json_token bl_json_next(struct bl_json *j, struct bl_err *err) BL_MUST_USE;

/* Passes over the rest of the value whose first token was the last one read: to the matching end
 * of an object or array, nowhere after a string, number or word. Errors: BL_INPUT. */
int bl_json_skip(struct bl_json *j, struct bl_err *err) BL_MUST_USE;

/* Writes the text of the last KEY or STRING to buf, which has room for size + 1 bytes, and a NUL
 * behind it. Returns its length, which is at most size; it may hold NULs itself. */
size_t bl_json_text(const struct bl_json *j, char *buf);

/* Is the text of the last KEY or STRING this word (plain ASCII)? Escapes are seen through. */
bool bl_json_is(const struct bl_json *j, const char *word);

/* The value of the last INTEGER or FLOAT, rounded to nearest. */
double bl_json_number(const struct bl_json *j);

/* A few words for messages: "a string", "an object". */
const char *bl_json_word(enum bl_json_token token);

/*
 * What is being printed. Initialise with {.to = file}. Write errors show in ferror(to). Commas,
 * colons, line breaks come by themselves; in an object every value needs its key first.
 */
struct bl_json_printer {
	FILE *to;
	bool pretty;    /* a line per member, two blanks per level; else one line, no blanks */
	unsigned depth; /* open objects and arrays */
	bool begun;     /* the open object or array has a member */
	bool keyed;     /* a key was just written */
};

void bl_json_begin_object(struct bl_json_printer *p);
void bl_json_end_object(struct bl_json_printer *p);
void bl_json_begin_array(struct bl_json_printer *p);
void bl_json_end_array(struct bl_json_printer *p);
void bl_json_key(struct bl_json_printer *p, const char *key);

/* Escapes as serde_json does: \" \\ \b \f \n \r \t, other bytes below 0x20 as \u00xx, all else as
 * it is. A byte that is no UTF-8 (in a file name) becomes U+FFFD. */
void bl_json_put_text(struct bl_json_printer *p, const char *text);
void bl_json_put_string(struct bl_json_printer *p, const char *text, size_t length);

void bl_json_put_unsigned(struct bl_json_printer *p, uint64_t value);
void bl_json_put_signed(struct bl_json_printer *p, int64_t value);

/* The shortest decimal that reads back as the same double; not finite: null. */
void bl_json_put_double(struct bl_json_printer *p, double value);

/* A string holding the C99 hex float, "0x1.8p-3": exact and the same for every reader. */
void bl_json_put_hex(struct bl_json_printer *p, double value);

void bl_json_put_bool(struct bl_json_printer *p, bool value);
void bl_json_put_null(struct bl_json_printer *p);

/* A member, its key first. text NULL: null. */
void bl_json_member_text(struct bl_json_printer *p, const char *key, const char *text);
void bl_json_member_count(struct bl_json_printer *p, const char *key, uint64_t n);
void bl_json_member_double(struct bl_json_printer *p, const char *key, double value);

/* A member that holds a name, and behind it, where that is no UTF-8, all its bytes: key_hex. name
 * NULL: null. */
void bl_json_put_name(struct bl_json_printer *p, const char *key, const char *name);

/* Text that is JSON already. */
void bl_json_put_raw(struct bl_json_printer *p, const char *json, size_t length);

#endif
