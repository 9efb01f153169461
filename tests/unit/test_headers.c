/*
 * test_headers.c - headers of safetensors files that were met before: that they are found, and that
 * this makes no other difference.
 */
#include "made_safetensors.h"
#include "safetensors.h"
#include "sample.h"
#include "suite.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct bl_files *pool;

/* Writes a file whose tensors, if it has any, take nine bytes; its path, malloc'd. */
static char *make(const char *name, const char *header, unsigned char first)
{
	char *path = strdup(scratch_path(name));

	made_safetensors(path, header, strlen(header), strstr(header, "dtype") ? 9 : 0, first);
	return path;
}

/* Opens a new file with this header. */
static char *open_new(struct bl_source *src, const char *name, const char *header)
{
	char *path = make(name, header, 0);

	sample_open(src, pool, path);
	return path;
}

static struct bl_safetensors_headers *headers(void)
{
	return bl_files_kept(pool, BL_KEPT_SAFETENSORS)->data;
}

static void begin(void)
{
	struct bl_err err;

	ck_assert_int_eq(bl_files_new(&pool, 0, &err), 0);
}

static void end(void)
{
	bl_files_free(pool);
	pool = NULL;
}

static const struct {
	const char *first, *second;
	bool shared;
} pairs[] = {
	{"{" A "," B "}", "{" A "," B "}", true},
	{"{" A "," B "}", "{" A "," B "} \t\r\n", true},
	{"{" A "," B "}  ", "{" A "," B "}", true},
	{"{" META "{\"step\":\"900\"}," A "," B "}", "{" META "{\"step\":\"1000\"}," A "," B "}",
		true},
	{"{" META "{\"step\":\"900\"}," A "," B "}", "{" META "{}," A "," B "}       ", true},
	{"{" META "null," A "," B "}", " {\n" META " {\"x\":\"}\"}," A "," B "}", true},
	{"{" META "{}," A "," B "}", "{\"__met\\u0061data__\":{}," A "," B "}", true},
	{"{" META "{}," A "," B "}", "{" META "{} ," A "," B "}", false},
	{"{" META "{\"k\":\"v\"}," A "," B "}", "{" A "," B "}", false},
	{"{" A "," B "}", "{" META "{\"k\":\"v\"}," A "," B "}", false},
	{"{" META "{}," A "," B "}", "{" META "{}," B "," A "}", false},
	{"{" A "," B "}", "{" A ", " B "}", false},
	{"{" A "," B "}", "{ " A "," B "}", false},
	{"{" A "," META "{}," B "}", "{" A "," META "{}," B "}", false},
	{"{" A "," META "{\"a\":\"1\"}," B "}", "{" A "," META "{\"a\":\"2\"}," B "}", false},
};

START_TEST(finds_the_same_tensors)
{
	struct bl_source one, two;
	char *a, *b;
	size_t kept;

	begin();
	a = open_new(&one, "one", pairs[_i].first);
	kept = headers()->first->kept;
	b = open_new(&two, "two", pairs[_i].second);
	ck_assert_int_eq(bl_catalog_shares(&one.cat, &two.cat), pairs[_i].shared);
	if (!strstr(pairs[_i].first, A "," META))
		ck_assert_uint_eq(headers()->first->kept, kept);
	bl_source_close(&one);
	bl_source_close(&two);
	end();
	free(a);
	free(b);
}
END_TEST

/* What bounds the memory of a header counts tensors that are there already. */
START_TEST(bound_of_memory)
{
	static const char text[] = "{" META
		"{\"k\":\"0123456789012345678901234567890123456789\"}," A "," B "}";
	struct bl_source one, two;
	struct bl_err err = {0};
	char *a, *b;

	begin();
	a = open_new(&one, "one", "{" META "{}," A "," B "}");
	headers()->first->kept = BL_SAFETENSORS_KEPT - 8000;
	b = open_new(&two, "two", text);
	ck_assert(bl_catalog_shares(&one.cat, &two.cat));
	bl_source_close(&two);
	headers()->first->kept = BL_SAFETENSORS_KEPT - 40;
	ck_assert_int_eq(bl_source_open(&two, pool, b, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.text, ": its header would take more than 160 MB of "
		"memory, which belay does not give it"));
	bl_source_close(&one);
	end();
	free(a);
	free(b);
}
END_TEST

