/* test_safetensors.c - headers of safetensors files, and the layouts that follow from them. */
#include "safetensors.h"

#include "sample.h"
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct bl_files *pool;

/*
 * A header and what it becomes when the provenance is set, and when it is taken out (NULL: the
 * same). The provenance is P here, and what is padded is shown without its blanks.
 */
static const struct {
	const char *before, *set, *unset;
} edits[] = {
	{"{}      ", "{\"__metadata__\":{\"belay\":\"P\"}}", NULL},
	{"{ }", "{\"__metadata__\":{\"belay\":\"P\"} }", NULL},
	{"{\"w\":1}", "{\"__metadata__\":{\"belay\":\"P\"},\"w\":1}", NULL},
	{" {\"w\":1}", " {\"__metadata__\":{\"belay\":\"P\"},\"w\":1}", NULL},
	{"{\"__metadata__\":null}", "{\"__metadata__\":{\"belay\":\"P\"}}", NULL},
	{"{\"__metadata__\": {}}", "{\"__metadata__\": {\"belay\":\"P\"}}", NULL},
	{"{\"__metadata__\": { } }", "{\"__metadata__\": {\"belay\":\"P\" } }", NULL},
	{"{\"w\":[{}],\"__metadata__\":{\"a\" :\"b\" }}",
		"{\"w\":[{}],\"__metadata__\":{\"a\" :\"b\",\"belay\":\"P\" }}", NULL},
	{"{\"__metadata__\":{\"a\":\"b\"},\"w\":{}}",
		"{\"__metadata__\":{\"a\":\"b\",\"belay\":\"P\"},\"w\":{}}", NULL},
	{"{\"__metadata__\":{\"belay\":\"P\"}}", "{\"__metadata__\":{\"belay\":\"P\"}}",
		"{\"__metadata__\":{}}"},
	{"{\"__metadata__\":{ \"belay\":\"long enough\" ,\"b\":\"c\"}}   \n",
		"{\"__metadata__\":{ \"belay\":\"P\" ,\"b\":\"c\"}}",
		"{\"__metadata__\":{ \"b\":\"c\"}}"},
	{"{\"__metadata__\":{\"a\":\"b\", \"bel\\u0061y\":\"\"}}",
		"{\"__metadata__\":{\"a\":\"b\", \"bel\\u0061y\":\"P\"}}",
		"{\"__metadata__\":{\"a\":\"b\"}}"},
	{"{\"__metadata__\":{\"a\":\"\", \"belay\":\"x\",\"b\":\"\"}}",
		"{\"__metadata__\":{\"a\":\"\", \"belay\":\"P\",\"b\":\"\"}}",
		"{\"__metadata__\":{\"a\":\"\",\"b\":\"\"}}"},
};

/* Holds a head against the header it should hold. */
static void check_head(const struct bl_safetensors_head *head, const char *header, size_t length)
{
	const size_t text = strlen(header);
	uint64_t word = 0;

	for (size_t i = 8; i > 0; i--)
		word = word << 8 | (unsigned char)head->bytes[i - 1];
	ck_assert_uint_eq(word, length);
	ck_assert_uint_eq(head->size, length + 8);
	ck_assert_msg(memcmp(head->bytes + 8, header, text) == 0, "'%.*s' instead of '%s'",
		(int)length, head->bytes + 8, header);
	for (size_t i = text; i < length; i++)
		ck_assert_int_eq(head->bytes[8 + i], ' ');
}

/* The length of a header that was padded. */
static size_t padded(const char *text, size_t old)
{
	const size_t n = strlen(text);

	return n <= old ? old : (n + 7) / 8 * 8;
}

START_TEST(splices)
{
	const char *before = edits[_i].before, *set = edits[_i].set, *unset = edits[_i].unset;
	const size_t n = strlen(before);
	struct bl_safetensors_head head;
	struct bl_err err = {0};

	ck_assert_int_eq(bl_safetensors_splice(before, n, "P", &head, &err), 0);
	check_head(&head, set, padded(set, n));
	free(head.bytes);
	ck_assert_int_eq(bl_safetensors_splice(before, n, NULL, &head, &err), 0);
	if (unset)
		check_head(&head, unset, padded(unset, n));
	else
		check_head(&head, before, n);
	free(head.bytes);
}
END_TEST

