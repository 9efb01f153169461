/* test_json.c - the JSON scanner. */
#include "json.h"

#include "suite.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A text that comes step bytes at a time. Each piece is a block of its own, as long as what is in
 * it, so that who looks behind its end or at what is gone is found out. */
struct pieces {
	struct bl_json json; /* the first member */
	const char *whole;
	size_t length, end, step;
	char *piece;
};

static bool more(struct bl_json *j)
{
	struct pieces *p = (struct pieces *)j;
	const size_t from = j->before + j->start;

	if (p->end == p->length)
		return false;
	p->end = p->length - p->end < p->step ? p->length : p->end + p->step;
	free(p->piece);
	j->length = p->end - from;
	p->piece = malloc(j->length);
	memcpy(p->piece, p->whole + from, j->length);
	j->text = p->piece;
	j->before = from;
	j->at -= j->start;
	j->start = 0;
	return true;
}

/* The tokens of a scan as letters; the message is left in err. */
static void scan(struct bl_json *j, char out[512], struct bl_err *err)
{
	static const char letter[] = ".{}K[]SIFtfn";
	size_t n = 0;

	memset(err, 0, sizeof *err);
	for (;;) {
		const enum bl_json_token t = bl_json_next(j, err);

		ck_assert_uint_lt(n, 510);
		out[n++] = t == BL_JSON_FAIL ? '!' : letter[t];
		if (t == BL_JSON_FAIL || t == BL_JSON_END)
			break;
	}
	out[n] = '\0';
}

/* Scans text to its end, as a whole and in pieces of 1 to 13 bytes, which must make no difference.
 * Returns the tokens. */
static const char *tokens(const char *text, size_t length, struct bl_err *err)
{
	static char out[512];
	struct bl_json j;

	bl_json_init(&j, text, length);
	scan(&j, out, err);
	for (size_t step = 1; step <= 13; step++) {
		struct pieces p = {.whole = text, .length = length, .step = step};
		struct bl_err other;
		char again[512];

		bl_json_init(&p.json, "", 0);
		p.json.more = more;
		scan(&p.json, again, &other);
		ck_assert_str_eq(again, out);
		ck_assert_str_eq(other.text, err->text);
		free(p.piece);
	}
	return out;
}

START_TEST(accepts)
{
	static const struct {
		const char *text, *tokens;
	} ok[] = {
		{"{}", "{}."},
		{" \t\r\n[ ] ", "[]."},
		{"null", "n."},
		{"true", "t."},
		{"[true,false , null]", "[tfn]."},
		{"{\"a\":1,\"b\" : [2.5,{}], \"\":\"\"}", "{KIK[F{}]KS}."},
		{"[[],[[]],{\"a\":{\"b\":[]}}]", "[[][[]]{K{K[]}}]."},
		{"[0,-1,1e5,1E+5,1e-5,0.5,-0.0,-0,10]", "[IIFFFFFFI]."},
		{"\"\x7f/\xc2\x80\xed\x9f\xbf\xf4\x8f\xbf\xbf\"", "S."},
	};
	struct bl_err err;

	for (size_t i = 0; i < sizeof ok / sizeof ok[0]; i++)
		ck_assert_str_eq(tokens(ok[i].text, strlen(ok[i].text), &err), ok[i].tokens);
}
END_TEST