/* ---- any text at all ---- */

static uint32_t random_state;

static uint32_t random_below(uint32_t n)
{
	random_state = random_state * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)random_state * n >> 32);
}

static const char *const good[] = {
	"{" A "," B "}",
	"{" META "{\"step\":\"900\"}," A "," B "}  ",
	"{" META "null," B "," A "}",
	"{" A "," META "{\"k\":\"v\",\"l\":\"\"}," B "}",
	"{" META "{}," A ",\"c\":{\"shape\":[0,3],\"dtype\":\"F16\",\"data_offsets\":[8,8]}," B "}",
	"{}",
	" {" META "{ } }",
	"{" META "{\"a\":\"1\",\"b\":\"2\"} }",
};
#define GOOD (sizeof good / sizeof good[0])

/* All of them, open. */
static struct bl_source known[GOOD];
static char *known_path[GOOD];

static void open_known(void)
{
	begin();
	for (size_t i = 0; i < GOOD; i++) {
		char name[16];

		snprintf(name, sizeof name, "known%zu", i);
		known_path[i] = open_new(&known[i], name, good[i]);
	}
}

static void close_known(void)
{
	for (size_t i = 0; i < GOOD; i++) {
		bl_source_close(&known[i]);
		free(known_path[i]);
	}
	end();
}

/* The verdict on a text, with the same words, whether or not others are open. Returns 0 where it is
 * refused, 2 where its tensors were known, else 1. */
static int same_verdict(const char *text, size_t n, size_t values)
{
	const char *path = scratch_path("any");
	const struct bl_safetensors_header *last = headers()->first;
	struct bl_source alone, later;
	struct bl_err first = {0}, second = {0};
	struct bl_files *empty;
	int one, two;

	made_safetensors(path, text, n, values, 0);
	ck_assert_int_eq(bl_files_new(&empty, 0, &first), 0);
	one = bl_source_open(&alone, empty, path, &first);
	two = bl_source_open(&later, pool, path, &second);
	ck_assert_msg(one == two && first.code == second.code &&
		strcmp(first.text, second.text) == 0 && strcmp(first.hint, second.hint) == 0,
		"%.*s: '%s' and '%s'", (int)n, text, first.text, second.text);
	if (one == 0)
		sample_compare(&alone, &later);
	bl_source_close(&alone);
	bl_source_close(&later);
	bl_files_free(empty);
	return one != 0 ? 0 : headers()->first == last ? 2 : 1;
}

/* Metadata that are wrong before tensors that are known. */
START_TEST(same_verdict_on_metadata)
{
	static const char *const bad[] = {
		"{" META "{\"a\":\"1\",\"a\":\"2\"}," A "," B "}",
		"{" META "{\"a\":1}," A "," B "}",
		"{" META "{\"a\\u0000\":\"\"}," A "," B "}",
		"{" META "{\"a\":{\"b\":\"c\"}}," A "," B "}",
		"{" META "[]," A "," B "}",
		"{" META "{\"a\":\"\xff\"}," A "," B "}",
		"{" META "{}," META "{}," A "," B "}",
	};

	open_known();
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		ck_assert_int_eq(same_verdict(bad[i], strlen(bad[i]), 9), 0);
	close_known();
}
END_TEST

/* Beginnings of some headers and ends of others. */
START_TEST(same_verdict_on_pieces)
{
	size_t count[3] = {0};

	open_known();
	for (size_t i = 0; i < GOOD; i++)
		for (size_t k = 0; k < GOOD; k++)
			for (size_t cut = 0; cut <= strlen(good[i]); cut += 1 + cut / 40) {
				const char *behind = strstr(good[k], "__\":");
				const char *from = behind && behind - good[k] < 20
					? strpbrk(behind, "}l") + 1 : good[k];
				char text[1024];
				const int n = snprintf(text, sizeof text, "%.*s%s", (int)cut,
					good[i], from + (from[0] == 'l'));

				count[same_verdict(text, (size_t)n,
					strstr(good[k], "dtype") ? 9 : 0)]++;
			}
	ck_assert_msg(count[0] > 100 && count[2] > 5, "%zu %zu %zu", count[0], count[1], count[2]);
	close_known();
}
END_TEST

