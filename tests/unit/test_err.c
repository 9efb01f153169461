/* test_err.c - the error record: escaping, cutting, prefixes, lines, hints. */
#include "err.h"

#include "suite.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ESCAPED(text, want) {text, sizeof text - 1, want}

START_TEST(escapes)
{
	static const struct {
		const char *text;
		size_t len;
		const char *want;
	} cases[] = {
		ESCAPED("", ""),
		ESCAPED("net/w: 3.5 \"%s\" \\n", "net/w: 3.5 \"%s\" \\n"),
		ESCAPED("a\nb\tc", "a\\nb\\tc"),
		ESCAPED("\r\033[31m\x7f", "\\x0d\\x1b[31m\\x7f"),
		ESCAPED("a\0b", "a\\x00b"),
		ESCAPED("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
			"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"),
		ESCAPED("\xc2\x9b"
			"31m",
			"\\xc2\\x9b31m"), /* C1: what ESC [ is in one character */
		ESCAPED("\xc2\xa0", "\xc2\xa0"),
		ESCAPED("\x80", "\\x80"),
		ESCAPED("\xc0\xaf", "\\xc0\\xaf"), /* an overlong / */
		ESCAPED("\xe0\x80\xaf", "\\xe0\\x80\\xaf"),
		ESCAPED("\xed\xa0\x80", "\\xed\\xa0\\x80"),	     /* a surrogate */
		ESCAPED("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"), /* beyond the last character */
		ESCAPED("\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"),
		ESCAPED("\xf5\x80\x80\x80", "\\xf5\\x80\\x80\\x80"),
		ESCAPED("\xe2\x82", "\\xe2\\x82"),
		ESCAPED("\xe2\x82"
			"a",
			"\\xe2\\x82a"),
		ESCAPED("\xf0\x9f\x98", "\\xf0\\x9f\\x98"),
		ESCAPED("\xc3", "\\xc3"),
		ESCAPED("\xff\xfe", "\\xff\\xfe"),
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		/* Exactly as long as it is, so that a sanitizer sees a byte read too many. */
		char *text = malloc(cases[i].len + 1), buf[256];

		memcpy(text, cases[i].text, cases[i].len);
		text = realloc(text, cases[i].len ? cases[i].len : 1);
		ck_assert_uint_eq(
			bl_escape(buf, sizeof buf, text, cases[i].len), strlen(cases[i].want));
		ck_assert_str_eq(buf, cases[i].want);
		free(text);
	}
}
END_TEST

/* Whatever the room: a beginning of the whole, ending between two characters, terminated. */
START_TEST(cuts_at_whole_characters)
{
	static const char text[] = "a\n\xc3\xa9\x01\xe2\x82\xac\xff\xf0\x9f\x98\x80z";
	static const char want[] = "a\\n\xc3\xa9\\x01\xe2\x82\xac\\xff\xf0\x9f\x98\x80z";
	static const size_t ends[] = {0, 1, 3, 5, 9, 12, 16, 20, 21};

	for (size_t cap = 0; cap <= sizeof want + 1; cap++) {
		char buf[64];
		size_t n, end = 0;

		memset(buf, '#', sizeof buf);
		n = bl_escape(buf, cap, text, sizeof text - 1);
		for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
			if (ends[i] + 1 <= cap)
				end = ends[i];
		ck_assert_uint_eq(n, end);
		ck_assert_mem_eq(buf, want, end);
		if (cap)
			ck_assert_int_eq(buf[end], '\0');
		for (size_t i = cap; i < sizeof buf; i++)
			ck_assert_int_eq(buf[i], '#');
	}
}
END_TEST

START_TEST(builds_messages)
{
	struct bl_err err = {.hint = "old"};

	ck_assert_int_eq(bl_fail(&err, BL_INPUT, "shape %s", "3\n4"), -1);
	ck_assert_int_eq(err.code, BL_INPUT);
	ck_assert_str_eq(err.text, "shape 3\\n4");
	ck_assert_str_eq(err.hint, "");
	ck_assert_int_eq(bl_hint(&err, "try %d", 5), -1);
	ck_assert_int_eq(bl_prefix(&err, "net/w"), -1);
	ck_assert_int_eq(bl_prefix(&err, "%s", "a\x1b.h5"), -1);
	ck_assert_int_eq(bl_line(&err, "and\tthat"), -1);
	ck_assert_str_eq(err.text, "a\\x1b.h5: net/w: shape 3\\n4\nand\\tthat");
	ck_assert_str_eq(err.hint, "try 5");
	ck_assert_int_eq(err.code, BL_INPUT);
	ck_assert_int_eq(bl_fail_errno(&err, BL_OUTPUT, ENOSPC, "cannot be written"), -1);
	ck_assert_int_eq(err.code, BL_OUTPUT);
	ck_assert_str_eq(err.text, "cannot be written: No space left on device");
	ck_assert_str_eq(err.hint, "");
	ck_assert_int_eq(bl_fail_errno(&err, BL_OUTPUT, EMFILE, "cannot be opened"), -1);
	ck_assert_int_eq(err.code, BL_LIMIT);
	ck_assert_str_eq(err.text, "cannot be opened: Too many open files");
	ck_assert_ptr_nonnull(strstr(err.hint, "ulimit"));
	ck_assert_int_eq(bl_fail_errno(&err, BL_INPUT, ENOMEM, "cannot be listed"), -1);
	ck_assert_int_eq(err.code, BL_LIMIT);
	ck_assert_str_eq(err.hint, "");
	ck_assert_int_eq(bl_fail_memory(&err, 12345, "a tile"), -1);
	ck_assert_int_eq(err.code, BL_LIMIT);
	ck_assert_str_eq(err.text, "out of memory (12345 bytes for a tile)");
}
END_TEST

