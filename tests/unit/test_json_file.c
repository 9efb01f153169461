/* test_json_file.c - JSON in files, which come in pieces. */
#include "json_file.h"

#include "folder.h"
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LONG 3000000 /* longer than several windows */
#define SHORT 100000 /* members; together longer, too */

static struct bl_files *pool;
static struct bl_file *file;
static struct bl_err err;
static size_t length;

/* {"xxx...": "yyy...", "0": 0, "1": 1, ...} behind five other bytes, and before five more. */
static void setup(void)
{
	char *text = malloc(2 * LONG + 30 * SHORT), *to = text;

	folder_enter();
	to += sprintf(to, "12345{\"");
	memset(to, 'x', LONG);
	to += sprintf(to + LONG, "\":\"") + LONG;
	memset(to, 'y', LONG);
	to += sprintf(to + LONG, "\"") + LONG;
	for (unsigned i = 0; i < SHORT; i++)
		to += sprintf(to, ",\"%u\": %u", i, i);
	to += sprintf(to, "}");
	length = (size_t)(to - text) - 5;
	to += sprintf(to, "]]]]]");
	folder_put("json", text, (size_t)(to - text));
	free(text);
	ck_assert_int_eq(bl_files_new(&pool, 0, &err), 0);
	ck_assert_int_eq(bl_file_open(pool, "json", &file, &err), 0);
}

static void teardown(void)
{
	bl_file_close(file);
	bl_files_free(pool);
	folder_leave();
}

/* Is the last token n times c? */
static bool is_all(const struct bl_json *j, char c, size_t n)
{
	const char *text = j->text + j->start;

	return j->size == n && text[0] == c && memcmp(text, text + 1, n - 1) == 0;
}

START_TEST(scans)
{
	struct bl_json_file f;
	struct bl_json *j = &f.json;

	bl_json_file_init(&f, file, 5, length);
	ck_assert_int_eq(bl_json_next(j, &err), BL_JSON_OBJECT);
	ck_assert_int_eq(bl_json_next(j, &err), BL_JSON_KEY);
	ck_assert(is_all(j, 'x', LONG));
	ck_assert_int_eq(bl_json_next(j, &err), BL_JSON_STRING);
	ck_assert(is_all(j, 'y', LONG));
	for (unsigned i = 0; i < SHORT; i++) {
		char key[16];

		sprintf(key, "%u", i);
		ck_assert_int_eq(bl_json_next(j, &err), BL_JSON_KEY);
		ck_assert(bl_json_is(j, key));
		ck_assert_int_eq(bl_json_next(j, &err), BL_JSON_INTEGER);
		ck_assert_uint_eq(j->integer, i);
	}
	ck_assert_int_eq(bl_json_next(j, &err), BL_JSON_OBJECT_END);
	ck_assert_int_eq(bl_json_next(j, &err), BL_JSON_END);
	ck_assert_uint_lt(f.room, 3 * LONG);
	ck_assert_int_eq(bl_json_file_end(&f, 0, &err), 0);
}
END_TEST

/* It is the file that is at fault, not its JSON; also where the scan needed no more of it. */
START_TEST(file_ends_early)
{
	for (int round = 0; round < 2; round++) {
		struct bl_json_file f;

		ck_assert_int_eq(truncate("json", round ? 5 : 2000000), 0);
		bl_json_file_init(&f, file, 5, length);
		while (bl_json_next(&f.json, &err) > BL_JSON_END)
			;
		ck_assert_int_eq(bl_json_file_end(&f, -round, &err), -1);
		ck_assert_int_eq(err.code, BL_INPUT);
		ck_assert_str_eq(err.text, "changed while it was read");
	}
}
END_TEST

START_TEST(tells_its_own_errors)
{
	struct bl_json_file f;

	bl_json_file_init(&f, file, 5, length + 5);
	while (bl_json_next(&f.json, &err) > BL_JSON_END)
		;
	ck_assert_int_eq(bl_json_file_end(&f, -1, &err), -1);
	ck_assert_str_eq(strchr(err.text, ':'), ": ']' stands where nothing more should be");
	ck_assert_uint_eq((size_t)atol(err.text + 5), length);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("json_file");
	TCase *tc = tcase_create("files");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, scans);
	tcase_add_test(tc, file_ends_early);
	tcase_add_test(tc, tells_its_own_errors);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
