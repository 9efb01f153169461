/* json.c - a bounded pull scanner and a small printer. */
#include "json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What may come next. */
enum expect {
	VALUE,      /* a value */
	FIRST_ITEM, /* a value or ] */
	FIRST_KEY,  /* a key or } */
	NEXT_KEY,   /* a key */
	BEHIND      /* , or the end of what is open; at depth 0 the end of the text */
};

void bl_json_init(struct bl_json *j, const char *text, size_t length)
{
	memset(j, 0, sizeof *j);
	j->text = text;
	j->length = length;
	j->expect = VALUE;
}

size_t bl_utf8(const char *text, size_t left)
{
	/* The well-formed sequences of the Unicode standard, table 3-7. */
	static const struct {
		unsigned char lead_min, lead_max, second_min, second_max, length;
	} form[] = {
		{0x00, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2},
		{0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
		{0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
		{0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4},
		{0xf4, 0xf4, 0x80, 0x8f, 4},
	};
	const unsigned char *s = (const unsigned char *)text;
	size_t f = 0;

	while (f < sizeof form / sizeof form[0] && s[0] > form[f].lead_max)
		f++;
	if (f == sizeof form / sizeof form[0] || s[0] < form[f].lead_min || left < form[f].length)
		return 0;
	if (form[f].length > 1 && (s[1] < form[f].second_min || s[1] > form[f].second_max))
		return 0;
	for (size_t i = 2; i < form[f].length; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return form[f].length;
}

bool bl_is_utf8(const char *text)
{
	for (size_t left = strlen(text), n; left > 0; text += n, left -= n) {
		n = bl_utf8(text, left);
		if (n == 0)
			return false;
	}
	return true;
}

/* Fails at byte at, saying what was expected and what stands there. */
static enum bl_json_token fail_at(const struct bl_json *j, size_t at, const char *wanted,
	struct bl_err *err)
{
	char found[16];
	size_t n;

	if (at >= j->length)
		return bl_fail(err, BL_INPUT, "byte %zu: it ends where %s should be", at, wanted);
	n = bl_utf8(j->text + at, j->length - at);
	if (n == 3 && memcmp(j->text + at, "\xef\xbb\xbf", 3) == 0)
		return bl_fail(err, BL_INPUT,
			"byte %zu: a byte order mark stands where %s should be", at, wanted);
	bl_escape(found, sizeof found, j->text + at, n ? n : 1);
	return bl_fail(err, BL_INPUT, "byte %zu: '%s' stands where %s should be", at, found,
		wanted);
}

static void skip_blanks(struct bl_json *j)
{
	while (j->at < j->length && (j->text[j->at] == ' ' || j->text[j->at] == '\n' ||
		j->text[j->at] == '\t' || j->text[j->at] == '\r'))
		j->at++;
}

static bool in_object(const struct bl_json *j)
{
	return j->depth > 0 && j->object[j->depth / 64] >> j->depth % 64 & 1;
}

/* The value of four hex digits at s, -1 where they are none. */
static long hex4(const char *s, size_t left)
{
	long value = 0;

	if (left < 4)
		return -1;
	for (size_t i = 0; i < 4; i++) {
		const char c = s[i];

		if (c >= '0' && c <= '9')
			value = value * 16 + (c - '0');
		else if (c >= 'a' && c <= 'f')
			value = value * 16 + (c - 'a' + 10);
		else if (c >= 'A' && c <= 'F')
			value = value * 16 + (c - 'A' + 10);
		else
			return -1;
	}
	return value;
}

/*
 * The character that the escape at s (behind its backslash) stands for, and in *used the bytes
 * taken. -1 where it is no escape; half a surrogate pair is none.
 */
static long unescape(const char *s, size_t left, size_t *used)
{
	static const char letter[] = "\"\\/bfnrt", meaning[] = "\"\\/\b\f\n\r\t";
	const char *known = left > 0 && s[0] ? strchr(letter, s[0]) : NULL;
	long high, low;

	*used = 1;
	if (known)
		return meaning[known - letter];
	if (left == 0 || s[0] != 'u')
		return -1;
	*used = 5;
	high = hex4(s + 1, left - 1);
	if (high < 0xd800 || high > 0xdfff)
		return high;
	if (high > 0xdbff || left < 11 || s[5] != '\\' || s[6] != 'u')
		return -1;
	*used = 11;
	low = hex4(s + 7, left - 7);
	return low < 0xdc00 || low > 0xdfff ? -1 : 0x10000 + ((high - 0xd800) << 10) + low - 0xdc00;
}

/* Writes a character as UTF-8; returns its bytes, at most 4. */
static size_t put_utf8(char *buf, long c)
{
	static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
	const size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	for (size_t i = n - 1; i > 0; i--, c >>= 6)
		buf[i] = (char)(0x80 | (c & 0x3f));
	buf[0] = (char)((unsigned char)c | lead[n]);
	return n;
}

/* What is wrong with the escape at j->at. */
static int fail_escape(const struct bl_json *j, struct bl_err *err)
{
	const size_t left = j->length - j->at;

	if (left > 2 && j->text[j->at + 1] == 'u' && hex4(j->text + j->at + 2, left - 2) >= 0)
		return bl_fail(err, BL_INPUT, "byte %zu: half of a surrogate pair", j->at);
	return bl_fail(err, BL_INPUT, "byte %zu: an escape that JSON does not know", j->at);
}

/* Reads a string whose opening quote is at j->at. */
static int scan_string(struct bl_json *j, struct bl_err *err)
{
	const size_t quote = j->at++;

	j->start = j->at;
	j->escaped = false;
	while (j->at < j->length && j->text[j->at] != '"') {
		const unsigned char c = (unsigned char)j->text[j->at];
		size_t n = 1;

		if (c == '\\') {
			j->escaped = true;
			if (unescape(j->text + j->at + 1, j->length - j->at - 1, &n) < 0)
				return fail_escape(j, err);
			n++;
		} else if (c < 0x20) {
			return bl_fail(err, BL_INPUT,
				"byte %zu: a control character (0x%02x) in a string", j->at, c);
		} else if (c >= 0x80) {
			n = bl_utf8(j->text + j->at, j->length - j->at);
			if (n == 0)
				return bl_fail(err, BL_INPUT, "byte %zu: not valid UTF-8", j->at);
		}
		j->at += n;
	}
	if (j->at >= j->length)
		return bl_fail(err, BL_INPUT, "byte %zu: a string that never ends", quote);
	j->size = j->at++ - j->start;
	return 0;
}

/* Steps over digits; false when there is none. */
static bool scan_digits(struct bl_json *j)
{
	const size_t from = j->at;

	while (j->at < j->length && j->text[j->at] >= '0' && j->text[j->at] <= '9')
		j->at++;
	return j->at > from;
}

/* Puts the magnitude of the literal's digits into j->integer; false when 64 bits do not hold it. */
static bool whole(struct bl_json *j)
{
	uint64_t value = 0;

	for (size_t i = j->start + j->negative; i < j->at; i++)
		if (__builtin_mul_overflow(value, UINT64_C(10), &value) ||
			__builtin_add_overflow(value, (uint64_t)(j->text[i] - '0'), &value))
			return false;
	j->integer = value;
	return !j->negative || (value > 0 && value <= UINT64_C(1) << 63);
}

/* The grammar of a number at j->at; *integer tells whether it has neither point nor exponent. */
static int scan_literal(struct bl_json *j, bool *integer, struct bl_err *err)
{
	j->start = j->at;
	j->negative = j->text[j->at] == '-';
	j->at += j->negative;
	*integer = true;
	if (j->at < j->length && j->text[j->at] == '0') {
		j->at++;
		if (j->at < j->length && j->text[j->at] >= '0' && j->text[j->at] <= '9')
			return bl_fail(err, BL_INPUT, "byte %zu: a number with a leading zero",
				j->start);
	} else if (!scan_digits(j)) {
		return fail_at(j, j->at, "a digit", err);
	}
	if (j->at < j->length && j->text[j->at] == '.') {
		*integer = false;
		j->at++;
		if (!scan_digits(j))
			return fail_at(j, j->at, "a digit", err);
	}
	if (j->at < j->length && (j->text[j->at] == 'e' || j->text[j->at] == 'E')) {
		*integer = false;
		j->at++;
		if (j->at < j->length && (j->text[j->at] == '+' || j->text[j->at] == '-'))
			j->at++;
		if (!scan_digits(j))
			return fail_at(j, j->at, "a digit", err);
	}
	j->size = j->at - j->start;
	return 0;
}

static enum bl_json_token scan_number(struct bl_json *j, struct bl_err *err)
{
	bool integer;

	if (scan_literal(j, &integer, err) < 0)
		return BL_JSON_FAIL;
	if (integer && whole(j))
		return BL_JSON_INTEGER;
	if (j->size > BL_JSON_NUMBER)
		return bl_fail(err, BL_INPUT, "byte %zu: a number of more than %d characters",
			j->start, BL_JSON_NUMBER);
	if (isinf(bl_json_number(j)))
		return bl_fail(err, BL_INPUT, "byte %zu: a number that no double can hold",
			j->start);
	return BL_JSON_FLOAT;
}

/* true, false, null. */
static enum bl_json_token scan_word(struct bl_json *j, struct bl_err *err)
{
	static const char *const word[] = {"true", "false", "null"};

	for (size_t i = 0; i < sizeof word / sizeof word[0]; i++) {
		const size_t n = strlen(word[i]);

		if (j->length - j->at < n || memcmp(j->text + j->at, word[i], n) != 0)
			continue;
		j->start = j->at;
		j->size = n;
		j->at += n;
		return (enum bl_json_token)(BL_JSON_TRUE + (int)i);
	}
	return fail_at(j, j->at, "a value", err);
}

static enum bl_json_token open_level(struct bl_json *j, bool object, struct bl_err *err)
{
	uint64_t bit;

	if (j->depth + 1 >= BL_JSON_DEPTH)
		return bl_fail(err, BL_INPUT, "byte %zu: nested deeper than %d levels", j->at,
			BL_JSON_DEPTH - 1);
	j->depth++;
	bit = UINT64_C(1) << j->depth % 64;
	if (object)
		j->object[j->depth / 64] |= bit;
	else
		j->object[j->depth / 64] &= ~bit;
	j->at++;
	j->expect = object ? FIRST_KEY : FIRST_ITEM;
	return object ? BL_JSON_OBJECT : BL_JSON_ARRAY;
}

static enum bl_json_token close_level(struct bl_json *j)
{
	const bool object = in_object(j);

	j->at++;
	j->depth--;
	j->expect = BEHIND;
	return object ? BL_JSON_OBJECT_END : BL_JSON_ARRAY_END;
}

static enum bl_json_token scan_key(struct bl_json *j, struct bl_err *err)
{
	if (j->at >= j->length || j->text[j->at] != '"')
		return fail_at(j, j->at, "a key in quotes", err);
	if (scan_string(j, err) < 0)
		return BL_JSON_FAIL;
	skip_blanks(j);
	if (j->at >= j->length || j->text[j->at] != ':')
		return fail_at(j, j->at, "a colon", err);
	j->at++;
	j->expect = VALUE;
	return BL_JSON_KEY;
}

static enum bl_json_token scan_value(struct bl_json *j, struct bl_err *err)
{
	const char c = j->at < j->length ? j->text[j->at] : '\0';

	if (c == '{' || c == '[')
		return open_level(j, c == '{', err);
	j->expect = BEHIND;
	if (c == '"')
		return scan_string(j, err) < 0 ? BL_JSON_FAIL : BL_JSON_STRING;
	if (c == '-' || (c >= '0' && c <= '9'))
		return scan_number(j, err);
	return scan_word(j, err);
}

enum bl_json_token bl_json_next(struct bl_json *j, struct bl_err *err)
{
	char closing;

	skip_blanks(j);
	if (j->depth == 0 && j->expect == BEHIND)
		return j->at == j->length ? BL_JSON_END : fail_at(j, j->at, "nothing more", err);
	closing = in_object(j) ? '}' : ']';
	if (j->expect == BEHIND || j->expect == FIRST_KEY || j->expect == FIRST_ITEM)
		if (j->at < j->length && j->text[j->at] == closing)
			return close_level(j);
	if (j->expect == BEHIND) {
		if (j->at >= j->length || j->text[j->at] != ',')
			return fail_at(j, j->at, closing == '}' ? "',' or '}'" : "',' or ']'", err);
		j->at++;
		skip_blanks(j);
		j->expect = closing == '}' ? NEXT_KEY : VALUE;
	}
	return j->expect == FIRST_KEY || j->expect == NEXT_KEY ? scan_key(j, err) :
		scan_value(j, err);
}

int bl_json_skip(struct bl_json *j, struct bl_err *err)
{
	unsigned outer;

	if (j->expect != FIRST_KEY && j->expect != FIRST_ITEM)
		return 0;
	outer = j->depth - 1;
	while (j->depth > outer)
		if (bl_json_next(j, err) == BL_JSON_FAIL)
			return -1;
	return 0;
}

/* Takes the next character of the last KEY or STRING, whose bytes from *i on are left. */
static size_t take(const struct bl_json *j, size_t *i, char *piece)
{
	const char *s = j->text + j->start;
	size_t used;
	long c;

	if (s[*i] != '\\') {
		piece[0] = s[(*i)++];
		return 1;
	}
	c = unescape(s + *i + 1, j->size - *i - 1, &used);
	*i += 1 + used;
	return put_utf8(piece, c);
}

size_t bl_json_text(const struct bl_json *j, char *buf)
{
	size_t n = 0;

	if (!j->escaped) {
		memcpy(buf, j->text + j->start, j->size);
		n = j->size;
	} else {
		/* No character is longer than its escape, so buf has room. */
		for (size_t i = 0; i < j->size;)
			n += take(j, &i, buf + n);
	}
	buf[n] = '\0';
	return n;
}

bool bl_json_is(const struct bl_json *j, const char *word)
{
	size_t i = 0;

	for (; i < j->size && *word; word++) {
		char piece[4];

		if (take(j, &i, piece) != 1 || piece[0] != *word)
			return false;
	}
	return i == j->size && !*word;
}

double bl_json_number(const struct bl_json *j)
{
	char literal[BL_JSON_NUMBER + 1];
	const size_t n = j->size < BL_JSON_NUMBER ? j->size : BL_JSON_NUMBER;

	memcpy(literal, j->text + j->start, n);
	literal[n] = '\0';
	return strtod(literal, NULL);
}

const char *bl_json_word(enum bl_json_token token)
{
	static const char *const word[] = {
		[BL_JSON_END] = "the end", [BL_JSON_OBJECT] = "an object",
		[BL_JSON_OBJECT_END] = "the end of an object", [BL_JSON_KEY] = "a key",
		[BL_JSON_ARRAY] = "an array", [BL_JSON_ARRAY_END] = "the end of an array",
		[BL_JSON_STRING] = "a string", [BL_JSON_INTEGER] = "an integer",
		[BL_JSON_FLOAT] = "a number that is no integer", [BL_JSON_TRUE] = "true",
		[BL_JSON_FALSE] = "false", [BL_JSON_NULL] = "null",
	};

	return token < 0 ? "nothing" : word[token];
}