START_TEST(splice_escapes)
{
	struct bl_safetensors_head head;
	struct bl_err err = {0};

	ck_assert_int_eq(bl_safetensors_splice("{}", 2, "{\"a\":\"\\n\xc3\xa9\"}", &head, &err), 0);
	check_head(&head,
		"{\"__metadata__\":{\"belay\":\"{\\\"a\\\":\\\"\\\\n\xc3\xa9\\\"}\"}}", 48);
	free(head.bytes);
}
END_TEST

/* What was read when the file was opened is read once more; it may be another text by then. */
START_TEST(splice_refuses)
{
	static const char *const bad[] = {"", "[]", "{", "{\"a\"", "{\"__metadata__\":1}",
		"{\"__metadata__\":{\"a\":1}}", "{\"__metadata__\":{\"a\":\"b\"", "{\"a\":[}"};

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct bl_safetensors_head head;
		struct bl_err err = {0};

		for (int set = 0; set < 2; set++) {
			ck_assert_int_eq(bl_safetensors_splice(bad[i], strlen(bad[i]),
				set ? "P" : NULL, &head, &err), -1);
			ck_assert_str_eq(err.text, "changed while it was read");
		}
	}
}
END_TEST

/* A file that comes back from the sink unchanged to the last byte. */
START_TEST(same_bytes)
{
	char *folder = strdup(sample_path("tests/data/cases/safetensors/valid")), **name;
	const size_t n = sample_list(folder, &name);

	for (size_t i = 0; i < n; i++) {
		char path[1024];
		size_t before, after;
		unsigned char *x, *y;
		struct bl_source src;
		struct bl_err err = {0};

		snprintf(path, sizeof path, "%s/%s", folder, name[i]);
		if (strncmp(name[i], "belay_", 6) == 0)
			continue;
		sample_open(&src, pool, path);
		ck_assert_int_eq(sample_copy(&src, src.format, scratch_path("same"), NULL,
			i % 2 ? SAMPLE_BACKWARDS : SAMPLE_RUNS, &err), 0);
		bl_source_close(&src);
		x = sample_read(path, &before);
		y = sample_read(scratch_path("same"), &after);
		ck_assert_msg(before == after && memcmp(x, y, before) == 0, "%s", path);
		free(x);
		free(y);
	}
	sample_list_free(name, n);
	free(folder);
}
END_TEST

/* Turns the order of a catalogue round. */
static void reverse(struct bl_catalog *cat)
{
	for (size_t i = 0; i < cat->tensors / 2; i++) {
		const struct bl_tensor t = cat->tensor[i];

		cat->tensor[i] = cat->tensor[cat->tensors - 1 - i];
		cat->tensor[cat->tensors - 1 - i] = t;
	}
}

/* Builds the head of a file anew from its catalogue and holds it against the file's own. */
static void check_build(const char *path, bool metadata)
{
	struct bl_safetensors_head head;
	struct bl_source src;
	struct bl_err err = {0};
	uint64_t values, *begin;
	size_t *order, n;
	unsigned char *bytes = sample_read(path, &n);

	sample_open(&src, pool, path);
	order = calloc(src.cat.tensors + 1, sizeof *order);
	begin = calloc(src.cat.tensors + 1, sizeof *begin);
	ck_assert_int_eq(bl_catalog_own(&src.cat, &err), 0);
	reverse(&src.cat);
	ck_assert_int_eq(bl_safetensors_order(&src.cat, order, &err), 0);
	ck_assert_int_eq(bl_safetensors_build(&src.cat, order, src.cat.tensors,
		metadata ? (src.cat.meta ? src.cat.meta : (const struct bl_meta[1]){{0}}) : NULL,
		src.cat.metas, begin, &values, &head, &err), 0);
	ck_assert_msg(head.size <= n && memcmp(head.bytes, bytes, head.size) == 0, "%s: %.*s", path,
		(int)head.size - 8, head.bytes + 8);
	ck_assert_uint_eq(head.size + values, n);
	for (size_t i = 0; i < src.cat.tensors; i++)
		ck_assert(order[i] < src.cat.tensors &&
			(i == 0 || begin[order[i]] == begin[order[i - 1]] +
				src.cat.tensor[order[i - 1]].bytes));
	bl_source_close(&src);
	free(head.bytes);
	free(order);
	free(begin);
	free(bytes);
}

