/* test_json_printer.c - the JSON printer. */
#include "json.h"

#include "suite.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* How many tokens text has; -1 where it is no JSON. */
static int tokens(const char *text)
{
	enum bl_json_token t;
	struct bl_err err;
	struct bl_json j;
	int n = 0;

	bl_json_init(&j, text, strlen(text));
	while ((t = bl_json_next(&j, &err)) > BL_JSON_END)
		n++;
	return t == BL_JSON_END ? n : -1;
}

/* What print writes into memory. */
static char *printed(void (*print)(struct bl_json_printer *p), bool pretty)
{
	char *text = NULL;
	size_t size = 0;
	struct bl_json_printer p = {.to = open_memstream(&text, &size), .pretty = pretty};

	ck_assert_ptr_nonnull(p.to);
	print(&p);
	ck_assert_uint_eq(p.depth, 0);
	ck_assert_int_eq(fclose(p.to), 0);
	return text;
}

static void print_all(struct bl_json_printer *p)
{
	bl_json_begin_object(p);
	bl_json_key(p, "k\"\xc3\xa9");
	bl_json_begin_array(p);
	bl_json_put_unsigned(p, UINT64_MAX);
	bl_json_put_signed(p, INT64_MIN);
	bl_json_put_double(p, 0.1);
	bl_json_put_hex(p, 0.1875);
	bl_json_put_bool(p, true);
	bl_json_put_bool(p, false);
	bl_json_put_null(p);
	bl_json_begin_object(p);
	bl_json_end_object(p);
	bl_json_begin_array(p);
	bl_json_end_array(p);
	bl_json_end_array(p);
	bl_json_key(p, "raw");
	bl_json_put_raw(p, "[1]", 3);
	bl_json_key(p, "o");
	bl_json_begin_object(p);
	bl_json_key(p, "t");
	bl_json_put_text(p, "x");
	bl_json_end_object(p);
	bl_json_end_object(p);
}

START_TEST(prints)
{
	char *compact = printed(print_all, false), *pretty = printed(print_all, true);

	ck_assert_str_eq(compact,
		"{\"k\\\"\xc3\xa9\":[18446744073709551615,-9223372036854775808,0.1,\"0x1.8p-3\","
		"true,false,null,{},[]],\"raw\":[1],\"o\":{\"t\":\"x\"}}");
	ck_assert_str_eq(pretty,
		"{\n  \"k\\\"\xc3\xa9\": [\n    18446744073709551615,\n    -9223372036854775808,\n"
		"    0.1,\n    \"0x1.8p-3\",\n    true,\n    false,\n    null,\n    {},\n"
		"    []\n  ],\n"
		"  \"raw\": [1],\n  \"o\": {\n    \"t\": \"x\"\n  }\n}");
	ck_assert_int_eq(tokens(compact), 25);
	ck_assert_int_eq(tokens(pretty), 25);
	free(compact);
	free(pretty);
}
END_TEST

static void print_members(struct bl_json_printer *p)
{
	bl_json_begin_object(p);
	bl_json_member_text(p, "t", "x");
	bl_json_member_text(p, "none", NULL);
	bl_json_member_count(p, "n", UINT64_MAX);
	bl_json_member_double(p, "d", 0.5);
	bl_json_put_name(p, "name", "x");
	bl_json_put_name(p, "stray", "x\xff");
	bl_json_put_name(p, "no", NULL);
	bl_json_end_object(p);
}

START_TEST(prints_members)
{
	char *text = printed(print_members, false);

	ck_assert_str_eq(text,
		"{\"t\":\"x\",\"none\":null,\"n\":18446744073709551615,\"d\":0.5,\"name\":\"x\","
		"\"stray\":\"x\xef\xbf\xbd\",\"stray_hex\":\"78ff\",\"no\":null}");
	free(text);
}
END_TEST

static void print_ascii(struct bl_json_printer *p)
{
	char text[129];

	for (int c = 0; c < 128; c++)
		text[c] = (char)c;
	bl_json_put_string(p, text, 128);
}

static void print_stray(struct bl_json_printer *p)
{
	bl_json_put_text(p, "a\xff\xc3|\xe2\x82\xac\xed\xa0\x80|\xc3");
}

