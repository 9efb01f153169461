/*
 * test_hdf5_walk.c - what the walk through an HDF5 file lists, passes by, and refuses.
 */
#include "config.h"

#include "hdf5_state.h"
#include "made_h5.h"
#include "sample.h"
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct bl_files *pool;

static const struct made_file old_kind = {.name = "old"};
static const struct made_file new_kind = {.name = "new", .newest = true};

static void add(hid_t file, const char *name, const char *type)
{
	const struct made m = {name, type, 1, {3}, {0}, 0, 0, 0};

	made_dataset(file, &m);
}

/* The tensors' names, each with a blank behind. */
static const char *names(const struct bl_source *src)
{
	static char text[2048];
	size_t at = 0;

	text[0] = '\0';
	for (size_t i = 0; i < src->cat.tensors && at < sizeof text; i++)
		at += (size_t)snprintf(text + at, sizeof text - at, "%s ", src->cat.tensor[i].name);
	return text;
}

/* Depth first, by name; each object once, whatever leads to it; soft links lead nowhere. */
START_TEST(order_and_links)
{
	const char *path = scratch_path("links");
	hid_t file = made_open(path, _i ? &new_kind : &old_kind);
	struct bl_source src;

	add(file, "z", "f4");
	add(file, "b/y", "f4");
	add(file, "b/a/x", "f4");
	add(file, "b.c", "f4");
	add(file, "B", "f4");
	H5Lcreate_hard(file, "z", file, "b/tied", H5P_DEFAULT, H5P_DEFAULT);
	H5Lcreate_hard(file, "z", file, "b/a/tied too", H5P_DEFAULT, H5P_DEFAULT);
	H5Lcreate_hard(file, "/", file, "b/a/root", H5P_DEFAULT, H5P_DEFAULT);
	H5Lcreate_hard(file, "b", file, "c", H5P_DEFAULT, H5P_DEFAULT);
	H5Lcreate_soft("/z", file, "a", H5P_DEFAULT, H5P_DEFAULT);
	H5Lcreate_soft("/nowhere", file, "b/nowhere", H5P_DEFAULT, H5P_DEFAULT);
	made_close(file);
	sample_open(&src, pool, path);
	ck_assert_str_eq(names(&src), "B b/a/tied too b/a/x b/y b.c ");
	ck_assert_uint_eq(src.cat.aliases, 2);
	bl_source_close(&src);
}
END_TEST

static void attribute(hid_t at, const char *name, hid_t type, hid_t space, const void *value)
{
	hid_t id = H5Acreate2(at, name, type, space, H5P_DEFAULT, H5P_DEFAULT);

	ck_assert_int_ge(H5Awrite(id, type, value), 0);
	H5Aclose(id);
}

static hid_t string_type(size_t size, H5T_str_t pad)
{
	hid_t type = H5Tcopy(H5T_C_S1);

	H5Tset_size(type, size);
	H5Tset_strpad(type, pad);
	return type;
}