/* Changes a text of n bytes in one place. */
static size_t mutate(char *text, size_t n)
{
	static const char alphabet[] = "{}[]\",: \n\\0129abn_8\xc3";
	const size_t at = random_below((uint32_t)n), left = n - at, most = 1 + random_below(8);
	const size_t some = most < left ? most : left;
	const char byte = random_below(40) ? alphabet[random_below(sizeof alphabet - 1)] : '\0';

	switch (random_below(4)) {
	case 0: /* one more */
		memmove(text + at + 1, text + at, left);
		text[at] = byte;
		return n + 1;
	case 1: /* some less */
		if (some == n)
			return n;
		memmove(text + at, text + at + some, left - some);
		return n - some;
	case 2: /* some of another place */
		memmove(text + at, text + random_below((uint32_t)(n - some + 1)), some);
		return n;
	default:
		text[at] = byte;
		return n;
	}
}

START_TEST(same_verdict_on_any_text)
{
	size_t count[3] = {0};
	char text[1024];

	random_state = 1;
	for (size_t round = 0; round < 12000; round++) {
		const char *start = good[random_below(GOOD)];
		const size_t values = random_below(10) ? strstr(start, "dtype") ? 9 : 0
						       : random_below(10);
		size_t n = strlen(start);

		if (round % 200 == 0)
			open_known();
		memcpy(text, start, n);
		for (size_t k = 1 + random_below(2); k > 0; k--)
			n = mutate(text, n);
		count[same_verdict(text, n, values)]++;
		if (round % 200 == 199)
			close_known();
	}
	ck_assert_msg(count[0] > 5000 && count[1] > 100 && count[2] > 300, "%zu %zu %zu", count[0],
		count[1], count[2]);
}
END_TEST

/* ---- files ---- */

/* Every file has its own metadata and values, and what they share is in memory once. */
START_TEST(files_of_a_pool)
{
	char *path[3] = {make("one", "{" META "{\"step\":\"9\"}," A "," B "}  ", 10),
		make("two", "{" META "{\"step\":\"10\"}," A "," B "}", 20),
		make("three", "{" META "{\"step\":\"11\"}," B "," A "}", 30)};
	const char *step[3] = {"9", "10", "11"};
	struct bl_source src[3];
	uint64_t bytes;

	begin();
	ck_assert_uint_eq(bl_files_bytes(pool), 0);
	sample_open(&src[0], pool, path[0]);
	bytes = bl_files_bytes(pool);
	ck_assert_uint_ge(bytes, 2 * (sizeof(struct bl_tensor) + sizeof(uint64_t)));
	sample_open(&src[1], pool, path[1]);
	ck_assert_uint_eq(bl_files_bytes(pool), bytes);
	sample_open(&src[2], pool, path[2]);
	ck_assert_uint_gt(bl_files_bytes(pool), bytes);
	ck_assert(bl_catalog_shares(&src[0].cat, &src[1].cat));
	ck_assert(!bl_catalog_shares(&src[0].cat, &src[2].cat));
	bl_source_close(&src[0]); /* what it lent stays */
	for (size_t t = 1; t < 3; t++) {
		unsigned char *values = sample_values(&src[t], 0);
		unsigned char *last = sample_values(&src[t], 1);

		ck_assert_str_eq(src[t].cat.tensor[0].name, "a");
		ck_assert_str_eq(bl_catalog_meta(&src[t].cat, "step"), step[t]);
		ck_assert_int_eq(values[0], (unsigned char)(10 * (t + 1)));
		ck_assert_int_eq(last[0], (unsigned char)(10 * (t + 1) + 8));
		ck_assert_uint_lt(bl_source_bytes(&src[t]), 4096);
		free(values);
		free(last);
		bl_source_close(&src[t]);
	}
	end();
	for (size_t t = 0; t < 3; t++)
		free(path[t]);
}
END_TEST

