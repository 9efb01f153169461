/*
 * test_hdf5.c - HDF5 files as libhdf5 makes them: read in both kinds of spans, cloned, written
 * anew, and read again by libhdf5.
 */
#include "hdf5_chunk.h"
#include "made_h5.h"
#include "sample.h"
#include "suite.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static struct bl_files *pool;

static const struct made_file kinds[] = {
	{.name = "old"},
	{.name = "new", .newest = true},
	{.name = "block", .user_block = 1024},
	{.name = "newblock", .newest = true, .user_block = 512},
	{.name = "paged", .paged = true},
	{.name = "times", .newest = true, .times = true},
	{.name = "free", .newest = true, .keep_free = true, .times = true},
	{.name = "pagedfree", .paged = true, .keep_free = true},
};
#define KINDS ((int)(sizeof kinds / sizeof kinds[0]))

/* A file of all datasets of one kind. */
static const char *make(int kind)
{
	const char *path = scratch_path(kinds[kind].name);

	made_write(path, &kinds[kind], made_all);
	return path;
}

static size_t find(const struct bl_source *src, const char *name)
{
	for (size_t i = 0; i < src->cat.tensors; i++)
		if (strcmp(src->cat.tensor[i].name, name) == 0)
			return i;
	ck_abort_msg("%s is not listed", name);
	return 0;
}

/* Puts the chunks of a tensor together; what is over the edge must be zero. */
static unsigned char *by_chunks(const struct bl_source *src, size_t tensor)
{
	const struct bl_tensor *t = &src->cat.tensor[tensor];
	const size_t size = bl_dtype(t->dtype)->bits / 8;
	unsigned char *values = calloc(1, t->bytes + 1), *chunk = malloc(t->chunk_count * size);
	void *work = src->format->work_new(t->chunk_count * size);
	struct bl_err err = {0};

	for (uint64_t k = 0; k < t->chunks; k++) {
		const struct bl_span span = {true, k, t->chunk_count};
		struct bl_h5_rows rows;

		memset(chunk, 0xee, t->chunk_count * size);
		ck_assert_msg(src->format->read(src, tensor, span, chunk, work, &err) == 0,
			"%s: %s", t->name, err.text);
		bl_h5_rows_begin(&rows, t, k);
		while (bl_h5_rows_next(&rows)) {
			unsigned char *row = chunk + rows.in_chunk * size;

			memcpy(values + rows.in_tensor * size, row, rows.length * size);
			memset(row, 0, rows.length * size);
		}
		ck_assert_msg(chunk[0] == 0 &&
				memcmp(chunk, chunk + 1, t->chunk_count * size - 1) == 0,
			"%s: chunk %d: no zero over the edge", t->name, (int)k);
	}
	src->format->work_free(work);
	free(chunk);
	return values;
}

/* Every tensor must be what libhdf5 reads. */
static void compare_with_library(const struct bl_source *src, const char *path)
{
	for (size_t i = 0; i < src->cat.tensors; i++) {
		const struct bl_tensor *t = &src->cat.tensor[i];
		size_t n;
		unsigned char *should = made_values(path, t->name, &n), *is;

		ck_assert_uint_eq(t->bytes, n);
		is = sample_values(src, i);
		ck_assert_msg(memcmp(is, should, n) == 0, "%s: %s: ranges", path, t->name);
		free(is);
		if (t->chunk) {
			is = by_chunks(src, i);
			ck_assert_msg(memcmp(is, should, n) == 0, "%s: %s: chunks", path, t->name);
			free(is);
		}
		free(should);
	}
}

START_TEST(reads_every_layout)
{
	const char *path = make(_i);
	struct bl_source src;
	size_t listed = 0;

	for (const struct made *m = made_all; m->name[0]; m++)
		listed += kinds[_i].newest || !(m->flags & MADE_RAW_EDGES);
	sample_open(&src, pool, path);
	ck_assert_uint_eq(src.cat.tensors, listed);
	for (size_t i = 1; i < listed; i++)
		ck_assert_int_lt(strcmp(src.cat.tensor[i - 1].name, src.cat.tensor[i].name), 0);
	ck_assert_int_eq(src.cat.tensor[find(&src, "brain")].dtype, BL_BF16);
	ck_assert_int_eq(src.cat.tensor[find(&src, "big/half")].dtype, BL_F16);
	ck_assert_int_eq(src.cat.tensor[find(&src, "complex2")].dtype, BL_C128);
	ck_assert_uint_eq(src.cat.tensor[find(&src, "chunks/cube")].chunk[2], 4);
	compare_with_library(&src, path);
	bl_source_close(&src);
}
END_TEST