/* Single strings and numbers become text; all else stays what it is. */
START_TEST(attributes_as_text)
{
	static const struct {
		const char *key, *value;
	} should[] = {
		{"big", "18446744073709551615"}, {"cut", "abc"}, {"double", "0.1"},
		{"float", "0.1"}, {"full", "abcde"}, {"int", "-7"}, {"one", "5"}, {"padded", "ab"},
		{"third", "0.3333333333333333"}, {"tiny", "5e-324"}, {"variable", "h\xc3\xa9"},
		{"whole", "3"},
	};
	const char *path = scratch_path("attributes");
	hid_t file = made_open(path, _i ? &new_kind : &old_kind);
	hid_t scalar = H5Screate(H5S_SCALAR), three, one, type;
	const hsize_t n1 = 1, n3 = 3;
	struct bl_source src;
	const uint64_t big = UINT64_MAX;
	const double numbers[] = {0.1, 1. / 3, 5e-324, 3};
	const float single = 0.1f;
	const int ints[] = {-7, 5, 6}, five = 5;
	const char *text = "h\xc3\xa9";

	one = H5Screate_simple(1, &n1, NULL);
	three = H5Screate_simple(1, &n3, NULL);
	attribute(file, "big", H5T_NATIVE_UINT64, scalar, &big);
	attribute(file, "double", H5T_NATIVE_DOUBLE, scalar, &numbers[0]);
	attribute(file, "third", H5T_NATIVE_DOUBLE, scalar, &numbers[1]);
	attribute(file, "tiny", H5T_NATIVE_DOUBLE, scalar, &numbers[2]);
	attribute(file, "whole", H5T_NATIVE_DOUBLE, scalar, &numbers[3]);
	attribute(file, "float", H5T_NATIVE_FLOAT, scalar, &single);
	attribute(file, "int", H5T_NATIVE_INT, scalar, &ints[0]);
	attribute(file, "one", H5T_NATIVE_INT, one, &five);
	attribute(file, "many", H5T_NATIVE_INT, three, ints);
	type = string_type(5, H5T_STR_NULLPAD);
	attribute(file, "cut", type, scalar, "abc\0e");
	attribute(file, "full", type, scalar, "abcde");
	H5Tclose(type);
	type = string_type(5, H5T_STR_SPACEPAD);
	attribute(file, "padded", type, scalar, "ab   ");
	H5Tclose(type);
	type = string_type(H5T_VARIABLE, H5T_STR_NULLTERM);
	attribute(file, "variable", type, scalar, &text);
	H5Tclose(type);
	H5Sclose(three);
	H5Sclose(one);
	H5Sclose(scalar);
	made_close(file);
	sample_open(&src, pool, path);
	ck_assert_uint_eq(src.cat.metas, sizeof should / sizeof should[0]);
	for (size_t i = 0; i < src.cat.metas; i++) {
		ck_assert_str_eq(src.cat.meta[i].key, should[i].key);
		ck_assert_str_eq(src.cat.meta[i].value, should[i].value);
	}
	bl_source_close(&src);
}
END_TEST

/* A chain of groups, each in the one before; the walk has no recursion to overflow. */
static void chain(const char *path, int groups)
{
	hid_t file = made_open(path, &new_kind), at = file;

	for (int i = 0; i < groups; i++) {
		hid_t next = H5Gcreate2(at, "g", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);

		if (at != file)
			H5Gclose(at);
		at = next;
	}
	add(at, "w", "f4");
	H5Gclose(at);
	made_close(file);
}

START_TEST(depth)
{
	const char *path = scratch_path("deep");
	struct bl_source src;
	struct bl_err err = {0};

	chain(path, 4000);
	sample_open(&src, pool, path);
	ck_assert_uint_eq(strlen(src.cat.tensor[0].name), 2 * 4000 + 1);
	bl_source_close(&src);
	chain(path, 4096);
	ck_assert_int_ne(bl_source_open(&src, pool, path, &err), 0);
	ck_assert_int_eq(err.code, BL_INPUT);
	ck_assert_str_eq(err.text + strlen(path), ": over 4096 groups within each other");
}
END_TEST

/* A place in the file, but no bytes there: not what a dataset is like that was never written. */
START_TEST(no_bytes_somewhere)
{
	static const struct made plain = {"w", "f4", 2, {3, 4}, {0}, 0, 0, 0};
	const char *path = scratch_path("hollow");
	hid_t file = made_open(path, &old_kind);
	struct bl_source src;
	struct bl_err err = {0};
	uint64_t place[2] = {0, 48};
	unsigned char *bytes, *at;
	size_t n;

	made_dataset(file, &plain);
	made_close(file);
	sample_open(&src, pool, path);
	place[0] = ((const struct bl_h5 *)src.state)->object[0].address;
	bl_source_close(&src);
	bytes = sample_read(path, &n);
	at = memmem(bytes, n, place, sizeof place);
	ck_assert_ptr_nonnull(at);
	memset(at + 8, 0, 8);
	sample_write(path, bytes, n);
	free(bytes);
	ck_assert_int_ne(bl_source_open(&src, pool, path, &err), 0);
	ck_assert_int_eq(err.code, BL_INPUT);
	ck_assert_str_eq(err.text + strlen(path),
		": w: its shape needs 48 bytes, but 0 are stored");
}
END_TEST