/* A header is known by the file that had it first, as long as that is open and what it was. */
START_TEST(known_by_open_files)
{
	const struct timespec then[2] = {{1000000, 0}, {1000000, 0}};
	char *a = make("one", "{" A "," B "}", 1), *b = make("two", "{" A "," B "}", 2);
	struct bl_source src[4];

	begin();
	sample_open(&src[0], pool, a);
	sample_open(&src[1], pool, b);
	bl_source_close(&src[1]);
	sample_open(&src[1], pool, b);
	ck_assert(bl_catalog_shares(&src[0].cat, &src[1].cat));
	bl_source_close(&src[0]);
	sample_open(&src[2], pool, a);
	ck_assert(!bl_catalog_shares(&src[2].cat, &src[1].cat));
	ck_assert_int_eq(utimensat(AT_FDCWD, a, then, 0), 0);
	sample_open(&src[3], pool, b);
	ck_assert(!bl_catalog_shares(&src[3].cat, &src[2].cat));
	for (size_t t = 1; t < 4; t++)
		bl_source_close(&src[t]);
	end();
	free(a);
	free(b);
}
END_TEST

/* Where the header is known, the size of the file is still held against it. */
START_TEST(file_cut_short)
{
	char *path = make("whole", "{" A "," B "}", 1), *cut = strdup(scratch_path("cut"));
	struct bl_source src, other;
	struct bl_err err = {0};
	unsigned char *bytes;
	char want[256];
	size_t n;

	bytes = sample_read(path, &n);
	sample_write(cut, bytes, n - 1);
	begin();
	sample_open(&src, pool, path);
	ck_assert_int_eq(bl_source_open(&other, pool, cut, &err), -1);
	snprintf(want, sizeof want, "%s: the tensors take 9 bytes, but the file has only 8 for "
		"them", cut);
	ck_assert_str_eq(err.text, want);
	ck_assert_str_eq(err.hint, "the download or the copy may have been cut short");
	bl_source_close(&src);
	end();
	free(bytes);
	free(path);
	free(cut);
}
END_TEST

/* A header that ends too early, behind which the data look as if it went on. */
START_TEST(text_goes_on_in_the_data)
{
	static const char text[] = "{" A "," B "}";
	char *path = make("whole", text, 1), *cut = strdup(scratch_path("cut"));
	const size_t n = strlen(text);
	unsigned char file[256] = {0};
	struct bl_source src, other;

	begin();
	sample_open(&src, pool, path);
	for (size_t k = 0; k <= 9; k++) {
		struct bl_err err = {0};

		file[0] = (unsigned char)(n - k);
		memcpy(file + 8, text, n);
		sample_write(cut, file, 8 + n - k + 9);
		ck_assert_int_eq(bl_source_open(&other, pool, cut, &err), k ? -1 : 0);
		if (k)
			ck_assert_ptr_nonnull(strstr(err.text, "the header is no valid JSON"));
		bl_source_close(&other);
	}
	bl_source_close(&src);
	end();
	free(path);
	free(cut);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("headers");
	TCase *tc = tcase_create("headers");
	int failed;

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, finds_the_same_tensors, 0, (int)(sizeof pairs / sizeof pairs[0]));
	tcase_add_test(tc, bound_of_memory);
	tcase_add_test(tc, same_verdict_on_metadata);
	tcase_add_test(tc, same_verdict_on_pieces);
	tcase_add_test(tc, same_verdict_on_any_text);
	tcase_add_test(tc, files_of_a_pool);
	tcase_add_test(tc, known_by_open_files);
	tcase_add_test(tc, file_cut_short);
	tcase_add_test(tc, text_goes_on_in_the_data);
	suite_add_tcase(s, tc);
	failed = suite_run(s);
	scratch_remove();
	return failed;
}
