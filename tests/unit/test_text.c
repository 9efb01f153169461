/* test_text.c - sizes, times, numbers and names for people; paths without their folder. */
#include "paths.h"
#include "suite.h"
#include "text.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

START_TEST(bytes)
{
	static const struct {
		double n;
		const char *decimal, *binary;
	} t[] = {
		{0, "0 B", "0 B"},
		{1, "1 B", "1 B"},
		{999, "999 B", "999 B"},
		{1000, "1.0 kB", "1000 B"},
		{1023, "1.0 kB", "1023 B"},
		{1024, "1.0 kB", "1.0 KiB"},
		{40200, "40.2 kB", "39.3 KiB"},
		{99949, "99.9 kB", "97.6 KiB"},
		{99950, "100 kB", "97.6 KiB"},
		{999499, "999 kB", "976 KiB"},
		{999500, "1.0 MB", "976 KiB"},
		{1648200, "1.6 MB", "1.6 MiB"},
		{12.3e9, "12.3 GB", "11.5 GiB"},
		{0x1p40, "1.1 TB", "1.0 TiB"},
		{0x1p64, "18.4 EB", "16.0 EiB"},
		{1e24, "1000000 EB", "867362 EiB"},
	};
	char buf[BL_TEXT];

	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
		ck_assert_str_eq(bl_text_bytes(t[i].n, buf, sizeof buf), t[i].decimal);
		ck_assert_str_eq(bl_text_memory(t[i].n, buf, sizeof buf), t[i].binary);
	}
}
END_TEST

START_TEST(seconds)
{
	static const struct {
		double s;
		const char *span, *clock;
	} t[] = {
		{0, "0.00 s", "0:00"},
		{0.02, "0.02 s", "0:01"},
		{9.994, "9.99 s", "0:10"},
		{9.996, "10.0 s", "0:10"},
		{59.94, "59.9 s", "1:00"},
		{59.96, "1 min 00 s", "1:00"},
		{200, "3 min 20 s", "3:20"},
		{3599.4, "59 min 59 s", "1:00:00"},
		{3599.6, "1 h 00 min", "1:00:00"},
		{7500, "2 h 05 min", "2:05:00"},
		{3723, "1 h 02 min", "1:02:03"},
		{99 * 3600, "99 h 00 min", "99 h or more"},
		{HUGE_VAL, NULL, "99 h or more"},
	};
	char buf[BL_TEXT];

	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
		if (t[i].span)
			ck_assert_str_eq(bl_text_seconds(t[i].s, buf, sizeof buf), t[i].span);
		ck_assert_str_eq(bl_text_clock(t[i].s, buf, sizeof buf), t[i].clock);
	}
}
END_TEST

START_TEST(numbers)
{
	static const struct {
		double n;
		int digits;
		const char *text;
	} t[] = {
		{0, 6, "0"},
		{-0.0, 6, "0"},
		{1, 6, "1"},
		{-1.5, 6, "-1.5"},
		{100, 2, "100"},
		{69.31471805599453, 6, "69.3147"},
		{9.99996, 5, "10"},
		{9.99994, 5, "9.9999"},
		{1234567, 6, "1234567"},
		{1e6, 6, "1000000"},
		{999999999999999.0, 4, "1e+15"},
		{123456789012345.0, 4, "123456789012345"},
		{1e15, 6, "1e+15"},
		{1e300, 6, "1e+300"},
		{0.0001, 4, "0.0001"},
		{0.00012345, 3, "0.000123"},
		{0.00009, 3, "9e-05"},
		{3.9e-9, 4, "3.9e-09"},
		{0.1 + 0.2, 15, "0.3"},
		{HUGE_VAL, 6, "inf"},
	};
	char buf[BL_TEXT];

	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++)
		ck_assert_str_eq(bl_text_number(t[i].n, t[i].digits, buf, sizeof buf), t[i].text);
}
END_TEST

