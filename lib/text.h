/*
 * text.h - sizes, times and names as a person reads them.
 *
 * All write to buf (cap bytes, always terminated) and return it. BL_TEXT bytes are enough where no
 * other size is named.
 */
#ifndef BL_TEXT_H
#define BL_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define BL_TEXT 32
#define BL_TEXT_FIT(columns) (16 * (columns) + 24) /* stray bytes become four characters each */

/* Bytes of a file or a rate: "0 B", "40.2 kB", "1.6 MB", powers of 1000. */
const char *bl_text_bytes(double bytes, char *buf, size_t cap);

/* Bytes of memory: "3.1 MiB", powers of 1024. */
const char *bl_text_memory(double bytes, char *buf, size_t cap);

/* A span of seconds: "0.02 s", "12.3 s", "3 min 20 s", "2 h 05 min". */
const char *bl_text_seconds(double seconds, char *buf, size_t cap);

/* A clock that counts down: "0:05", "12:00", "1:02:03", "99 h or more". */
const char *bl_text_clock(double seconds, char *buf, size_t cap);

/* A number to at most digits (1..15) significant digits, without an exponent from 1e-4 to 1e15, and
 * without closing zeros: "69.3147", "1000000", "3.9e-09". */
const char *bl_text_number(double number, int digits, char *buf, size_t cap);

/* A double as C99's hexadecimal float, exact and the same on every machine: "0x1.8p-3", "0x0p+0",
 * also below the normal range: "0x1p-1074". Not finite: "nan", "inf", "-inf". */
const char *bl_text_hex(double number, char *buf, size_t cap);

/* What makes a noun a plural: "" after one, else "s". */
const char *bl_text_s(uint64_t n);

/* The end of a name that fits into columns (at least 4) columns, "..." before it where it was cut;
 * escaped as bl_escape does. A character counts as one column. cap: BL_TEXT_FIT(columns). */
const char *bl_text_fit(const char *name, size_t columns, char *buf, size_t cap);

/* Columns of a text without control characters. */
size_t bl_text_columns(const char *text);

/* Writes a lead and a text, and a line break; in lines of at most columns, broken at blanks, each
 * further one behind indent blanks. */
void bl_text_wrap(FILE *to, const char *lead, size_t indent, size_t columns, const char *text);

/* A word, and from the column BL_TEXT_INDENT on what is said of it, in lines of at most columns
 * that are broken at blanks; nothing where nothing is said. */
#define BL_TEXT_INDENT 13
void bl_text_fact(FILE *to, size_t columns, const char *word, const char *text);

/* Writes a text of any length, escaped as bl_escape does; NULL: nowhere. Returns its columns. */
size_t bl_text_put(FILE *to, const char *text);

/* A cell of a table for programs: in it a tab is \t, the end of a line \n, a backslash \\, other
 * control characters and bytes that are no UTF-8 are \xNN; NULL and "" are BL_TEXT_NONE. */
#define BL_TEXT_NONE "NA"
void bl_text_cell(FILE *to, const char *text);

#endif