START_TEST(says_nothing)
{
	struct bl_err err = {.code = BL_BUG, .text = "old", .hint = "old"};
	volatile sig_atomic_t stop = 0;

	ck_assert_int_eq(bl_go_on(NULL, &err), 0);
	ck_assert_int_eq(bl_go_on(&stop, &err), 0);
	ck_assert_str_eq(err.text, "old");
	stop = 1;
	ck_assert_int_eq(bl_go_on(&stop, &err), -1);
	ck_assert_int_eq(err.code, BL_OK);
	ck_assert_str_eq(err.text, "");
	ck_assert_str_eq(err.hint, "");
	bl_hint(&err, "old");
	ck_assert_int_eq(bl_fail_silently(&err, BL_OUTPUT), -1);
	ck_assert_int_eq(err.code, BL_OUTPUT);
	ck_assert_str_eq(err.hint, "");
}
END_TEST

/* Text of n bytes: as many whole characters of three bytes as fit, then stops. */
static void fill(char *buf, size_t n, size_t shift)
{
	memset(buf, 'x', n);
	for (size_t at = shift; at + 3 <= n; at += 3)
		memcpy(buf + at, "\xe2\x82\xac", 3);
	buf[n] = '\0';
}

/* The end of a text is a whole character: an x or a whole sign. */
static void check_end(const char *text)
{
	const size_t n = strlen(text);

	ck_assert_uint_ge(n, 3);
	ck_assert(text[n - 1] == 'x' || memcmp(text + n - 3, "\xe2\x82\xac", 3) == 0);
}

START_TEST(long_messages_are_cut)
{
	static struct bl_err err;
	static char filler[8192];

	for (size_t shift = 0; shift < 3; shift++) {
		fill(filler, sizeof filler - 1, shift);
		bl_fail(&err, BL_INPUT, "%s", filler);
		ck_assert_uint_ge(strlen(err.text), sizeof err.text - 8);
		check_end(err.text);
		bl_prefix(&err, "ckpt_1.h5");
		ck_assert_mem_eq(err.text, "ckpt_1.h5: ", 11);
		ck_assert_uint_ge(strlen(err.text), sizeof err.text - 4);
		check_end(err.text);
		bl_hint(&err, "%s", filler);
		ck_assert_uint_ge(strlen(err.hint), sizeof err.hint - 8);
		check_end(err.hint);
		bl_prefix(&err, "%s", filler);
		bl_line(&err, "no room");
		ck_assert_uint_lt(strlen(err.text), sizeof err.text);
	}
}
END_TEST

static void ends_with(const char *text, const char *end)
{
	ck_assert_uint_ge(strlen(text), strlen(end));
	ck_assert_str_eq(text + strlen(text) - strlen(end), end);
}

/* What is wrong is said behind the longest name. */
START_TEST(reasons_are_kept)
{
	static struct bl_err err;
	static char name[4096];

	for (size_t shift = 0; shift < 3; shift++) {
		fill(name, sizeof name - 1, shift);
		for (int odd = 0; odd < 2; odd++) {
			if (odd)
				memset(name, 0xff, sizeof name - 1);
			bl_fail(&err, BL_INPUT, "%s: is an input", name);
			ends_with(err.text, ": is an input");
			bl_fail_errno(&err, BL_INPUT, EIO, "%s: cannot be read", name);
			ends_with(err.text, ": cannot be read: Input/output error");
			ck_assert_ptr_nonnull(strstr(err.text, " ... "));
			bl_fail_errno(&err, BL_INPUT, EIO, "cannot be read");
			bl_prefix(&err, "%s", name);
			ends_with(err.text, ": cannot be read: Input/output error");
			bl_fail_errno(&err, BL_INPUT, EIO, "%s", name);
			bl_prefix(&err, "%s", name);
			ck_assert_uint_lt(strlen(err.text), sizeof err.text);
		}
	}
}
END_TEST

START_TEST(lines_are_cut)
{
	static struct bl_err err;
	static char filler[8192];

	for (size_t n = 4080; n < 4096; n++) {
		fill(filler, n, 0);
		bl_fail(&err, BL_INPUT, "%s", filler);
		ck_assert_int_eq(bl_line(&err, "0123456789"), -1);
		ck_assert_mem_eq(err.text, filler, n);
		if (n + 2 < sizeof err.text)
			ck_assert_int_eq(err.text[n], '\n');
		ck_assert_uint_eq(strnlen(err.text, sizeof err.text),
			n + 2 >= sizeof err.text ? n : n + 11 < 4095 ? n + 11 : 4095);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("err");
	TCase *t = tcase_create("err");

	tcase_add_test(t, escapes);
	tcase_add_test(t, cuts_at_whole_characters);
	tcase_add_test(t, builds_messages);
	tcase_add_test(t, says_nothing);
	tcase_add_test(t, long_messages_are_cut);
	tcase_add_test(t, reasons_are_kept);
	tcase_add_test(t, lines_are_cut);
	suite_add_tcase(s, t);
	return suite_run(s);
}