START_TEST(hexadecimals)
{
	static const struct {
		double n;
		const char *text;
	} t[] = {
		{0, "0x0p+0"},
		{-0.0, "-0x0p+0"},
		{1, "0x1p+0"},
		{-2, "-0x1p+1"},
		{0.1875, "0x1.8p-3"},
		{0.1, "0x1.999999999999ap-4"},
		{DBL_MAX, "0x1.fffffffffffffp+1023"},
		{DBL_MIN, "0x1p-1022"},
		{0x1p-1074, "0x1p-1074"},
		{-0x1.8p-1073, "-0x1.8p-1073"},
		{DBL_MIN - 0x1p-1074, "0x1.ffffffffffffep-1023"},
		{1 + DBL_EPSILON, "0x1.0000000000001p+0"},
		{HUGE_VAL, "inf"},
		{-HUGE_VAL, "-inf"},
		{(double)NAN, "nan"},
	};
	char buf[BL_TEXT];
	uint64_t bits = 88172645463325252u;

	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++)
		ck_assert_str_eq(bl_text_hex(t[i].n, buf, sizeof buf), t[i].text);
	for (int i = 0; i < 20000; i++) {
		double n, back;

		bits ^= bits << 13;
		bits ^= bits >> 7;
		bits ^= bits << 17;
		memcpy(&n, &bits, sizeof n);
		if (i % 4 == 0)
			n = ldexp(n, -2000); /* mostly 0 or below the normal range */
		if (!isfinite(n))
			continue;
		back = strtod(bl_text_hex(n, buf, sizeof buf), NULL);
		ck_assert_int_eq(memcmp(&n, &back, sizeof n), 0);
	}
}
END_TEST

START_TEST(fits)
{
	static const struct {
		const char *name;
		size_t columns;
		const char *text;
	} t[] = {
		{"", 4, ""},
		{"abcd", 4, "abcd"},
		{"abcde", 4, "...e"},
		{"abcdefghij", 8, "...fghij"},
		{"a\nb", 4, "a\\nb"},
		{"a\nb", 8, "a\\nb"},
		{"x\x1b.h5", 8, "x\\x1b.h5"},
		{"xy\x1b.h5", 8, NULL},
		{"\xc3\xa9t\xc3\xa9", 4, "\xc3\xa9t\xc3\xa9"},
		{"\xc3\xa9t\xc3\xa9t\xc3\xa9", 4, "...\xc3\xa9"},
		{"\x80\x80", 8, "\\x80\\x80"},
		{"\x80\x80\x80", 8, "...0\\x80"},
	};
	char buf[BL_TEXT_FIT(8)];

	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
		bl_text_fit(t[i].name, t[i].columns, buf, BL_TEXT_FIT(t[i].columns));
		if (t[i].text) /* else an escape is cut: any part of it may stay */
			ck_assert_str_eq(buf, t[i].text);
		ck_assert_uint_le(bl_text_columns(buf), t[i].columns);
	}
}
END_TEST

/* Whatever the bytes, the text fits its columns and its buffer, and shows the end. */
START_TEST(fits_anything)
{
	static const char piece[][5] = {
		"a", "\n", "\x80", "\xff", "\xc3\xa9", "\xf0\x9f\x98\x80", "\xe2\x82"};
	uint64_t seed = 1234567 + (uint64_t)_i;

	for (int round = 0; round < 200; round++) {
		const size_t columns = 4 + (seed >> 20) % 20, cap = BL_TEXT_FIT(columns);
		char name[600] = "", *buf = malloc(cap);
		size_t pieces = (seed >> 8) % 100;

		for (; pieces > 0; pieces--) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			strcat(name, piece[(seed >> 33) % 7]);
		}
		strcat(name, "z");
		bl_text_fit(name, columns, buf, cap);
		ck_assert_uint_le(bl_text_columns(buf), columns);
		ck_assert_int_eq(buf[strlen(buf) - 1], 'z');
		free(buf);
		seed = seed * 6364136223846793005u + 1442695040888963407u;
	}
}
END_TEST