START_TEST(prints_strings)
{
	static const char start[] =
		"\"\\u0000\\u0001\\u0002\\u0003\\u0004\\u0005\\u0006\\u0007\\b\\t\\n\\u000b\\f\\r"
		"\\u000e\\u000f\\u0010\\u0011\\u0012\\u0013\\u0014\\u0015\\u0016\\u0017\\u0018"
		"\\u0019\\u001a\\u001b\\u001c\\u001d\\u001e\\u001f !\\\"#$%&'()*+,-./0123";
	char *text = printed(print_ascii, false), back[800];
	struct bl_err err;
	struct bl_json j;

	ck_assert_mem_eq(text, start, sizeof start - 1);
	ck_assert_str_eq(strchr(text, 'Z'), "Z[\\\\]^_`abcdefghijklmnopqrstuvwxyz{|}~\x7f\"");
	bl_json_init(&j, text, strlen(text));
	ck_assert_int_eq(bl_json_next(&j, &err), BL_JSON_STRING);
	ck_assert_uint_lt(j.size, sizeof back);
	ck_assert_uint_eq(bl_json_text(&j, back), 128);
	for (int c = 0; c < 128; c++)
		ck_assert_int_eq(back[c], c);
	free(text);

	text = printed(print_stray, false); /* every stray byte becomes one U+FFFD */
	ck_assert_str_eq(text, "\"a\xef\xbf\xbd\xef\xbf\xbd|\xe2\x82\xac\xef\xbf\xbd\xef\xbf\xbd"
			       "\xef\xbf\xbd|\xef\xbf\xbd\"");
	free(text);
}
END_TEST

/* A double as the printer writes it, in one of two forms. */
static const char *number_text(double value, bool hex)
{
	static char out[64];
	char *text = NULL;
	size_t size = 0;
	struct bl_json_printer p = {.to = open_memstream(&text, &size)};

	if (hex)
		bl_json_put_hex(&p, value);
	else
		bl_json_put_double(&p, value);
	fclose(p.to);
	snprintf(out, sizeof out, "%s", text);
	free(text);
	return out;
}

START_TEST(prints_doubles)
{
	static const struct {
		double value;
		const char *text;
	} known[] = {
		{0, "0"}, {-0.0, "-0"}, {1, "1"}, {-3, "-3"}, {100000, "100000"},
		{123456789012345.0, "123456789012345"}, {1e15, "1e+15"}, {1e23, "1e+23"},
		{0.1, "0.1"}, {1.0 / 3, "0.3333333333333333"}, {2.0 / 3, "0.6666666666666666"},
		{0.1 + 0.2, "0.30000000000000004"}, {5e-324, "5e-324"},
		{0x1p-1022, "2.2250738585072014e-308"},
		{0x1.fffffffffffffp1023, "1.7976931348623157e+308"},
		{9007199254740993.0, "9007199254740992"},
		{HUGE_VAL, "null"}, {-HUGE_VAL, "null"}, {(double)NAN, "null"},
	};

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		ck_assert_str_eq(number_text(known[i].value, false), known[i].text);
	/* The first digit is 1, also where C libraries would choose 0. */
	ck_assert_str_eq(number_text(5e-324, true), "\"0x1p-1074\"");
}
END_TEST

START_TEST(doubles_come_back)
{
	uint64_t seed = 1;

	for (int i = 0; i < 20000; i++) {
		struct bl_err err;
		struct bl_json j;
		const char *text;
		double value, back;

		seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		memcpy(&value, &seed, sizeof value);
		if (!isfinite(value))
			continue;
		text = number_text(value, false);
		bl_json_init(&j, text, strlen(text));
		ck_assert_int_ne(bl_json_next(&j, &err), BL_JSON_FAIL);
		back = bl_json_number(&j);
		ck_assert_mem_eq(&back, &value, sizeof value);
		text = number_text(value, true);
		back = strtod(text + 1, NULL);
		ck_assert_mem_eq(&back, &value, sizeof value);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("json");
	TCase *tc = tcase_create("printer");

	tcase_add_test(tc, prints);
	tcase_add_test(tc, prints_members);
	tcase_add_test(tc, prints_strings);
	tcase_add_test(tc, prints_doubles);
	tcase_add_test(tc, doubles_come_back);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