/* What is refused, and why. */
static const struct {
	const char *text, *message;
} bad[] = {
	{"", "byte 0: it ends where a value should be"},
	{"  ", "byte 2: it ends where a value should be"},
	{"{", "byte 1: it ends where a key in quotes should be"},
	{"[", "byte 1: it ends where a value should be"},
	{"[1", "byte 2: it ends where ',' or ']' should be"},
	{"{\"a\":1", "byte 6: it ends where ',' or '}' should be"},
	{"{\"a\"", "byte 4: it ends where a colon should be"},
	{"{\"a\":", "byte 5: it ends where a value should be"},
	{"[1,]", "byte 3: ']' stands where a value should be"},
	{"[,1]", "byte 1: ',' stands where a value should be"},
	{"[1 2]", "byte 3: '2' stands where ',' or ']' should be"},
	{"{\"a\":1,}", "byte 7: '}' stands where a key in quotes should be"},
	{"{,}", "byte 1: ',' stands where a key in quotes should be"},
	{"{a:1}", "byte 1: 'a' stands where a key in quotes should be"},
	{"{'a':1}", "byte 1: ''' stands where a key in quotes should be"},
	{"{1:1}", "byte 1: '1' stands where a key in quotes should be"},
	{"{\"a\" 1}", "byte 5: '1' stands where a colon should be"},
	{"{\"a\" \xc3\xa9}", "byte 5: '\xc3\xa9' stands where a colon should be"},
	{"[}", "byte 1: '}' stands where a value should be"},
	{"{]", "byte 1: ']' stands where a key in quotes should be"},
	{"[1}", "byte 2: '}' stands where ',' or ']' should be"},
	{"]", "byte 0: ']' stands where a value should be"},
	{"{}{}", "byte 2: '{' stands where nothing more should be"},
	{"1 x", "byte 2: 'x' stands where nothing more should be"},
	{"[]\f", "byte 2: '\\x0c' stands where nothing more should be"},
	{"\v1", "byte 0: '\\x0b' stands where a value should be"},
	{"\xef\xbb\xbf{}", "byte 0: a byte order mark stands where a value should be"},
	{"\xff", "byte 0: '\\xff' stands where a value should be"},
	{"//x\n1", "byte 0: '/' stands where a value should be"},
	{"1/**/", "byte 1: '/' stands where nothing more should be"},
	{"nul", "byte 0: 'n' stands where a value should be"},
	{"nulL", "byte 0: 'n' stands where a value should be"},
	{"True", "byte 0: 'T' stands where a value should be"},
	{"truely", "byte 4: 'l' stands where nothing more should be"},
	{"NaN", "byte 0: 'N' stands where a value should be"},
	{"Infinity", "byte 0: 'I' stands where a value should be"},
	{"-Infinity", "byte 1: 'I' stands where a digit should be"},
	{"+1", "byte 0: '+' stands where a value should be"},
	{"-", "byte 1: it ends where a digit should be"},
	{"01", "byte 0: a number with a leading zero"},
	{"[-01]", "byte 1: a number with a leading zero"},
	{"0x10", "byte 1: 'x' stands where nothing more should be"},
	{".5", "byte 0: '.' stands where a value should be"},
	{"1.", "byte 2: it ends where a digit should be"},
	{"1.e3", "byte 2: 'e' stands where a digit should be"},
	{"1e", "byte 2: it ends where a digit should be"},
	{"1e+", "byte 3: it ends where a digit should be"},
	{"1e400", "byte 0: a number that no double can hold"},
	{"-1e309", "byte 0: a number that no double can hold"},
	{"\"", "byte 0: a string that never ends"},
	{"[\"a", "byte 1: a string that never ends"},
	{"\"\\\"", "byte 0: a string that never ends"},
	{"\"\\", "byte 1: an escape that JSON does not know"},
	{"\"\\x\"", "byte 1: an escape that JSON does not know"},
	{"\"\\'\"", "byte 1: an escape that JSON does not know"},
	{"\"\\U0041\"", "byte 1: an escape that JSON does not know"},
	{"\"\\u\"", "byte 1: an escape that JSON does not know"},
	{"\"\\u004\"", "byte 1: an escape that JSON does not know"},
	{"\"\\u00g0\"", "byte 1: an escape that JSON does not know"},
	{"\"\\ud800\"", "byte 1: half of a surrogate pair"},
	{"\"\\udbff\"", "byte 1: half of a surrogate pair"},
	{"\"\\udc00\"", "byte 1: half of a surrogate pair"},
	{"\"\\udfff\"", "byte 1: half of a surrogate pair"},
	{"\"\\ud800\\ue000\"", "byte 1: half of a surrogate pair"},
	{"\"\\ud800\\ud800\"", "byte 1: half of a surrogate pair"},
	{"\"\\ud800\\n\"", "byte 1: half of a surrogate pair"},
	{"\"\\ud800\\u0041\"", "byte 1: half of a surrogate pair"},
	{"\"\\udc00\\ud800\"", "byte 1: half of a surrogate pair"},
	{"\"a\tb\"", "byte 2: a control character (0x09) in a string"},
	{"\"a\nb\"", "byte 2: a control character (0x0a) in a string"},
	{"\"\x1f\"", "byte 1: a control character (0x1f) in a string"},
	{"\"\x80\"", "byte 1: not valid UTF-8"},             /* a stray continuation */
	{"\"\xc0\x80\"", "byte 1: not valid UTF-8"},         /* overlong */
	{"\"\xc1\xbf\"", "byte 1: not valid UTF-8"},         /* overlong */
	{"\"\xe0\x9f\xbf\"", "byte 1: not valid UTF-8"},     /* overlong */
	{"\"\xed\xa0\x80\"", "byte 1: not valid UTF-8"},     /* a surrogate */
	{"\"\xf0\x8f\xbf\xbf\"", "byte 1: not valid UTF-8"}, /* overlong */
	{"\"\xf4\x90\x80\x80\"", "byte 1: not valid UTF-8"}, /* above U+10FFFF */
	{"\"\xf5\x80\x80\x80\"", "byte 1: not valid UTF-8"},
	{"\"\xe2\x82\"", "byte 1: not valid UTF-8"}, /* cut off by the quote */
	{"\"\xe2\x82", "byte 1: not valid UTF-8"},   /* cut off by the end */
	{"\"ab\xf0\x9f\x98\"", "byte 3: not valid UTF-8"},
	{"{\"\xff\":1}", "byte 2: not valid UTF-8"},
};