/* Headers as the reference wrote them, byte for byte. */
START_TEST(builds_what_the_reference_writes)
{
	check_build(sample_path("tests/data/cases/safetensors/library/every_dtype.safetensors"),
		false);
	check_build(sample_path("tests/data/cases/safetensors/library/odd_names.safetensors"),
		true);
	check_build(sample_path("tests/data/cases/safetensors/library/metadata.safetensors"), true);
	check_build(sample_path("tests/data/cases/safetensors/library/metadata_empty.safetensors"),
		true);
	check_build(sample_path("tests/data/cases/safetensors/library/nothing.safetensors"), false);
}
END_TEST

/* A template of another format: one that reads as a safetensors file does. */
static void as_foreign(struct bl_source *src, struct bl_format *other)
{
	*other = bl_format_safetensors;
	other->name = "other";
	src->format = other;
}

START_TEST(new_file_from_other_format)
{
	static const char *const keys[] = {"belay", "fo\"rm\n\x02\xc3\xa9", "format"};
	struct bl_source src, back, again;
	struct bl_format other;
	struct bl_err err = {0};

	sample_open(&src, pool,
		sample_path("tests/data/cases/safetensors/library/odd_names.safetensors"));
	as_foreign(&src, &other);
	ck_assert_int_eq(sample_copy(&src, &bl_format_safetensors, scratch_path("new"), "{}",
		SAMPLE_BACKWARDS, &err), 0);
	sample_open(&back, pool, scratch_path("new"));
	ck_assert_uint_eq(back.cat.metas, 3);
	for (size_t i = 0; i < 3; i++)
		ck_assert_str_eq(back.cat.meta[i].key, keys[i]);
	ck_assert_str_eq(back.cat.meta[0].value, "{}");
	ck_assert_str_eq(back.cat.meta[1].value, "p\\t\x7f");
	ck_assert_str_eq(back.cat.meta[2].value, "pt");
	sample_open(&again, pool, src.path);
	again.cat.metas = back.cat.metas = 0;
	sample_compare(&again, &back);
	bl_source_close(&again);
	bl_source_close(&back);
	bl_source_close(&src);
}
END_TEST

/* An average of another format brings its own provenance, which must not stand beside ours. */
START_TEST(new_file_from_average)
{
	struct bl_source src, back;
	struct bl_format other;
	struct bl_err err = {0};

	sample_open(&src, pool,
		sample_path("tests/data/cases/safetensors/valid/belay_first.safetensors"));
	as_foreign(&src, &other);
	ck_assert_int_eq(sample_copy(&src, &bl_format_safetensors, scratch_path("new"), "new",
		SAMPLE_WHOLE, &err), 0);
	sample_open(&back, pool, scratch_path("new"));
	ck_assert_uint_eq(back.cat.metas, 2);
	ck_assert_str_eq(bl_catalog_meta(&back.cat, "belay"), "new");
	bl_source_close(&back);
	bl_source_close(&src);
}
END_TEST

/* A file has its full size before the first value is written, and values come in any order. */
START_TEST(reserved_before_written)
{
	struct bl_sink snk;
	struct bl_output *out;
	struct bl_source src;
	struct bl_err err = {0};
	struct stat st;

	sample_open(&src, pool,
		sample_path("tests/data/cases/safetensors/valid/one_f32.safetensors"));
	ck_assert_int_eq(bl_output_open(scratch_path("sized"), BL_NO_SYNC, NULL, &out, &err), 0);
	ck_assert_int_eq(bl_sink_create(&snk, src.format, "sized", out,
		&(struct bl_sink_plan){.template = &src}, &err), 0);
	ck_assert(!snk.ordered);
	ck_assert_int_eq(fstat(bl_output_fd(out), &st), 0);
	ck_assert_int_eq(st.st_size, (off_t)bl_file_size(src.file));
	snk.format->abandon(&snk);
	bl_output_close(out);
	bl_source_close(&src);
}
END_TEST

