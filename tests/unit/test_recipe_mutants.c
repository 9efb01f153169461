/*
 * test_recipe_mutants.c - recipes and provenances with bytes changed, left out, doubled: each is
 * read or refused with its place, and what is read is written and read back as the same.
 *
 * BELAY_MUTANTS: how many of each (default 20,000).
 */
#include "recipe_write.h"

#include "suite.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 4096

static uint64_t state = 1;

/* Below n; the same numbers in every run. */
static size_t any(size_t n)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (size_t)(state >> 33) % n;
}

/* What changes the meaning of a text. */
static const char *const piece[] = {"\n", " ", "\t", "- ", ": ", ",", "[", "]", "{", "}", "&a ",
	"*a", "<<: ", "<<", "'", "\"", "#", "|\n", ">-\n", "?", "!", "%", "---\n", "...\n", "\\",
	"\\u", "\\x00", "null", "true", "\xc3", "\xa4", "\xef\xbb\xbf", "\xe2\x80\xa8", "\r",
	"half-life: ", "runs:\n", "name: ", "copy: ", "tensors:\n", "match: ", "method: ema",
	"1:9:3", "1:2:log3", "1e999", "-1", "10%", "9ckpt", "inputs: ", "output: ", "\x7f", "\x01"};

#define PIECES (sizeof piece / sizeof piece[0])

/* One change; len < MOST - 64. Returns the new length. */
static size_t change(char *text, size_t len)
{
	const size_t at = any(len + 1), n = any(len - at + 1) % 40;
	const char *put = piece[any(PIECES)];

	switch (any(5)) {
	case 0: /* a byte */
		if (at < len)
			text[at] = (char)any(256);
		return len;
	case 1: /* left out */
		memmove(text + at, text + at + n, len - at - n);
		return len - n;
	case 2: /* doubled */
		memmove(text + at + n, text + at, len - at);
		return len + n;
	case 3: /* moved to the end */
		memcpy(text + len, text + at, n);
		return len + n;
	default:
		memmove(text + at + strlen(put), text + at, len - at);
		memcpy(text + at, put, strlen(put));
		return len + strlen(put);
	}
}

/* A seed, some changes later. Returns its length. */
static size_t mutate(const char *seed, char *text)
{
	size_t len = strlen(seed);

	memcpy(text, seed, len);
	for (size_t changes = 1 + any(6); changes > 0 && len < MOST - 64; changes--)
		len = change(text, len);
	return len;
}

static size_t mutants(void)
{
	const char *n = getenv("BELAY_MUTANTS");

	return n ? strtoul(n, NULL, 10) : 20000;
}

/* Written by bl_recipe_write; NULL where that is refused. */
static char *write_recipe(const struct bl_recipe *r)
{
	struct bl_err err = {0};
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);
	const int rc = bl_recipe_write(to, r, &err);

	fclose(to);
	if (rc == 0)
		return text;
	ck_assert_msg(strstr(err.text, "is no UTF-8") != NULL, "%s", err.text);
	free(text);
	return NULL;
}

/* Makes paths of patterns. */
static void take_literally(struct bl_recipe *r)
{
	for (size_t i = 0; i < r->inputs; i++) {
		char *to = r->input[i].path;

		for (const char *from = to; (*to = *from); from++, to++)
			if (*from == '\\' && from[1])
				*to = *++from;
	}
}

/* What was read is written, read, and written as the same. */
static void come_back(const struct bl_recipe *r)
{
	struct bl_recipe back = {0};
	struct bl_err err = {0};
	char *first = write_recipe(r), *second;

	if (!first)
		return;
	ck_assert_msg(bl_recipe_read(&back, first, strlen(first), "b", "", &err) == 0, "%s\n%s",
		err.text, first);
	take_literally(&back);
	second = write_recipe(&back);
	ck_assert_str_eq(first, second);
	bl_recipe_free(&back);
	free(first);
	free(second);
}