START_TEST(rejects)
{
	struct bl_err err;

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		const char *seen = tokens(bad[i].text, strlen(bad[i].text), &err);

		ck_assert_msg(strchr(seen, '!'), "accepted: %s", bad[i].text);
		ck_assert_str_eq(err.text, bad[i].message);
		ck_assert_int_eq(err.code, BL_INPUT);
	}
	ck_assert(strchr(tokens("{}\0", 3, &err), '!'));
	ck_assert_str_eq(err.text, "byte 2: '\\x00' stands where nothing more should be");
	ck_assert(strchr(tokens("\"\0\"", 3, &err), '!'));
	ck_assert(strchr(tokens("\"\\\0\"", 4, &err), '!'));
}
END_TEST

/* Every prefix of a text is refused, and nothing behind its end is looked at. */
START_TEST(truncation)
{
	static const char text[] = "{\"a\\u00e9\\ud83d\\ude00\":[1.5e-3,true,{\"b\":null}],"
				   "\"\xc3\xbc\":-7}";
	struct bl_err err;

	for (size_t n = 0; n < sizeof text - 1; n++) {
		char *copy = malloc(n ? n : 1); /* exactly n bytes, for the sanitizer */

		memcpy(copy, text, n);
		ck_assert_msg(strchr(tokens(copy, n, &err), '!'), "accepted %zu bytes", n);
		free(copy);
	}
	ck_assert_str_eq(tokens(text, sizeof text - 1, &err), "{K[Ft{Kn}]KI}.");
}
END_TEST

START_TEST(depth)
{
	char text[2 * BL_JSON_DEPTH + 1];
	struct bl_err err;

	memset(text, '[', BL_JSON_DEPTH);
	memset(text + BL_JSON_DEPTH, ']', BL_JSON_DEPTH);
	ck_assert(!strchr(tokens(text + 1, 2 * (BL_JSON_DEPTH - 1), &err), '!'));
	ck_assert(strchr(tokens(text, 2 * BL_JSON_DEPTH, &err), '!'));
	ck_assert_str_eq(err.text, "byte 127: nested deeper than 127 levels");
}
END_TEST

/* Objects and arrays are told apart at every level. */
START_TEST(mixed_depth)
{
	char text[1024] = "", wanted[1024] = "";
	struct bl_err err;

	for (int i = 0; i < BL_JSON_DEPTH - 1; i++) {
		strcat(text, i % 3 ? "[" : "{\"k\":");
		strcat(wanted, i % 3 ? "[" : "{K");
	}
	strcat(text, "1");
	strcat(wanted, "I");
	for (int i = BL_JSON_DEPTH - 2; i >= 0; i--) {
		strcat(text, i % 3 ? "]" : "}");
		strcat(wanted, i % 3 ? "]" : "}");
	}
	strcat(wanted, ".");
	ck_assert_str_eq(tokens(text, strlen(text), &err), wanted);
}
END_TEST

