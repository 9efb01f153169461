/*
 * test_hdf5_same.c - HDF5 files that differ in nothing but values: that they are known by it, and
 * by every other byte.
 */
#include "config.h"

#include "hdf5_state.h"
#include "hdf5_stretch.h"
#include "made_h5.h"
#include "sample.h"
#include "suite.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct bl_files *pool;

static const struct made list[] = {
	{"a/plain", "f4", 2, {3, 4}, {0}, 0, 0, 0},
	{"a/big", ">f8", 1, {5000}, {0}, 0, 0, 0},
	{"a/next", "f4", 1, {5}, {0}, 0, 0, 0},
	{"b/chunks", "f2", 1, {7}, {4}, 0, 0, 0},
	{"b/deflated", "f4", 2, {5, 6}, {2, 4}, MADE_SHUFFLE | MADE_DEFLATE, 0, 0},
	{"unwritten", "f8", 1, {4}, {0}, MADE_UNWRITTEN, 0, 7},
	{"compact", "f4", 1, {3}, {0}, MADE_COMPACT, 0, 0},
	{"empty", "f4", 1, {0}, {0}, 0, 0, 0},
	{"int", "i4", 1, {3}, {0}, 0, 0, 0},
	{"complex", "c8", 1, {4}, {0}, 0, 0, 0},
	{"", "", 0, {0}, {0}, 0, 0, 0},
};

static const struct made_file kinds[] = {
	{.name = "old"}, {.name = "new", .newest = true, .user_block = 512},
};

static const struct bl_h5 *state_of(const struct bl_source *src)
{
	return src->state;
}

/* Three strings: no numbers, so they have to be the same. */
static void add_words(hid_t file)
{
	const hsize_t three = 3;
	const hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate_simple(1, &three, NULL);
	hid_t dataset;

	H5Tset_size(type, 5);
	dataset = H5Dcreate2(file, "words", type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
	ck_assert_int_ge(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, "one__two__three"),
		0);
	H5Dclose(dataset);
	H5Sclose(space);
	H5Tclose(type);
}

/* Makes a file and one that differs in all values that may differ; paths malloc'd. */
static void make(int kind, char **one, char **two)
{
	struct bl_h5_stretch *at;
	struct bl_source src;
	struct bl_err err = {0};
	unsigned char *bytes;
	size_t size, n;
	hid_t file;

	*one = strdup(scratch_path("one.h5"));
	*two = strdup(scratch_path("two.h5"));
	file = made_open(*one, &kinds[kind]);
	for (size_t i = 0; list[i].name[0]; i++)
		made_dataset(file, &list[i]);
	add_words(file);
	made_close(file);
	sample_open(&src, pool, *one);
	ck_assert_int_eq(bl_h5_stretches(&src.cat, state_of(&src)->object, NULL, &at, &n, &err), 0);
	ck_assert_uint_ge(n, 6);
	bytes = sample_read(*one, &size);
	for (size_t i = 0; i < n; i++)
		for (uint64_t k = at[i].first; k < at[i].end; k++)
			bytes[k] ^= 0x40;
	ck_assert_ptr_nonnull(memmem(bytes, size, "one__two__three", 15));
	sample_write(*two, bytes, size);
	bl_source_close(&src);
	free(at);
	free(bytes);
}

/* Has tensor i the same values in both, and should it? */
static void compare_values(const struct bl_source *one, const struct bl_source *two, size_t i)
{
	const struct bl_tensor *t = &one->cat.tensor[i];
	unsigned char *x, *y;
	bool same;

	if (t->dtype == BL_OTHER || strcmp(t->name, "b/deflated") == 0)
		return; /* what was changed there is no deflated data any more */
	x = sample_values(one, i);
	y = sample_values(two, i);
	same = memcmp(x, y, t->bytes) == 0;
	ck_assert_msg(same == (t->count == 0 || strcmp(t->name, "compact") == 0 ||
		strcmp(t->name, "unwritten") == 0), "%s", t->name);
	free(x);
	free(y);
}

/* One index, and to each its own values. */
START_TEST(shares)
{
	struct bl_source one, two, again;
	char *a, *b;
	size_t alone;

	make(_i, &a, &b);
	sample_open(&one, pool, a);
	alone = bl_h5_bytes(&one);
	sample_open(&two, pool, b);
	ck_assert_ptr_eq(state_of(&one)->content, state_of(&two)->content);
	ck_assert(bl_catalog_shares(&one.cat, &two.cat));
	ck_assert_uint_eq(one.cat.metas, two.cat.metas);
	ck_assert_uint_eq(one.cat.extras, two.cat.extras);
	ck_assert_uint_le(bl_h5_bytes(&one) + bl_h5_bytes(&two), alone + sizeof(struct bl_h5) + 2);
	for (size_t i = 0; i < one.cat.tensors; i++)
		compare_values(&one, &two, i);
	bl_source_close(&one); /* what it had is still there, but nobody is known by it any more */
	sample_open(&again, pool, a);
	ck_assert_ptr_ne(state_of(&again)->content, state_of(&two)->content);
	for (size_t i = 0; i < two.cat.tensors; i++)
		compare_values(&two, &again, i);
	bl_source_close(&two);
	bl_source_close(&again);
	free(a);
	free(b);
}
END_TEST