/* A grid of more chunks than are indexed; the file stores one of them and is small. */
START_TEST(countless_chunks)
{
	static const struct made many = {"many", "f4", 1, {5000000}, {1}, MADE_PARTLY, 0, 0};
	const char *path = scratch_path("chunks");
	hid_t file = made_open(path, &old_kind);
	struct bl_source src;
	struct bl_err err = {0};

	made_dataset(file, &many);
	made_close(file);
	ck_assert_int_ne(bl_source_open(&src, pool, path, &err), 0);
	ck_assert_int_eq(err.code, BL_INPUT);
	ck_assert_str_eq(err.text + strlen(path), ": many: over 4194304 chunks in one file");
}
END_TEST

/* Who makes a dataset larger later finds its fill value there, whatever its byte order. */
START_TEST(edges_keep_the_fill_value)
{
	static const struct made list[] = {
		{"x", ">f4", 1, {9}, {4}, MADE_DEFLATE | MADE_SHUFFLE, 1, 1.5},
		{"y", "f4", 1, {9}, {4}, 0, 1, 2.5}, {"z", "f8", 1, {9}, {4}, 0, 1, 0},
		{"", "", 0, {0}, {0}, 0, 0, 0},
	};
	const char *path = scratch_path("edges"), *copy = scratch_path("copy");
	const hsize_t larger = 12;
	struct bl_source src;
	struct bl_err err = {0};
	hid_t file;

	made_write(path, &new_kind, list);
	sample_open(&src, pool, path);
	ck_assert_int_eq(sample_copy(&src, &bl_format_hdf5, copy, NULL, SAMPLE_PIECES, &err), 0);
	bl_source_close(&src);
	file = H5Fopen(copy, H5F_ACC_RDWR, H5P_DEFAULT);
	for (size_t i = 0; list[i].name[0]; i++) {
		hid_t id = H5Dopen2(file, list[i].name, H5P_DEFAULT);
		double values[12];

		ck_assert_int_ge(H5Dset_extent(id, &larger), 0);
		H5Dread(id, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
		ck_assert_msg(values[9] == list[i].fill && values[11] == list[i].fill, "%s: %g",
			list[i].name, values[9]);
		H5Dclose(id);
	}
	made_close(file);
}
END_TEST

/* A chunk that is stored but not found would be taken for one that was never written, all fill
 * value. */
START_TEST(lost_chunks)
{
	static const struct made m = {"w", "f4", 1, {1000}, {100}, MADE_DEFLATE, 0, 0};
	const char *path = scratch_path("lost");
	hid_t file = made_open(path, &old_kind), id;
	const hsize_t at = 300;
	struct bl_source src;
	struct bl_err err = {0};
	hsize_t size = 0;
	unsigned char *bytes, key[16] = {0};
	size_t n, found = 0;

	made_dataset(file, &m);
	id = H5Dopen2(file, "w", H5P_DEFAULT);
	H5Dget_chunk_storage_size(id, &at, &size);
	H5Dclose(id);
	made_close(file);
	bytes = sample_read(path, &n);
	memcpy(key, &size, 4); /* size, mask, place */
	memcpy(key + 8, &at, 8);
	for (size_t i = 0; i + 16 < n; i++) {
		if (memcmp(bytes + i, key, 16) != 0)
			continue;
		bytes[i + 8] = 500 % 256; /* not the only one there then */
		found++;
	}
	ck_assert_uint_eq(found, 1);
	sample_write(path, bytes, n);
	ck_assert_int_ne(bl_source_open(&src, pool, path, &err), 0);
	ck_assert_int_eq(strncmp(err.text + strlen(path), ": w: its chunk index is damaged", 31),
		0);
	free(bytes);
}
END_TEST

/* Types that look like others. */
START_TEST(types)
{
	static const struct {
		const char *name;
		size_t size, sign, exponent, exponent_bits, fraction_bits, bias;
		H5T_norm_t norm;
		enum bl_dtype dtype;
	} form[] = {
		{"bf16", 2, 15, 7, 8, 7, 127, H5T_NORM_IMPLIED, BL_BF16},
		{"bias", 2, 15, 7, 8, 7, 128, H5T_NORM_IMPLIED, BL_OTHER},
		{"e4m3", 1, 7, 3, 4, 3, 7, H5T_NORM_IMPLIED, BL_F8_E4M3},
		{"e5m2", 1, 7, 2, 5, 2, 15, H5T_NORM_IMPLIED, BL_F8_E5M2},
		{"f16", 2, 15, 10, 5, 10, 15, H5T_NORM_IMPLIED, BL_F16},
		{"norm", 2, 15, 10, 5, 10, 15, H5T_NORM_NONE, BL_OTHER},
		{"wide", 4, 15, 10, 5, 10, 15, H5T_NORM_IMPLIED, BL_OTHER},
	};
	const char *path = scratch_path("types");
	const hsize_t n = 2;
	hid_t file = made_open(path, &old_kind), space = H5Screate_simple(1, &n, NULL), type;
	const signed char no = 1, yes = 0;
	struct bl_source src;

	for (size_t i = 0; i < sizeof form / sizeof form[0]; i++) {
		type = H5Tcopy(H5T_IEEE_F32LE);
		H5Tset_fields(type, form[i].sign, form[i].exponent, form[i].exponent_bits, 0,
			form[i].fraction_bits);
		H5Tset_precision(type, form[i].sign + 1);
		H5Tset_size(type, form[i].size);
		H5Tset_ebias(type, form[i].bias);
		H5Tset_norm(type, form[i].norm);
		H5Dclose(H5Dcreate2(file, form[i].name, type, space, H5P_DEFAULT, H5P_DEFAULT,
			H5P_DEFAULT));
		H5Tclose(type);
	}
	type = H5Tenum_create(H5T_NATIVE_SCHAR); /* no numpy bool */
	H5Tenum_insert(type, "FALSE", &no);
	H5Tenum_insert(type, "TRUE", &yes);
	H5Dclose(H5Dcreate2(file, "zz", type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
	H5Tclose(type);
	H5Sclose(space);
	made_close(file);
	sample_open(&src, pool, path);
	for (size_t i = 0; i < sizeof form / sizeof form[0]; i++) {
		ck_assert_str_eq(src.cat.tensor[i].name, form[i].name);
		ck_assert_msg(src.cat.tensor[i].dtype == form[i].dtype, "%s: %d", form[i].name,
			(int)src.cat.tensor[i].dtype);
	}
	ck_assert_int_eq(src.cat.tensor[src.cat.tensors - 1].dtype, BL_OTHER);
	bl_source_close(&src);
}
END_TEST

/* A dataset of the values 0, 1, 2, ... as bfloat16, in opaque elements of size bytes. */
static void add_opaque(hid_t file, const char *name, size_t size, hid_t plist, const char *said)
{
	const unsigned short bits[6] = {0, 0x3f80, 0x4000, 0x4040, 0x4080, 0x40a0};
	const hsize_t n = 12 / size;
	hid_t type = H5Tcreate(H5T_OPAQUE, size), space = H5Screate_simple(1, &n, NULL);
	hid_t dataset = H5Dcreate2(file, name, type, space, H5P_DEFAULT, plist, H5P_DEFAULT);

	ck_assert_int_ge(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bits), 0);
	if (said) {
		hid_t text = H5Tcopy(H5T_C_S1), one = H5Screate(H5S_SCALAR), attribute;

		H5Tset_size(text, strlen(said));
		attribute = H5Acreate2(dataset, "dtype", text, one, H5P_DEFAULT, H5P_DEFAULT);
		ck_assert_int_ge(H5Awrite(attribute, text, said), 0);
		H5Aclose(attribute);
		H5Sclose(one);
		H5Tclose(text);
	}
	H5Dclose(dataset);
	H5Sclose(space);
	H5Tclose(type);
}

/* What is opaque is bfloat16 where an attribute says so, or where none does and the user did. */
START_TEST(opaque)
{
	static const struct {
		const char *name, *said;
		size_t size;
		enum bl_dtype dtype; /* in a pool that was told; untold BL_OTHER but for the said */
		H5D_layout_t layout;
	} form[] = {
		{"a", NULL, 2, BL_BF16, H5D_CONTIGUOUS}, {"b", NULL, 2, BL_BF16, H5D_COMPACT},
		{"c", NULL, 2, BL_BF16, H5D_CHUNKED}, {"d", "bfloat16", 2, BL_BF16, H5D_CHUNKED},
		{"e", "float16", 2, BL_OTHER, H5D_CONTIGUOUS},
		{"f", NULL, 1, BL_OTHER, H5D_COMPACT}, {"g", NULL, 3, BL_OTHER, H5D_CHUNKED},
	};
	const char *path = scratch_path("opaque");
	const hsize_t chunk = 4;
	hid_t file = made_open(path, _i % 2 ? &new_kind : &old_kind);
	struct bl_files *told = pool;
	struct bl_source src;
	struct bl_err err;

	for (size_t i = 0; i < sizeof form / sizeof form[0]; i++) {
		hid_t plist = H5Pcreate(H5P_DATASET_CREATE);

		H5Pset_layout(plist, form[i].layout);
		if (form[i].layout == H5D_CHUNKED) {
			H5Pset_chunk(plist, 1, &chunk);
			H5Pset_deflate(plist, 6);
		}
		add_opaque(file, form[i].name, form[i].size, plist, form[i].said);
		H5Pclose(plist);
	}
	made_close(file);
	if (_i / 2)
		ck_assert(bl_files_new(&told, 0, &err) == 0 &&
			bl_hdf5_opaque_bf16(told, &err) == 0);
	sample_open(&src, told, path);
	for (size_t i = 0; i < sizeof form / sizeof form[0]; i++) {
		const struct bl_tensor *t = &src.cat.tensor[i];
		const bool unsaid = form[i].dtype == BL_BF16 && !form[i].said && !(_i / 2);

		ck_assert_str_eq(t->name, form[i].name);
		ck_assert_int_eq(t->dtype, unsaid ? BL_OTHER : form[i].dtype);
		ck_assert_int_eq(t->dtype == BL_OTHER && t->keep, unsaid);
		if (t->dtype == BL_BF16) {
			unsigned char *values = sample_values(&src, i);

			ck_assert_mem_eq(values, "\0\0\x80\x3f\0\x40\x40\x40\x80\x40\xa0\x40", 12);
			free(values);
		}
	}
	bl_source_close(&src);
	if (told != pool)
		bl_files_free(told);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("hdf5_walk");
	TCase *tc = tcase_create("walk");
	struct bl_err err;
	int failed;

	if (bl_files_new(&pool, 0, &err) != 0)
		return 1;
	tcase_set_timeout(tc, 0);
	tcase_add_loop_test(tc, order_and_links, 0, 2);
	tcase_add_loop_test(tc, attributes_as_text, 0, 2);
	tcase_add_test(tc, depth);
	tcase_add_test(tc, countless_chunks);
	tcase_add_test(tc, no_bytes_somewhere);
	tcase_add_test(tc, edges_keep_the_fill_value);
	tcase_add_test(tc, lost_chunks);
	tcase_add_test(tc, types);
	tcase_add_loop_test(tc, opaque, 0, 4);
	suite_add_tcase(s, tc);
	failed = suite_run(s);
	scratch_remove();
	bl_files_free(pool);
	return failed;
}