START_TEST(integers)
{
	static const struct {
		const char *text;
		enum bl_json_token token;
		bool negative;
		uint64_t magnitude;
	} number[] = {
		{"0", BL_JSON_INTEGER, false, 0},
		{"9007199254740993", BL_JSON_INTEGER, false, UINT64_C(9007199254740993)},
		{"9223372036854775808", BL_JSON_INTEGER, false, UINT64_C(1) << 63},
		{"18446744073709551615", BL_JSON_INTEGER, false, UINT64_MAX},
		{"18446744073709551616", BL_JSON_FLOAT, false, 0},
		{"184467440737095516150", BL_JSON_FLOAT, false, 0},
		{"-1", BL_JSON_INTEGER, true, 1},
		{"-9223372036854775808", BL_JSON_INTEGER, true, UINT64_C(1) << 63},
		{"-9223372036854775809", BL_JSON_FLOAT, true, 0},
		{"-0", BL_JSON_FLOAT, true, 0},
		{"4.0", BL_JSON_FLOAT, false, 0},
		{"4e0", BL_JSON_FLOAT, false, 0},
	};
	struct bl_err err;
	struct bl_json j;

	for (size_t i = 0; i < sizeof number / sizeof number[0]; i++) {
		bl_json_init(&j, number[i].text, strlen(number[i].text));
		ck_assert_int_eq(bl_json_next(&j, &err), number[i].token);
		ck_assert(j.negative == number[i].negative);
		if (number[i].token == BL_JSON_INTEGER)
			ck_assert_uint_eq(j.integer, number[i].magnitude);
		ck_assert(bl_json_number(&j) == strtod(number[i].text, NULL));
		ck_assert_int_eq(bl_json_next(&j, &err), BL_JSON_END);
	}
}
END_TEST

START_TEST(long_numbers)
{
	char text[BL_JSON_NUMBER + 2];
	struct bl_err err;
	struct bl_json j;

	memset(text, '0', sizeof text);
	memcpy(text, "0.", 2);
	text[BL_JSON_NUMBER - 1] = '5';
	bl_json_init(&j, text, BL_JSON_NUMBER);
	ck_assert_int_eq(bl_json_next(&j, &err), BL_JSON_FLOAT);
	ck_assert_str_eq(tokens(text, BL_JSON_NUMBER + 1, &err), "!");
	ck_assert_str_eq(err.text, "byte 0: a number of more than 512 characters");
	bl_json_init(&j, "1.25e-1", 7);
	ck_assert_int_eq(bl_json_next(&j, &err), BL_JSON_FLOAT);
	ck_assert(bl_json_number(&j) == 0.125);
}
END_TEST

START_TEST(escapes)
{
	static const char text[] = "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00E9\\u20ac\\ud83D\\uDE00"
				   "\\udbff\\udfff\\uffff\\u0000x\xc3\xbc"
				   "\\u007f\\u0080\\u07ff\\u0800\\ud7ff\\ue000\"";
	static const char plain[] = "\"\\/\b\f\n\r\tA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"
				    "\xf4\x8f\xbf\xbf\xef\xbf\xbf\0x\xc3\xbc"
				    "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf"
				    "\xee\x80\x80";
	struct bl_err err;
	struct bl_json j;
	char *buf;

	bl_json_init(&j, text, sizeof text - 1);
	ck_assert_int_eq(bl_json_next(&j, &err), BL_JSON_STRING);
	ck_assert(j.escaped);
	buf = malloc(j.size + 1);
	ck_assert_uint_eq(bl_json_text(&j, buf), sizeof plain - 1);
	ck_assert_mem_eq(buf, plain, sizeof plain);
	free(buf);
}
END_TEST