/* Copies to standard output, which is a file for once; its bytes. */
static unsigned char *piped(const struct bl_source *src, enum sample_walk walk, size_t *n)
{
	const char *path = scratch_path("piped");
	FILE *file = fopen(path, "wb");
	const int saved = dup(STDOUT_FILENO);
	struct bl_err err = {0};
	int rc;

	fflush(stdout);
	dup2(fileno(file), STDOUT_FILENO);
	rc = sample_copy(src, &bl_format_safetensors, "-", NULL, walk, &err);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	fclose(file);
	ck_assert_msg(rc == 0, "%s", err.text);
	return sample_read(path, n);
}

/* On a pipe the same file comes, front to back. */
START_TEST(pipe_from_template)
{
	const char *path =
		sample_path("tests/data/cases/safetensors/valid/header_order_differs.safetensors");
	size_t n, wanted;
	unsigned char *bytes, *should = sample_read(path, &wanted);
	struct bl_source src;

	sample_open(&src, pool, path);
	bytes = piped(&src, SAMPLE_PIECES, &n);
	ck_assert_uint_eq(n, wanted);
	ck_assert_mem_eq(bytes, should, n);
	bl_source_close(&src);
	free(bytes);
	free(should);
}
END_TEST

/* From another format the tensors stand in the order in which they come. */
START_TEST(pipe_from_other_format)
{
	struct bl_source src, back;
	struct bl_format other;
	unsigned char *bytes;
	size_t n;

	sample_open(&src, pool,
		sample_path("tests/data/cases/safetensors/valid/all_22_dtypes.safetensors"));
	ck_assert_str_eq(src.cat.tensor[0].name, "t.C64"); /* the reference would put U64 first */
	as_foreign(&src, &other);
	bytes = piped(&src, SAMPLE_PIECES, &n);
	sample_write(scratch_path("from_pipe"), bytes, n);
	sample_open(&back, pool, scratch_path("from_pipe"));
	ck_assert_str_eq(bl_catalog_meta(&back.cat, "format"), "pt");
	back.cat.metas = 0;
	sample_compare(&src, &back);
	bl_source_close(&src);
	bl_source_close(&back);
	free(bytes);
}
END_TEST

START_TEST(refuses_foreign_types)
{
	const size_t order[1] = {0};
	struct bl_tensor t = {.name = "z", .dtype = BL_C128, .count = 1, .bytes = 16};
	const struct bl_catalog cat = {.tensor = &t, .tensors = 1};
	struct bl_safetensors_head head;
	struct bl_err err = {0};
	uint64_t begin[1], values;

	ck_assert_int_eq(bl_safetensors_build(&cat, order, 1, NULL, 0, begin, &values, &head, &err),
		-1);
	ck_assert_int_eq(err.code, BL_OUTPUT);
	ck_assert_str_eq(err.text, "z: safetensors has no type for it");
	t.dtype = BL_OTHER;
	ck_assert_int_eq(bl_safetensors_build(&cat, order, 1, NULL, 0, begin, &values, &head, &err),
		-1);
}
END_TEST

/* 2 x 3 elements of 4 bits: three bytes, abc. */
START_TEST(packed_spans)
{
	static const struct {
		uint64_t first, count;
		const char *values; /* NULL: no whole bytes, or not there */
	} part[] = {
		{0, 6, "abc"}, {0, 2, "a"}, {2, 4, "bc"}, {4, 2, "c"}, {6, 0, ""}, {2, 0, ""},
		{1, 2, NULL}, {0, 1, NULL}, {4, 4, NULL}, {7, 0, NULL}, {2, UINT64_MAX - 1, NULL},
	};
	struct bl_source src;

	sample_open(&src, pool,
		sample_path("tests/data/cases/safetensors/valid/f4_even.safetensors"));
	for (size_t i = 0; i < sizeof part / sizeof part[0]; i++) {
		const struct bl_span span = {false, part[i].first, part[i].count};
		char values[4] = "";
		struct bl_err err = {0};
		const int rc = src.format->read(&src, 0, span, values, NULL, &err);

		ck_assert_int_eq(rc, part[i].values ? 0 : -1);
		if (part[i].values)
			ck_assert_str_eq(values, part[i].values);
		ck_assert_int_eq(err.code, part[i].values ? BL_OK : BL_BUG);
	}
	bl_source_close(&src);
}
END_TEST

