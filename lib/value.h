/*
 * value.h - one value of an option from its text.
 *
 * The program stays in the C locale: a decimal point is a point.
 */
#ifndef BL_VALUE_H
#define BL_VALUE_H

#include "settings.h"

#define BL_NUMBER_TEXT 64 /* room for the text of any number, its unit and a NUL */

/*
 * One value. out->text is text itself. Messages begin with the text. Errors BL_USAGE: not of the
 * option's kind, out of its range, a unit that it does not take, not one of its words.
 */
int bl_value_parse(const struct bl_option_info *info, const char *text, struct bl_value *out,
	struct bl_err *err) BL_MUST_USE;

/* "", "%", "ckpt". */
const char *bl_unit_text(enum bl_unit unit);

/* Shortest decimal text of a finite number that reads back as the same. Returns buf. */
const char *bl_number_text(double number, char *buf, size_t cap);

/* A bound of an option as a person would write it: sizes with the largest binary unit of which
 * they are a whole number. Returns buf. */
const char *bl_bound_text(const struct bl_option_info *info, double bound, char *buf, size_t cap);

/* The decimal of at most precision significant digits that is nearest to a finite number. */
double bl_number_round(double number, int precision);

/*
 * Is candidate (len bytes) near enough to text to be what was meant, and nearer than what *best
 * stands for (SIZE_MAX at first)? Then *best is updated.
 */
bool bl_nearer(const char *text, const char *candidate, size_t len, size_t *best);

#endif