/* Ranges of one row of chunks at a time must fit together. */
START_TEST(reads_in_pieces)
{
	struct bl_source src;
	struct bl_err err = {0};

	sample_open(&src, pool, make(1));
	for (size_t i = 0; i < src.cat.tensors; i++) {
		const struct bl_tensor *t = &src.cat.tensor[i];
		const size_t size = bl_dtype(t->dtype)->bits / 8;
		const uint64_t step = bl_row_of_chunks(t);
		unsigned char *whole = sample_values(&src, i), *part = malloc(step * size + 1);
		void *work = src.format->work_new(t->chunk_count * size);

		for (uint64_t at = 0; at < t->count; at += step) {
			const uint64_t n = at + step < t->count ? step : t->count - at;
			const struct bl_span span = {false, at, n};

			ck_assert_int_eq(src.format->read(&src, i, span, part, work, &err), 0);
			ck_assert(memcmp(part, whole + at * size, n * size) == 0);
		}
		src.format->work_free(work);
		free(part);
		free(whole);
	}
	bl_source_close(&src);
}
END_TEST

/* A span that the contract excludes is a bug of the caller, not a crash. */
START_TEST(refuses_wrong_spans)
{
	static const struct bl_span wrong[] = {
		{false, 0, 101}, {false, 101, 0}, {false, 1, 30}, {false, 0, 20},
		{false, UINT64_MAX, 2}, {true, 16, 9}, {true, 0, 8},
	};
	unsigned char values[1024];
	struct bl_source src;
	void *work;

	sample_open(&src, pool, make(0));
	work = src.format->work_new(36);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct bl_err err = {0};

		ck_assert_int_ne(src.format->read(&src, find(&src, "chunks/plain"), wrong[i],
			values, work, &err), 0);
		ck_assert_int_eq(err.code, BL_BUG);
	}
	src.format->work_free(work);
	bl_source_close(&src);
}
END_TEST

/* Writing the same values changes nothing that can be read. */
START_TEST(clones)
{
	const char *path = make(_i), *copy = scratch_path("copy");

	for (int walk = SAMPLE_WHOLE; walk <= SAMPLE_BACKWARDS; walk++) {
		struct bl_source src, back;
		struct bl_err err = {0};
		char *text;

		sample_open(&src, pool, path);
		ck_assert_msg(sample_copy(&src, &bl_format_hdf5, copy, walk ? "{}" : NULL,
			(enum sample_walk)walk, &err) == 0, "%s", err.text);
		sample_open(&back, pool, copy);
		sample_compare(&src, &back);
		compare_with_library(&back, copy);
		text = made_attribute(copy, "belay");
		ck_assert(walk ? text && strcmp(text, "{}") == 0 : !text);
		H5free_memory(text);
		bl_source_close(&src);
		bl_source_close(&back);
	}
}
END_TEST

/* Runs the cloner; the bytes it makes. */
static unsigned char *run_clone(const char *options, const char *from, const char *to, size_t *n)
{
	const char *top = getenv("top_builddir");
	char command[2048];

	snprintf(command, sizeof command, "%s/tests/unit/clone_h5 %s -p '{\"x\":1}' %s %s",
		top ? top : ".", options, from, to);
	ck_assert_msg(system(command) == 0, "%s", command);
	return sample_read(to, n);
}

