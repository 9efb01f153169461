/*
 * test_memory_stream.c - streams into memory: all bytes, or a failure.
 *
 * Linked with --wrap for malloc and realloc: those of the streams, not those of the C library.
 */
#include "memory_stream.h"
#include "suite.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static unsigned calls, fail_at; /* 0: none fails */

void *__real_malloc(size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *p, size_t size);

void *__wrap_malloc(size_t size)
{
	return ++calls == fail_at ? NULL : __real_malloc(size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return ++calls == fail_at ? NULL : __real_realloc(p, size);
}

/* n bytes, one by one or all at once, and a number. */
static int write_bytes(size_t n, bool at_once, char **text, size_t *size)
{
	FILE *to = bl_memory_stream(text, size);
	static char some[100000];

	memset(some, 'x', sizeof some);
	if (to && at_once)
		fwrite(some, 1, n, to);
	for (size_t i = 0; to && !at_once && i < n; i++)
		putc('x', to);
	if (to)
		fprintf(to, "%d", 7);
	return bl_memory_close(to, text);
}

START_TEST(all_bytes_come)
{
	static const size_t length[] = {0, 1, 254, 255, 256, 4095, 4096, 70000};

	for (size_t i = 0; i < 2 * sizeof length / sizeof length[0]; i++) {
		const size_t n = length[i / 2];
		char *text;
		size_t size;

		ck_assert_int_eq(write_bytes(n, i % 2, &text, &size), 0);
		ck_assert_uint_eq(size, n + 1);
		ck_assert_uint_eq(strspn(text, "x"), n);
		ck_assert_str_eq(text + n, "7");
		free(text);
	}
}
END_TEST

START_TEST(nothing_is_a_text)
{
	char *text;
	size_t size = 9;
	FILE *to = bl_memory_stream(&text, &size);

	ck_assert_int_eq(bl_memory_close(to, &text), 0);
	ck_assert_uint_eq(size, 0);
	ck_assert_str_eq(text, "");
	free(text);
}
END_TEST

START_TEST(tells_its_place)
{
	char *text;
	size_t size;
	FILE *to = bl_memory_stream(&text, &size);

	ck_assert_int_eq(ftell(to), 0);
	for (long i = 1; i < 9000; i++) {
		putc('x', to);
		ck_assert_int_eq(ftell(to), i);
	}
	ck_assert_int_eq(bl_memory_close(to, &text), 0);
	free(text);
}
END_TEST

START_TEST(no_memory_is_a_failure)
{
	char *text;
	size_t size;
	unsigned n;
	int rc;

	calls = fail_at = 0;
	rc = write_bytes(70000, false, &text, &size);
	n = calls;
	ck_assert_int_eq(rc, 0);
	free(text);
	for (; n > 0; n--) {
		calls = 0;
		fail_at = n;
		text = (char *)&size;
		rc = write_bytes(70000, false, &text, &size);
		fail_at = 0;
		ck_assert_int_eq(rc, -1);
		ck_assert_ptr_null(text);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("memory stream");
	TCase *tests = tcase_create("memory stream");

	tcase_add_test(tests, all_bytes_come);
	tcase_add_test(tests, nothing_is_a_text);
	tcase_add_test(tests, tells_its_place);
	tcase_add_test(tests, no_memory_is_a_failure);
	suite_add_tcase(suite, tests);
	return suite_run(suite);
}