START_TEST(paths)
{
	static const struct {
		const char *in[3];
		const char *folder, *out[3];
	} t[] = {
		{{"a.h5"}, "", {"a.h5"}},
		{{"runs/a.h5"}, "runs/", {"a.h5"}},
		{{"/data/runs/a.h5"}, "/data/runs/", {"a.h5"}},
		{{"r/a.h5", "r/b.h5", "r/c.h5"}, "r/", {"a.h5", "b.h5", "c.h5"}},
		{{"r/a/w.h5", "r/b/w.h5"}, "r/", {"a/w.h5", "b/w.h5"}},
		{{"r/ab.h5", "r/ac.h5"}, "r/", {"ab.h5", "ac.h5"}},
		{{"ra/w.h5", "rb/w.h5"}, "", {"ra/w.h5", "rb/w.h5"}},
		{{"r/a", "r/a/b", "r/a/c"}, "r/", {"a", "a/b", "a/c"}},
		{{"r/a/b", "r/a", "r/a/c"}, "r/", {"a/b", "a", "a/c"}},
		{{"./a.h5", "b.h5", ".//c.h5"}, "", {"a.h5", "b.h5", "c.h5"}},
		{{"r//a.h5", "./r/./b.h5"}, "r/", {"a.h5", "b.h5"}},
		{{"r/checkpoint-1/", "r/checkpoint-2"}, "r/", {"checkpoint-1", "checkpoint-2"}},
		{{"../r/a.h5", "../r/b.h5"}, "../r/", {"a.h5", "b.h5"}},
		{{"../a.h5", "b.h5"}, "", {"../a.h5", "b.h5"}},
		{{".h5", "..h5"}, "", {".h5", "..h5"}},
		{{"/x/a.h5", "/y/b.h5"}, "/", {"x/a.h5", "y/b.h5"}},
		{{"/x/a.h5", "b.h5"}, "", {"a.h5", "b.h5"}},
		{{"y/b.h5", "/x/a.h5", "//x//c.h5"}, "", {"y/b.h5", "a.h5", "c.h5"}},
	};
	struct bl_paths p;
	struct bl_err err;

	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
		size_t n = 1;

		while (n < 3 && t[i].in[n])
			n++;
		ck_assert_int_eq(bl_paths_make(&p, t[i].in, n, &err), 0);
		ck_assert_str_eq(p.folder, t[i].folder);
		for (size_t k = 0; k < n; k++)
			ck_assert_str_eq(p.path[k], t[i].out[k]);
		bl_paths_free(&p);
		bl_paths_free(&p);
	}
}
END_TEST

/* Texts of any length, escaped, with their columns. */
START_TEST(put)
{
	static const struct {
		const char *in, *out;
		size_t columns;
	} t[] = {
		{"", "", 0},
		{"a b", "a b", 3},
		{"a\tb\n", "a\\tb\\n", 6},
		{"h\xc3\xa9\xff", "h\xc3\xa9\\xff", 6},
		{"\x1b[31m", "\\x1b[31m", 8},
	};
	char longest[9001];

	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++) {
		char *text = NULL;
		size_t size;
		FILE *to = open_memstream(&text, &size);

		ck_assert_uint_eq(bl_text_put(to, t[i].in), t[i].columns);
		fclose(to);
		ck_assert_str_eq(text, t[i].out);
		ck_assert_uint_eq(bl_text_put(NULL, t[i].in), t[i].columns);
		free(text);
	}
	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	ck_assert_uint_eq(bl_text_put(NULL, longest), sizeof longest - 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("text");
	TCase *tc = tcase_create("text");

	tcase_add_test(tc, bytes);
	tcase_add_test(tc, seconds);
	tcase_add_test(tc, numbers);
	tcase_add_test(tc, hexadecimals);
	tcase_add_test(tc, fits);
	tcase_add_loop_test(tc, fits_anything, 0, 20);
	tcase_add_test(tc, paths);
	tcase_add_test(tc, put);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
