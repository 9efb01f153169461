/* json_printer.c - writes JSON to a FILE. */
#include "json.h"

#include "text.h"
#include "utf8.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A line break and the blanks of the level, where the style has them. */
static void new_line(struct bl_json_printer *p)
{
	if (p->pretty)
		fprintf(p->to, "\n%*s", (int)(2 * p->depth), "");
}

/* What stands before a key or a value. */
static void separate(struct bl_json_printer *p)
{
	if (p->keyed) {
		p->keyed = false;
		return;
	}
	if (p->begun)
		putc(',', p->to);
	if (p->depth > 0)
		new_line(p);
	p->begun = true;
}

static void begin(struct bl_json_printer *p, char bracket)
{
	separate(p);
	putc(bracket, p->to);
	p->depth++;
	p->begun = false;
}

static void end(struct bl_json_printer *p, char bracket)
{
	p->depth--;
	if (p->begun)
		new_line(p);
	putc(bracket, p->to);
	p->begun = true;
}

void bl_json_begin_object(struct bl_json_printer *p)
{
	begin(p, '{');
}

void bl_json_end_object(struct bl_json_printer *p)
{
	end(p, '}');
}

void bl_json_begin_array(struct bl_json_printer *p)
{
	begin(p, '[');
}

void bl_json_end_array(struct bl_json_printer *p)
{
	end(p, ']');
}

/* One character of a string: an escape, a UTF-8 sequence, or U+FFFD for a stray byte. Returns the
 * bytes taken. */
static size_t put_piece(FILE *to, const char *s, size_t left)
{
	static const char plain[] = "\"\\\b\f\n\r\t", letter[] = "\"\\bfnrt";
	const char *known = s[0] ? strchr(plain, s[0]) : NULL;
	size_t n;

	if (known) {
		fprintf(to, "\\%c", letter[known - plain]);
		return 1;
	}
	if ((unsigned char)s[0] < 0x20) {
		fprintf(to, "\\u%04x", (unsigned)(unsigned char)s[0]);
		return 1;
	}
	n = bl_utf8(s, left);
	if (n == 0) {
		fputs("\xef\xbf\xbd", to);
		return 1;
	}
	fwrite(s, 1, n, to);
	return n;
}

/* ASCII that stands for itself at the start of s. */
static size_t plain_run(const char *s, size_t left)
{
	size_t n = 0;

	for (; n < left; n++) {
		const unsigned char c = (unsigned char)s[n];

		if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\')
			break;
	}
	return n;
}

static void put_quoted(FILE *to, const char *text, size_t length)
{
	putc('"', to);
	for (size_t i = 0; i < length;) {
		const size_t n = plain_run(text + i, length - i);

		fwrite(text + i, 1, n, to);
		i += n;
		if (i < length)
			i += put_piece(to, text + i, length - i);
	}
	putc('"', to);
}

void bl_json_key(struct bl_json_printer *p, const char *key)
{
	separate(p);
	put_quoted(p->to, key, strlen(key));
	fputs(p->pretty ? ": " : ":", p->to);
	p->keyed = true;
}

void bl_json_put_string(struct bl_json_printer *p, const char *text, size_t length)
{
	separate(p);
	put_quoted(p->to, text, length);
}

void bl_json_put_text(struct bl_json_printer *p, const char *text)
{
	bl_json_put_string(p, text, strlen(text));
}

void bl_json_put_unsigned(struct bl_json_printer *p, uint64_t value)
{
	separate(p);
	fprintf(p->to, "%" PRIu64, value);
}

void bl_json_put_signed(struct bl_json_printer *p, int64_t value)
{
	separate(p);
	fprintf(p->to, "%" PRId64, value);
}

void bl_json_put_double(struct bl_json_printer *p, double value)
{
	char text[32];

	if (!isfinite(value)) {
		bl_json_put_null(p);
		return;
	}
	separate(p);
	if (fabs(value) < 1e15 && rint(value) == value) {
		fprintf(p->to, "%.0f", value); /* 100000 rather than 1e+05 */
		return;
	}
	for (int digits = 1; digits <= 17; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	fputs(text, p->to);
}

void bl_json_put_hex(struct bl_json_printer *p, double value)
{
	char text[BL_TEXT];

	separate(p);
	fprintf(p->to, "\"%s\"", bl_text_hex(value, text, sizeof text));
}

void bl_json_put_bool(struct bl_json_printer *p, bool value)
{
	separate(p);
	fputs(value ? "true" : "false", p->to);
}

void bl_json_put_null(struct bl_json_printer *p)
{
	separate(p);
	fputs("null", p->to);
}

void bl_json_put_raw(struct bl_json_printer *p, const char *json, size_t length)
{
	separate(p);
	fwrite(json, 1, length, p->to);
}

void bl_json_member_text(struct bl_json_printer *p, const char *key, const char *text)
{
	bl_json_key(p, key);
	if (text)
		bl_json_put_text(p, text);
	else
		bl_json_put_null(p);
}

void bl_json_member_count(struct bl_json_printer *p, const char *key, uint64_t n)
{
	bl_json_key(p, key);
	bl_json_put_unsigned(p, n);
}

void bl_json_member_double(struct bl_json_printer *p, const char *key, double value)
{
	bl_json_key(p, key);
	bl_json_put_double(p, value);
}

void bl_json_put_name(struct bl_json_printer *p, const char *key, const char *name)
{
	char hex_key[32];

	bl_json_member_text(p, key, name);
	if (!name || bl_is_utf8(name))
		return;
	snprintf(hex_key, sizeof hex_key, "%s_hex", key);
	bl_json_key(p, hex_key);
	separate(p);
	putc('"', p->to);
	for (; *name; name++)
		fprintf(p->to, "%02x", (unsigned char)*name);
	putc('"', p->to);
}