START_TEST(compares_words)
{
	static const struct {
		const char *text, *word;
		bool same;
	} pair[] = {
		{"\"dtype\"", "dtype", true},   {"\"dtype\"", "dtyp", false},
		{"\"dtyp\"", "dtype", false},   {"\"\"", "", true},
		{"\"\\u0064type\"", "dtype", true}, {"\"dtyp\\u0065\"", "dtype", true},
		{"\"dtyp\\u00e9\"", "dtype", false}, {"\"Dtype\"", "dtype", false},
	};
	struct bl_err err;
	struct bl_json j;

	for (size_t i = 0; i < sizeof pair / sizeof pair[0]; i++) {
		bl_json_init(&j, pair[i].text, strlen(pair[i].text));
		ck_assert_int_eq(bl_json_next(&j, &err), BL_JSON_STRING);
		ck_assert_msg(bl_json_is(&j, pair[i].word) == pair[i].same, "%s", pair[i].text);
	}
}
END_TEST

/* Keys and strings stay until the next token, numbers too. */
START_TEST(texts_in_pieces)
{
	static const char text[] =
		"{ \"\\u00e9\\ud83d\\ude00x\"  :  [-12345678901,\"a\\tb\", 0.125 ]}  ";

	for (size_t step = 1; step < sizeof text; step++) {
		struct pieces p = {.whole = text, .length = sizeof text - 1, .step = step};
		struct bl_err err;
		char buf[64];

		bl_json_init(&p.json, "", 0);
		p.json.more = more;
		ck_assert_int_eq(bl_json_next(&p.json, &err), BL_JSON_OBJECT);
		ck_assert_int_eq(bl_json_next(&p.json, &err), BL_JSON_KEY);
		bl_json_text(&p.json, buf);
		ck_assert_str_eq(buf, "\xc3\xa9\xf0\x9f\x98\x80x");
		ck_assert_int_eq(bl_json_next(&p.json, &err), BL_JSON_ARRAY);
		ck_assert_int_eq(bl_json_next(&p.json, &err), BL_JSON_INTEGER);
		ck_assert_uint_eq(p.json.integer, 12345678901);
		ck_assert_int_eq(bl_json_next(&p.json, &err), BL_JSON_STRING);
		ck_assert(bl_json_is(&p.json, "a\tb"));
		ck_assert_int_eq(bl_json_next(&p.json, &err), BL_JSON_FLOAT);
		ck_assert(bl_json_number(&p.json) == 0.125);
		ck_assert_int_eq(bl_json_next(&p.json, &err), BL_JSON_ARRAY_END);
		ck_assert_int_eq(bl_json_next(&p.json, &err), BL_JSON_OBJECT_END);
		ck_assert_int_eq(bl_json_next(&p.json, &err), BL_JSON_END);
		free(p.piece);
	}
}
END_TEST

START_TEST(skips)
{
	static const char text[] = "{\"a\":{\"x\":[1,{}]},\"b\":7,\"c\":[],\"d\":9}";
	struct bl_err err;
	struct bl_json j;
	int seen = 0;

	bl_json_init(&j, text, sizeof text - 1);
	ck_assert_int_eq(bl_json_next(&j, &err), BL_JSON_OBJECT);
	while (bl_json_next(&j, &err) == BL_JSON_KEY) {
		ck_assert_int_eq(j.text[j.start], 'a' + seen++);
		ck_assert_int_ne(bl_json_next(&j, &err), BL_JSON_FAIL);
		ck_assert_int_eq(bl_json_skip(&j, &err), 0);
	}
	ck_assert_int_eq(seen, 4);
	ck_assert_int_eq(bl_json_next(&j, &err), BL_JSON_END);

	bl_json_init(&j, "[[1,x]]", 7);
	ck_assert_int_eq(bl_json_next(&j, &err), BL_JSON_ARRAY);
	ck_assert_int_eq(bl_json_skip(&j, &err), -1);
	ck_assert_str_eq(err.text, "byte 4: 'x' stands where a value should be");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("json");
	TCase *tc = tcase_create("scanner");

	tcase_add_test(tc, accepts);
	tcase_add_test(tc, rejects);
	tcase_add_test(tc, truncation);
	tcase_add_test(tc, depth);
	tcase_add_test(tc, mixed_depth);
	tcase_add_test(tc, integers);
	tcase_add_test(tc, long_numbers);
	tcase_add_test(tc, escapes);
	tcase_add_test(tc, compares_words);
	tcase_add_test(tc, texts_in_pieces);
	tcase_add_test(tc, skips);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