/* "r.yaml:LINE:COLUMN: why", or "r.yaml: why". */
static void check_place(const struct bl_err *err, const char *text, size_t len)
{
	unsigned long line = 1, column = 1, lines = 1;
	int end = 0;

	for (size_t i = 0; i < len; i++)
		lines += strchr("\n\r\xc2\xe2", text[i]) != NULL;
	ck_assert_int_eq(err->code, BL_USAGE);
	ck_assert_msg(strncmp(err->text, "r.yaml:", 7) == 0, "%s", err->text);
	sscanf(err->text + 7, "%lu:%lu: %n", &line, &column, &end);
	ck_assert_msg(end > 0 && err->text[7 + end], "%s", err->text);
	ck_assert_msg(line >= 1 && line <= lines + 1 && column >= 1 && column <= len + 1,
		"%s, of %lu lines", err->text, lines);
}

START_TEST(recipes)
{
	static const char *const seed[] = {
		("inputs: [\"a\\u00e4*\", b]\noutput: '{name}.h5'\nhalf-life: &h [5, 10%]\n"
		"tensors:\n  - {match: \"*.b\", copy: true}\n"
		"runs:\n  - &a {name: one}\n  - {<<: [*a, {decay: 0.5}], name: two}\n"
		"  - name: |\n      three\n    mean-age: *h\n"),
		("# nothing\nmethod: [ema, belay]\nforce: true\nquiet: false\nplan: json\n"
		"gain: 0:1:11\nrestore: 1:2:log3\ncopy:\n- a\n- \"b c\"\nthreads: 2\n"),
		("? inputs\n: >-\n  a\n  b\n? name\n: \"\\x41\\\n  b\"\n"
		"time-pattern: '([0-9]+)'\n")};
	size_t good = 0;

	for (size_t i = 0; i < mutants(); i++) {
		char text[MOST + 64], *copy;
		const size_t len = mutate(seed[any(3)], text);
		struct bl_recipe r = {0};
		struct bl_err err = {0};

		copy = malloc(len + 1); /* so that a byte too far is seen */
		memcpy(copy, text, len);
		if (bl_recipe_read(&r, copy, len, "r.yaml", "", &err) == 0) {
			good++;
			take_literally(&r);
			come_back(&r);
		} else {
			check_place(&err, copy, len);
		}
		bl_recipe_free(&r);
		free(copy);
	}
	/* Both happen. */
	ck_assert_uint_gt(good, mutants() / 100);
	ck_assert_uint_lt(good, mutants() / 2);
}
END_TEST

START_TEST(provenances)
{
	static const char seed[] =
		"{\"belay\":\"0.1.0\",\"method\":\"ema\",\"settings\":{\"half-life\":\"10%\","
		"\"name\":\"a\\nb\"},\"resolved\":{\"kappa\":{\"value\":0.5,\"hex\":\"0x1p-1\"}},"
		"\"tensors\":[{\"match\":\"a*\",\"copy\":true},{\"match\":\"b\",\"skip\":true}],"
		"\"format\":\"hdf5\",\"times\":{\"from\":\"name\",\"key\":null},\"inputs\":["
		"{\"path\":\"a/1.h5\",\"time\":1,\"size\":8},{\"path\":\"b/2.h5\",\"time\":2}],"
		"\"weights\":[\"0x1p-1\",\"0x1p-1\"]}";
	size_t good = 0;

	for (size_t i = 0; i < mutants(); i++) {
		char text[MOST + 64], *written = NULL;
		const size_t len = mutate(seed, text);
		struct bl_recipe back = {0};
		struct bl_err err = {0};
		size_t size;
		FILE *to = open_memstream(&written, &size);
		const int rc = bl_recipe_of_provenance(to, text, len, &err);

		fclose(to);
		if (rc == 0) {
			good++;
			ck_assert_msg(bl_recipe_read(&back, written, size, "b", "", &err) == 0,
				"%s\n%s", err.text, written);
		} else {
			ck_assert_int_eq(err.code, BL_INPUT);
			ck_assert_msg(strncmp(err.text, "provenance: ", 12) == 0, "%s", err.text);
		}
		bl_recipe_free(&back);
		free(written);
	}
	ck_assert_uint_gt(good, mutants() / 100);
	ck_assert_uint_lt(good, mutants() / 2);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("recipe_mutants");
	TCase *tc = tcase_create("mutants");

	tcase_add_test(tc, recipes);
	tcase_add_test(tc, provenances);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
