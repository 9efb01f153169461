/* err.c - the error record. */
#include "err.h"

#include "utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define END 100    /* bytes that are kept of the end of a message that is too long */
#define GAP " ... " /* in place of its middle */

/* Length of the well-formed printable UTF-8 sequence at text, 0 where there is none. */
static size_t printable(const char *text, size_t left)
{
	const unsigned char first = (unsigned char)text[0];

	if (first < 0x20 || first == 0x7f)
		return 0;
	if (first == 0xc2 && left > 1 && (unsigned char)text[1] < 0xa0) /* C1 control characters */
		return 0;
	return bl_utf8(text, left);
}

/* bl_escape() that also tells how many bytes of text did fit. */
static size_t escape(char *buf, size_t cap, const char *text, size_t len, size_t *used_up)
{
	size_t at = 0, i = 0;

	while (i < len) {
		char piece[8];
		size_t n = printable(text + i, len - i), used = n ? n : 1;

		if (n)
			memcpy(piece, text + i, n);
		else if (text[i] == '\n')
			n = (size_t)snprintf(piece, sizeof piece, "\\n");
		else if (text[i] == '\t')
			n = (size_t)snprintf(piece, sizeof piece, "\\t");
		else
			n = (size_t)snprintf(piece, sizeof piece, "\\x%02x",
				(unsigned char)text[i]);
		if (at + n >= cap)
			break;
		memcpy(buf + at, piece, n);
		at += n;
		i += used;
	}
	buf[at] = '\0';
	*used_up = i;
	return at;
}

size_t bl_escape(char *buf, size_t cap, const char *text, size_t len)
{
	size_t used_up;

	return cap == 0 ? 0 : escape(buf, cap, text, len, &used_up);
}

/* Formats into raw, escapes from there into buf. What is said of a long path comes behind it; so
 * of what does not fit the middle is left out. */
BL_PRINTF(3, 0)
static size_t put(char *buf, size_t cap, const char *fmt, va_list args)
{
	char raw[3 * 4096], end[4 * END + 1];
	int printed = vsnprintf(raw, sizeof raw, fmt, args);
	size_t n = printed < 0 ? 0 : (size_t)printed, from, tail, at, used_up;

	if (n >= sizeof raw)
		n = sizeof raw - 1;
	at = escape(buf, cap, raw, n, &used_up);
	if (used_up == n || cap < 2 * sizeof end)
		return at;
	for (from = n - END; from < n && (raw[from] & 0xc0) == 0x80;)
		from++;
	tail = escape(end, sizeof end, raw + from, n - from, &used_up);
	at = escape(buf, cap - tail - strlen(GAP), raw, from, &used_up);
	return at + (size_t)snprintf(buf + at, cap - at, GAP "%s", end);
}

/* Puts text that needs no escaping at buf + at; what does not fit is cut at a whole character. */
static void append(char *buf, size_t cap, size_t at, const char *text)
{
	size_t n = strlen(text), room = cap - 1 - at;

	if (n > room)
		for (n = room; n > 0 && (text[n] & 0xc0) == 0x80;)
			n--;
	memcpy(buf + at, text, n);
	buf[at + n] = '\0';
}

int bl_fail(struct bl_err *err, enum bl_exit code, const char *fmt, ...)
{
	va_list args;

	err->code = code;
	err->errnum = 0;
	err->hint[0] = '\0';
	va_start(args, fmt);
	put(err->text, sizeof err->text, fmt, args);
	va_end(args);
	return -1;
}

int bl_fail_errno(struct bl_err *err, enum bl_exit code, int errnum, const char *fmt, ...)
{
	va_list args;
	size_t at;

	err->code = code;
	err->errnum = errnum;
	err->hint[0] = '\0';
	va_start(args, fmt);
	at = put(err->text, sizeof err->text - strlen(strerror(errnum)) - 2, fmt, args);
	va_end(args);
	append(err->text, sizeof err->text, at, ": ");
	append(err->text, sizeof err->text, strlen(err->text), strerror(errnum));
	if (errnum == EMFILE || errnum == ENFILE || errnum == ENOMEM)
		err->code = BL_LIMIT;
	return errnum == EMFILE ? bl_hint(err, "ulimit -n says how many may be open") : -1;
}

int bl_fail_silently(struct bl_err *err, enum bl_exit code)
{
	err->code = code;
	err->errnum = 0;
	err->text[0] = '\0';
	err->hint[0] = '\0';
	return -1;
}

int bl_go_on(const volatile sig_atomic_t *stop, struct bl_err *err)
{
	return stop && __atomic_load_n(stop, __ATOMIC_RELAXED) ? bl_fail_silently(err, BL_OK) : 0;
}

int bl_prefix(struct bl_err *err, const char *fmt, ...)
{
	char old[sizeof err->text];
	va_list args;
	size_t at, room;

	memcpy(old, err->text, sizeof old);
	room = sizeof old - strlen(old) - 2;
	if (room < sizeof old / 2 || room > sizeof old) /* it has a table */
		room = sizeof old / 2;
	va_start(args, fmt);
	at = put(err->text, room, fmt, args);
	va_end(args);
	append(err->text, sizeof err->text, at, ": ");
	append(err->text, sizeof err->text, strlen(err->text), old);
	return -1;
}

int bl_line(struct bl_err *err, const char *fmt, ...)
{
	size_t at = strlen(err->text);
	va_list args;

	if (at + 2 >= sizeof err->text)
		return -1;
	err->text[at++] = '\n';
	va_start(args, fmt);
	put(err->text + at, sizeof err->text - at, fmt, args);
	va_end(args);
	return -1;
}

int bl_hint(struct bl_err *err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	put(err->hint, sizeof err->hint, fmt, args);
	va_end(args);
	return -1;
}

int bl_fail_memory(struct bl_err *err, size_t bytes, const char *what)
{
	return bl_fail(err, BL_LIMIT, "out of memory (%zu bytes for %s)", bytes, what);
}