/* The same bytes for any number of threads, whatever the tiles, and at any time. */
START_TEST(bytes_are_steady)
{
	static const char *const options[] = {"-2 -t 3", "-2 -c", "-2 -c -t 2", "-2 -c -t 5"};
	char *path = strdup(make(_i)), *copy = strdup(scratch_path("copy"));
	size_t n, m;
	unsigned char *first = run_clone("-2", path, copy, &n);

	sleep(1); /* the clock of HDF5 counts seconds */
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
		unsigned char *next = run_clone(options[i], path, copy, &m);

		ck_assert_msg(m == n && memcmp(first, next, n) == 0, "%s: %s", path, options[i]);
		free(next);
	}
	free(first);
	free(path);
	free(copy);
}
END_TEST

/* Doubled values arrive, in every layout; small halves stay by clone_h5's rule. */
START_TEST(writes_other_values)
{
	char *path = strdup(make(_i)), *copy = strdup(scratch_path("copy"));
	struct bl_source src;
	size_t n;

	free(run_clone(_i % 2 ? "-2" : "-2 -c", path, copy, &n));
	sample_open(&src, pool, copy);
	for (size_t i = 0; i < src.cat.tensors; i++) {
		const struct bl_tensor *t = &src.cat.tensor[i];
		unsigned char *old = made_values(path, t->name, &n), *is = sample_values(&src, i);
		unsigned char *now = made_values(copy, t->name, &n);
		size_t wrong = 0;

		ck_assert(memcmp(is, now, n) == 0);
		for (size_t k = 0; t->dtype == BL_F32 && k < t->count; k++)
			wrong += ((float *)(void *)now)[k] != 2 * ((float *)(void *)old)[k];
		ck_assert_msg(wrong == 0, "%s: %zu elements", t->name, wrong);
		ck_assert_int_eq(memcmp(now, old, n) != 0, t->dtype != BL_I32 && n > 0 &&
			strcmp(t->name, "chunks/zeros") != 0 && strcmp(t->name, "unwritten0") != 0);
		free(old);
		free(is);
		free(now);
	}
	bl_source_close(&src);
	free(path);
	free(copy);
}
END_TEST

/* A clone without provenance, of data that have their places: only those bytes differ. */
START_TEST(only_values_differ)
{
	static const struct made list[] = {
		{"a", "f4", 2, {7, 5}, {0}, 0, 0, 0}, {"b/c", ">f8", 1, {300}, {0}, 0, 0, 0},
		{"b/d", "f4", 2, {10, 10}, {3, 3}, 0, 3, 0}, {"i", "i4", 1, {9}, {0}, 0, 0, 0},
		{"", "", 0, {0}, {0}, 0, 0, 0},
	};
	char *path = strdup(scratch_path("template")), *copy = strdup(scratch_path("copy"));
	unsigned char *old, *now;
	struct bl_source src;
	struct bl_err err = {0};
	size_t n, m, changed = 0;

	made_write(path, &kinds[_i], list);
	sample_open(&src, pool, path);
	for (size_t i = 0; i < src.cat.tensors; i++)
		src.cat.tensor[i].keep = i == 0 ? "the test says so" : NULL;
	ck_assert_int_eq(sample_copy(&src, &bl_format_hdf5, copy, NULL, SAMPLE_PIECES, &err), 0);
	bl_source_close(&src);
	old = sample_read(path, &n);
	now = sample_read(copy, &m);
	ck_assert_uint_eq(n, m);
	for (size_t i = 0; i < n; i++)
		changed += old[i] != now[i];
	/* The chunks over the edge are filled up again: 7 of 16, less than 9 elements each. */
	ck_assert_uint_le(changed, 7 * 9 * 4);
	free(old);
	free(now);
	free(path);
	free(copy);
}
END_TEST

/* What is not stored stays so while it is the fill value. */
START_TEST(fill_stays_unstored)
{
	const char *path = make(1), *copy = scratch_path("copy");
	static const char *const name[] = {"chunks/none", "chunks/some", "chunks/somefull"};
	struct bl_source src;
	struct bl_err err = {0};
	hid_t a, b, x, y;

	sample_open(&src, pool, path);
	ck_assert_int_eq(sample_copy(&src, &bl_format_hdf5, copy, NULL, SAMPLE_PIECES, &err), 0);
	a = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
	b = H5Fopen(copy, H5F_ACC_RDONLY, H5P_DEFAULT);
	for (size_t i = 0; i < sizeof name / sizeof name[0]; i++) {
		hsize_t stored;

		x = H5Dopen2(a, name[i], H5P_DEFAULT);
		y = H5Dopen2(b, name[i], H5P_DEFAULT);
		stored = H5Dget_storage_size(x);
		ck_assert_uint_eq(stored > 0, i > 0);
		ck_assert_msg(H5Dget_storage_size(y) <= stored + 8, "%s", name[i]);
		H5Dclose(x);
		H5Dclose(y);
	}
	H5Fclose(a);
	H5Fclose(b);
	bl_source_close(&src);
}
END_TEST