/* The order of the data rules, whatever that of the header. */
START_TEST(catalogue_in_data_order)
{
	static const char *const order[] = {"a", "b", "c", "d"};
	struct bl_source src;

	sample_open(&src, pool,
		sample_path("tests/data/cases/safetensors/valid/header_order_differs.safetensors"));
	ck_assert_uint_eq(src.cat.tensors, 4);
	for (size_t i = 0; i < 4; i++) {
		unsigned char *values = sample_values(&src, i);
		float value;

		memcpy(&value, values, sizeof value);
		ck_assert_str_eq(src.cat.tensor[i].name, order[i]);
		ck_assert(value == (float)i);
		free(values);
	}
	bl_source_close(&src);
}
END_TEST

/* A length word of 123 begins as JSON does, which makes no index of shards of a file. */
START_TEST(length_word_like_text)
{
	static const size_t length[] = {'{', ' ' | '{' << 8};
	static const char header[] = "{\"__metadata__\":{\"weight_map\":\"\"},"
		"\"w\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}";

	for (size_t i = 0; i < sizeof length / sizeof length[0]; i++) {
		const size_t n = 8 + length[i] + 1;
		unsigned char *bytes = malloc(n);
		struct bl_source src;

		memset(bytes, ' ', n);
		for (size_t k = 0; k < 8; k++)
			bytes[k] = (unsigned char)(length[i] >> 8 * k);
		memcpy(bytes + 8, header, sizeof header - 1);
		sample_write(scratch_path("made"), bytes, n);
		free(bytes);
		sample_open(&src, pool, scratch_path("made"));
		ck_assert_uint_eq(src.cat.tensors, 1);
		bl_source_close(&src);
	}
}
END_TEST

/* A template that is no longer what was opened is not copied. */
START_TEST(changed_template)
{
	const char *path = scratch_path("changing");
	struct bl_err err = {0};
	struct bl_source src;
	size_t n;
	unsigned char *bytes = sample_read(
		sample_path("tests/data/cases/safetensors/valid/one_f32.safetensors"), &n);

	sample_write(path, bytes, n);
	sample_open(&src, pool, path);
	bytes[10] = 'v';
	bytes[n - 1] ^= 1;
	usleep(20000); /* a clock tick of the file system */
	sample_write(path, bytes, n);
	ck_assert_int_eq(sample_copy(&src, src.format, scratch_path("out"), NULL, SAMPLE_WHOLE,
		&err), -1);
	ck_assert_ptr_nonnull(strstr(err.text, path));
	ck_assert_ptr_nonnull(strstr(err.text, ": changed while it was read"));
	ck_assert_int_ne(access(scratch_path("out"), F_OK), 0);
	bl_source_close(&src);
	free(bytes);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("safetensors");
	TCase *tc = tcase_create("files");
	struct bl_err err;
	int failed;

	if (bl_files_new(&pool, 0, &err) != 0)
		return 1;
	tcase_add_loop_test(tc, splices, 0, sizeof edits / sizeof edits[0]);
	tcase_add_test(tc, splice_escapes);
	tcase_add_test(tc, splice_refuses);
	tcase_add_test(tc, same_bytes);
	tcase_add_test(tc, builds_what_the_reference_writes);
	tcase_add_test(tc, new_file_from_other_format);
	tcase_add_test(tc, new_file_from_average);
	tcase_add_test(tc, reserved_before_written);
	tcase_add_test(tc, pipe_from_template);
	tcase_add_test(tc, pipe_from_other_format);
	tcase_add_test(tc, refuses_foreign_types);
	tcase_add_test(tc, packed_spans);
	tcase_add_test(tc, catalogue_in_data_order);
	tcase_add_test(tc, changed_template);
	tcase_add_test(tc, length_word_like_text);
	suite_add_tcase(s, tc);
	failed = suite_run(s);
	scratch_remove();
	bl_files_free(pool);
	return failed;
}
