/* text.c - sizes, times and names as a person reads them. */
#include "text.h"

#include "err.h"
#include "utf8.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* A size in the largest unit of which it has at least one, to three digits or two. */
static const char *scaled(
	double n, double base, const char *const *unit, size_t units, char *buf, size_t cap)
{
	size_t u = 0;

	while (u + 1 < units && n >= base - 0.5) {
		n /= base;
		u++;
	}
	snprintf(buf, cap, "%.*f %s", u > 0 && n < 99.95 ? 1 : 0, n, unit[u]);
	return buf;
}

const char *bl_text_bytes(double bytes, char *buf, size_t cap)
{
	static const char *const unit[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};

	return scaled(bytes, 1000, unit, sizeof unit / sizeof unit[0], buf, cap);
}

const char *bl_text_memory(double bytes, char *buf, size_t cap)
{
	static const char *const unit[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

	return scaled(bytes, 1024, unit, sizeof unit / sizeof unit[0], buf, cap);
}

const char *bl_text_seconds(double seconds, char *buf, size_t cap)
{
	const double whole = floor(seconds + 0.5);

	if (seconds < 9.995)
		snprintf(buf, cap, "%.2f s", seconds);
	else if (seconds < 59.95)
		snprintf(buf, cap, "%.1f s", seconds);
	else if (whole < 3600)
		snprintf(buf, cap, "%.0f min %02.0f s", floor(whole / 60), fmod(whole, 60));
	else
		snprintf(buf, cap, "%.0f h %02.0f min", floor(whole / 3600),
			floor(fmod(whole, 3600) / 60));
	return buf;
}

const char *bl_text_clock(double seconds, char *buf, size_t cap)
{
	const double whole = ceil(seconds);

	if (!(whole < 99 * 3600))
		snprintf(buf, cap, "99 h or more");
	else if (whole < 3600)
		snprintf(buf, cap, "%.0f:%02.0f", floor(whole / 60), fmod(whole, 60));
	else
		snprintf(buf, cap, "%.0f:%02.0f:%02.0f", floor(whole / 3600),
			floor(fmod(whole, 3600) / 60), fmod(whole, 60));
	return buf;
}

/* Drops the zeros that close a decimal fraction, and a point that nothing follows. */
static void drop_zeros(char *buf)
{
	size_t n = strlen(buf);

	if (!strchr(buf, '.'))
		return;
	while (buf[n - 1] == '0')
		n--;
	if (buf[n - 1] == '.')
		n--;
	buf[n] = '\0';
}

const char *bl_text_number(double number, int digits, char *buf, size_t cap)
{
	char rounded[BL_TEXT];
	int exponent;

	/* As the rounded number has it: 9.99996 to five digits is 10. */
	snprintf(rounded, sizeof rounded, "%.*e", digits - 1, number);
	if (!isfinite(number) || sscanf(strchr(rounded, 'e') + 1, "%d", &exponent) != 1)
		exponent = -999;
	if (number == 0)
		snprintf(buf, cap, "0");
	else if (exponent < -4 || exponent >= 15)
		snprintf(buf, cap, "%.*g", digits, number);
	else {
		snprintf(buf, cap, "%.*f", exponent >= digits - 1 ? 0 : digits - 1 - exponent,
			number);
		drop_zeros(buf);
	}
	return buf;
}

/* printf's %a leaves the first digit to the C library, and they differ below the normal range. */
const char *bl_text_hex(double number, char *buf, size_t cap)
{
	const char *sign = signbit(number) ? "-" : "";
	char digit[14];
	size_t n = 13;
	int exponent;

	if (isnan(number) || isinf(number)) {
		snprintf(buf, cap, "%s", isnan(number) ? "nan" : number < 0 ? "-inf" : "inf");
		return buf;
	}
	if (number == 0) {
		snprintf(buf, cap, "%s0x0p+0", sign);
		return buf;
	}
	number = 2 * frexp(fabs(number), &exponent) - 1; /* 0 <= number < 1, 52 bits */
	snprintf(digit, sizeof digit, "%013" PRIx64, (uint64_t)ldexp(number, 52));
	while (n > 0 && digit[n - 1] == '0')
		n--;
	snprintf(buf, cap, "%s0x1%s%.*sp%+d", sign, n ? "." : "", (int)n, digit, exponent - 1);
	return buf;
}

const char *bl_text_s(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static bool continues(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

size_t bl_text_columns(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += !continues(*text);
	return n;
}

const char *bl_text_fit(const char *name, size_t columns, char *buf, size_t cap)
{
	const size_t length = strlen(name);
	size_t from = 0, width;

	/* What is far from the end need not be escaped to be cut. */
	if (length > columns) {
		size_t characters = 0;

		for (from = length; from > 0 && characters <= columns; from--)
			characters +=
				!continues(name[from - 1]) || length - from >= 4 * columns + 4;
		while (from > 0 && continues(name[from]))
			from++;
	}
	bl_escape(buf, cap, name + from, length - from);
	width = bl_text_columns(buf);
	if (from == 0 && width <= columns)
		return buf;
	for (from = 0; width > columns - 3; width--)
		do
			from++;
		while (continues(buf[from]));
	memmove(buf + 3, buf + from, strlen(buf + from) + 1);
	memcpy(buf, "...", 3);
	return buf;
}

void bl_text_wrap(FILE *to, const char *lead, size_t indent, size_t columns, const char *text)
{
	size_t at = bl_text_columns(lead);

	fputs(lead, to);
	for (bool first = true; *text; first = false) {
		const size_t n = strcspn(text, " ");

		if (!first && at + 1 + n > columns) {
			fprintf(to, "\n%*s", (int)indent, "");
			at = indent;
		} else if (!first) {
			putc(' ', to);
			at++;
		}
		fwrite(text, 1, n, to);
		at += n;
		text += n + strspn(text + n, " ");
	}
	putc('\n', to);
}

size_t bl_text_put(FILE *to, const char *text)
{
	size_t left = strlen(text), columns = 0;

	while (left > 0) {
		const size_t whole = bl_utf8(text, left), n = whole ? whole : 1;
		char character[8];

		bl_escape(character, sizeof character, text, n);
		if (to)
			fputs(character, to);
		columns += bl_text_columns(character);
		text += n;
		left -= n;
	}
	return columns;
}

void bl_text_fact(FILE *to, size_t columns, const char *word, const char *text)
{
	char lead[BL_TEXT_INDENT + 1];

	if (!*text)
		return;
	snprintf(lead, sizeof lead, "%-*s", BL_TEXT_INDENT, word);
	bl_text_wrap(to, lead, BL_TEXT_INDENT, columns, text);
}

void bl_text_cell(FILE *to, const char *text)
{
	size_t left = text ? strlen(text) : 0;

	if (left == 0)
		fputs(BL_TEXT_NONE, to);
	while (left > 0) {
		const size_t whole = bl_utf8(text, left), n = whole ? whole : 1;
		char character[8];

		bl_escape(character, sizeof character, text, n);
		fputs(*text == '\\' ? "\\\\" : character, to);
		text += n;
		left -= n;
	}
}