/* Any byte that is no value makes it another file. */
START_TEST(every_byte)
{
	struct bl_h5_stretch *at;
	struct bl_file *file;
	struct bl_source src;
	struct bl_err err = {0};
	unsigned char *bytes;
	size_t size, n, i = 0;
	char *a, *b;
	int fd;

	make(_i, &a, &b);
	sample_open(&src, pool, a);
	ck_assert_int_eq(bl_h5_stretches(&src.cat, state_of(&src)->object, NULL, &at, &n, &err), 0);
	ck_assert_int_eq(bl_file_open(pool, b, &file, &err), 0);
	bytes = sample_read(b, &size);
	fd = open(b, O_WRONLY);
	for (uint64_t k = 0; k < size; k++) {
		const struct bl_h5_known known = {src.file, 0, size, state_of(&src)->content};
		const unsigned char other = bytes[k] ^ 1;

		while (i < n && at[i].end <= k)
			i++;
		ck_assert_int_eq(pwrite(fd, &other, 1, (off_t)k), 1);
		ck_assert_msg(bl_h5_same(&known, file, 0, size) == (i < n && at[i].first <= k),
			"byte %llu", (unsigned long long)k);
		ck_assert_int_eq(pwrite(fd, &bytes[k], 1, (off_t)k), 1);
	}
	close(fd);
	bl_file_close(file);
	bl_source_close(&src);
	free(bytes);
	free(at);
	free(a);
	free(b);
}
END_TEST

/* Nor is it the same where it is longer, cannot be read, or the known one has changed. */
START_TEST(other_files)
{
	const struct timespec then[2] = {{1000000, 0}, {1000000, 0}};
	struct bl_h5_known known = {NULL, 0, 0, NULL};
	struct bl_file *file;
	struct bl_source src;
	struct bl_err err = {0};
	char *a, *b;

	make(0, &a, &b);
	sample_open(&src, pool, a);
	ck_assert_int_eq(bl_file_open(pool, b, &file, &err), 0);
	ck_assert(!bl_h5_same(&known, file, 0, bl_file_size(file)));
	known = (struct bl_h5_known){src.file, 0, bl_file_size(file), state_of(&src)->content};
	ck_assert(bl_h5_same(&known, file, 0, bl_file_size(file)));
	ck_assert(!bl_h5_same(&known, file, 0, bl_file_size(file) + 1));
	ck_assert(!bl_h5_same(&known, file, 0, bl_file_size(file) - 1));
	ck_assert(!bl_h5_same(&known, file, 1, bl_file_size(file)));
	ck_assert_int_eq(utimensat(AT_FDCWD, a, then, 0), 0);
	ck_assert(!bl_h5_same(&known, file, 0, bl_file_size(file)));
	bl_file_close(file);
	bl_source_close(&src);
	free(a);
	free(b);
}
END_TEST

/* Both formats keep something in one pool. */
START_TEST(mixed)
{
	struct bl_source one, two, other;
	struct bl_files *both;
	struct bl_err err = {0};
	char *a, *b;

	make(0, &a, &b);
	ck_assert_int_eq(bl_files_new(&both, 0, &err), 0);
	sample_open(&one, both, a);
	sample_open(&other, both,
		sample_path("tests/data/cases/safetensors/valid/one_f32.safetensors"));
	sample_open(&two, both, b);
	ck_assert(bl_catalog_shares(&one.cat, &two.cat));
	ck_assert_uint_gt(bl_files_bytes(both), sizeof(struct bl_tensor));
	bl_source_close(&two);
	bl_source_close(&other);
	bl_source_close(&one);
	bl_files_free(both);
	free(a);
	free(b);
}
END_TEST

int main(void)
{
	const int n = (int)(sizeof kinds / sizeof kinds[0]);
	Suite *s = suite_create("hdf5_same");
	TCase *tc = tcase_create("files");
	struct bl_err err;
	int failed;

	if (bl_files_new(&pool, 0, &err) != 0)
		return 1;
	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, shares, 0, n);
	tcase_add_loop_test(tc, every_byte, 0, n);
	tcase_add_test(tc, other_files);
	tcase_add_test(tc, mixed);
	suite_add_tcase(s, tc);
	failed = suite_run(s);
	scratch_remove();
	bl_files_free(pool);
	return failed;
}