/* Over 64 KiB, which no fixed string takes, and in place of an older one. */
START_TEST(provenance_is_replaced)
{
	char *path = strdup(make(_i)), *one = strdup(scratch_path("one")), *text = malloc(200001);
	const char *two = scratch_path("two");
	struct bl_source src;
	struct bl_err err = {0};
	char *is;

	memset(text, 'x', 200000);
	text[200000] = '\0';
	sample_open(&src, pool, path);
	ck_assert_int_eq(sample_copy(&src, &bl_format_hdf5, one, text, SAMPLE_WHOLE, &err), 0);
	bl_source_close(&src);
	sample_open(&src, pool, one);
	ck_assert_str_eq(bl_catalog_meta(&src.cat, "belay"), text);
	ck_assert_int_eq(sample_copy(&src, &bl_format_hdf5, two, "{\"\xc3\xa9\":1}", SAMPLE_WHOLE,
		&err), 0);
	bl_source_close(&src);
	is = made_attribute(two, "belay");
	ck_assert_str_eq(is, "{\"\xc3\xa9\":1}");
	H5free_memory(is);
	free(text);
	free(path);
	free(one);
}
END_TEST

START_TEST(refuses_a_pipe)
{
	struct bl_source src;
	struct bl_err err = {0};

	sample_open(&src, pool, make(0));
	ck_assert_int_ne(sample_copy(&src, &bl_format_hdf5, "-", NULL, SAMPLE_WHOLE, &err), 0);
	ck_assert_int_eq(err.code, BL_USAGE);
	bl_source_close(&src);
}
END_TEST

/* A writer at work holds a lock; readers may share theirs. */
START_TEST(respects_locks)
{
	const char *path = make(0);
	struct bl_source src;
	struct bl_err err = {0};
	int fd = open(path, O_RDONLY);

	ck_assert_int_eq(flock(fd, LOCK_SH), 0);
	sample_open(&src, pool, path);
	ck_assert_int_eq(flock(fd, LOCK_EX | LOCK_NB), 0); /* given back once it is open */
	bl_source_close(&src);
	ck_assert_int_ne(bl_source_open(&src, pool, path, &err), 0);
	ck_assert_int_eq(err.code, BL_INPUT);
	ck_assert_str_eq(err.text + strlen(path), ": is open for writing in another program");
	ck_assert_str_ne(err.hint, "");
	close(fd);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("hdf5");
	TCase *tc = tcase_create("files");
	struct bl_err err;
	int failed;

	if (bl_files_new(&pool, 0, &err) != 0)
		return 1;
	tcase_set_timeout(tc, 0);
	tcase_add_loop_test(tc, reads_every_layout, 0, KINDS);
	tcase_add_test(tc, reads_in_pieces);
	tcase_add_test(tc, refuses_wrong_spans);
	tcase_add_loop_test(tc, clones, 0, KINDS);
	tcase_add_loop_test(tc, bytes_are_steady, 0, KINDS);
	tcase_add_loop_test(tc, writes_other_values, 0, KINDS);
	tcase_add_loop_test(tc, only_values_differ, 0, KINDS);
	tcase_add_test(tc, fill_stays_unstored);
	tcase_add_loop_test(tc, provenance_is_replaced, 0, 2);
	tcase_add_test(tc, refuses_a_pipe);
	tcase_add_test(tc, respects_locks);
	suite_add_tcase(s, tc);
	failed = suite_run(s);
	scratch_remove();
	bl_files_free(pool);
	return failed;
}
