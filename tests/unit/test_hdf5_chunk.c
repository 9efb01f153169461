/*
 * test_hdf5_chunk.c - filters: ours against libhdf5's, for every order of the three, every mask,
 * and every way to be damaged.
 */
#include "hdf5_state.h"
#include "made_h5.h"
#include "sample.h"
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct bl_files *pool;

#define N 37 /* elements in a chunk: no multiple of anything */

/* Orders of up to three filters. */
static const char *const orders[] = {"s", "d", "f", "sd", "ds", "sf", "fs", "df", "fd", "sdf",
	"sfd", "dsf", "dfs", "fsd", "fds"};
#define ORDERS ((int)(sizeof orders / sizeof orders[0]))

static void set_filters(hid_t plist, const char *order)
{
	for (; *order; order++)
		if (*order == 's')
			H5Pset_shuffle(plist);
		else if (*order == 'd')
			H5Pset_deflate(plist, 5);
		else
			H5Pset_fletcher32(plist);
}

static struct bl_h5_object object_of(const char *order, unsigned element)
{
	struct bl_h5_object o = {.layout = BL_H5_CHUNKED, .element = element};

	for (; *order; order++, o.filters++) {
		o.filter[o.filters].id = *order == 's' ? BL_H5_SHUFFLE
			: *order == 'd' ? BL_H5_DEFLATE : BL_H5_FLETCHER32;
		o.filter[o.filters].value = *order == 's' ? element : 5;
	}
	return o;
}

/* All filters; there is nothing that could fail. */
static const unsigned char *encode(const struct bl_h5_object *o, const void *src, size_t bytes,
	size_t *stored, struct bl_h5_work *w)
{
	struct bl_err err = {0};
	const unsigned char *at = bl_h5_encode(o, BL_DEFLATE_ZLIB, 0, src, bytes, stored, w, &err);

	ck_assert_msg(at != NULL, "%s", err.text);
	return at;
}

static hid_t make_dataset(hid_t file, const char *name, const char *order, hsize_t chunks)
{
	const hsize_t dim = chunks * N, chunk = N;
	hid_t plist = H5Pcreate(H5P_DATASET_CREATE), space = H5Screate_simple(1, &dim, NULL), id;

	H5Pset_chunk(plist, 1, &chunk);
	set_filters(plist, order);
	id = H5Dcreate2(file, name, H5T_IEEE_F64LE, space, H5P_DEFAULT, plist, H5P_DEFAULT);
	ck_assert_int_ge(id, 0);
	H5Sclose(space);
	H5Pclose(plist);
	return id;
}

static void values_of(double *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		v[i] = (double)(i * i % 1000) / 7;
}

/* What the library filters we read, and what we filter the library reads. */
START_TEST(pipelines)
{
	const struct bl_h5_object o = object_of(orders[_i], 8);
	const char *path = scratch_path("pipeline");
	const struct made_file how = {.name = "pipeline"};
	hid_t file = made_open(path, &how), id = make_dataset(file, "w", orders[_i], 1);
	double values[N], back[N];
	struct bl_h5_work *w = bl_h5_work_new(sizeof values);
	const unsigned char *stored;
	unsigned char chunk[2 * sizeof values];
	const hsize_t at = 0;
	hsize_t size;
	uint32_t mask;
	size_t n;
	struct bl_err err = {0};

	values_of(values, N);
	H5Dwrite(id, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
	H5Fflush(file, H5F_SCOPE_GLOBAL);
	H5Dget_chunk_storage_size(id, &at, &size);
	ck_assert_uint_le(size, sizeof chunk);
	ck_assert_int_ge(H5Dread_chunk(id, H5P_DEFAULT, &at, &mask, chunk), 0);
	memcpy(w->stored, chunk, size);
	ck_assert_msg(bl_h5_decode(&o, mask, size, (unsigned char *)back, sizeof back, w, &err) ==
		0, "%s: %s", orders[_i], err.text);
	ck_assert(memcmp(back, values, sizeof values) == 0);

	stored = encode(&o, values, sizeof values, &n, w);
	ck_assert_msg(n == size && memcmp(stored, chunk, n) == 0, "%s: other bytes", orders[_i]);
	bl_h5_work_free(w);
	H5Dclose(id);
	made_close(file);
}
END_TEST

/* Each chunk leaves out other filters; all are read, and written as they were. */
START_TEST(masks)
{
	const char *order = orders[_i], *path = scratch_path("masks"), *copy = scratch_path("copy");
	const size_t filters = strlen(order), all = (size_t)1 << filters;
	const struct made_file how = {.name = "masks", .newest = _i % 2};
	hid_t file = made_open(path, &how), id = make_dataset(file, "w", order, all);
	double *values = malloc(all * N * sizeof *values);
	struct bl_h5_work *w = bl_h5_work_new(N * sizeof *values);
	struct bl_source src, back;
	struct bl_err err = {0};
	unsigned char *is, *should;
	size_t n;

	values_of(values, all * N);
	for (size_t mask = 0; mask < all; mask++) {
		char left[4] = "";
		const hsize_t at = mask * N;
		struct bl_h5_object o;
		const unsigned char *stored;

		for (size_t i = 0, k = 0; i < filters; i++)
			if (!(mask >> i & 1))
				left[k++] = order[i];
		o = object_of(left, 8);
		stored = encode(&o, values + at, N * sizeof *values, &n, w);
		ck_assert_int_ge(H5Dwrite_chunk(id, H5P_DEFAULT, (uint32_t)mask, &at, n, stored),
			0);
	}
	bl_h5_work_free(w);
	H5Dclose(id);
	made_close(file);
	should = made_values(path, "w", &n);
	ck_assert(memcmp(should, values, n) == 0);
	sample_open(&src, pool, path);
	is = sample_values(&src, 0);
	ck_assert(memcmp(is, values, n) == 0);
	free(is);
	ck_assert_int_eq(sample_copy(&src, &bl_format_hdf5, copy, NULL, SAMPLE_PIECES, &err), 0);
	sample_open(&back, pool, copy);
	sample_compare(&src, &back);
	free(should);
	should = made_values(copy, "w", &n);
	ck_assert(memcmp(should, values, n) == 0);
	free(should);
	bl_source_close(&back);
	bl_source_close(&src);
	free(values);
}
END_TEST

/* One byte changed or lost: an error, or (where nothing checks) other values; never more. */
START_TEST(damage)
{
	const struct bl_h5_object o = object_of(orders[_i], 8);
	double values[N], back[N];
	struct bl_h5_work *w = bl_h5_work_new(sizeof values);
	struct bl_err err = {0};
	unsigned char good[2 * sizeof values];
	const unsigned char *stored;
	size_t n, caught = 0;

	values_of(values, N);
	stored = encode(&o, values, sizeof values, &n, w);
	memcpy(good, stored, n);
	for (size_t i = 0; i < n; i++) {
		memcpy(w->stored, good, n);
		w->stored[i] ^= 1 << i % 8;
		caught += bl_h5_decode(&o, 0, n, (unsigned char *)back, sizeof back, w, &err) != 0;
		memcpy(w->stored, good, n);
		ck_assert_int_ne(bl_h5_decode(&o, 0, i, (unsigned char *)back, sizeof back, w,
			&err), 0);
		ck_assert_int_eq(err.code, BL_INPUT);
	}
	if (strpbrk(orders[_i], "df")) /* both hold a checksum; zlib's header has spare bits */
		ck_assert_uint_ge(caught, n - 2);
	else
		ck_assert_uint_eq(caught, 0);
	bl_h5_work_free(w);
}
END_TEST

/* Inflating to another length than a chunk's is no chunk. */
START_TEST(inflates_exactly)
{
	const struct bl_h5_object o = object_of("d", 8);
	struct bl_h5_work *w = bl_h5_work_new(4096);
	unsigned char zeros[4096] = {0}, back[4096];
	const unsigned char *stored;
	struct bl_err err = {0};
	size_t n;

	stored = encode(&o, zeros, 100, &n, w);
	memmove(w->stored, stored, n);
	ck_assert_int_eq(bl_h5_decode(&o, 0, n, back, 100, w, &err), 0);
	ck_assert_int_ne(bl_h5_decode(&o, 0, n, back, 101, w, &err), 0);
	ck_assert_str_eq(err.text, "it inflates to less than 101 bytes");
	ck_assert_int_ne(bl_h5_decode(&o, 0, n, back, 99, w, &err), 0);
	ck_assert_str_eq(err.text, "it inflates to more than 99 bytes");
	ck_assert_int_ne(bl_h5_decode(&o, 1, n, back, 100, w, &err), 0);
	bl_h5_work_free(w);
}
END_TEST

/* The shuffle of any element size, rest and place in memory, against its definition. */
START_TEST(shuffles)
{
	unsigned char src[700], shuffled[700], back[700];

	for (size_t i = 0; i < sizeof src; i++)
		src[i] = (unsigned char)(i * 7 + i / 11 + i / 256);
	for (size_t element = 0; element <= 17; element++) {
		for (size_t n = 0; n <= sizeof src - 16; n++) {
			const size_t count = element ? n / element : 0;
			const unsigned char *from = src + n % 16;
			unsigned char *to = shuffled + n / 16 % 16;
			size_t wrong = 0;

			to[n] = 0;
			bl_h5_shuffle(to, from, n, element);
			for (size_t i = 0; i < count; i++)
				for (size_t k = 0; k < element; k++)
					wrong += to[k * count + i] != from[i * element + k];
			for (size_t i = count * element; i < n; i++)
				wrong += to[i] != from[i];
			bl_h5_unshuffle(back, to, n, element);
			wrong += memcmp(back, from, n) != 0;
			if (wrong || to[n] != 0)
				ck_abort_msg("%zu bytes of %zu", n, element);
		}
	}
}
END_TEST

/* The checksum of what has one that can be told by hand, and the old form of it. */
START_TEST(fletcher)
{
	static const unsigned char bytes[] = {0, 1, 0, 2, 0, 3, 4};
	const struct bl_h5_object o = object_of("f", 1);
	struct bl_h5_work *w = bl_h5_work_new(16);
	unsigned char ones[100000], back[16];
	struct bl_err err = {0};

	ck_assert_uint_eq(bl_h5_fletcher32(bytes, 0), 0);
	ck_assert_uint_eq(bl_h5_fletcher32(bytes, 6), 10u << 16 | 6);
	ck_assert_uint_eq(bl_h5_fletcher32(bytes, 7), (10u + 6 + 0x400) << 16 | (6 + 0x400));
	memset(ones, 0xff, sizeof ones); /* 65535 is 0 to this sum, but never shown as such */
	ck_assert_uint_eq(bl_h5_fletcher32(ones, sizeof ones), 0xffffffff);
	memcpy(w->stored, bytes, 6);
	memcpy(w->stored + 6, "\x06\x00\x0a\x00", 4);
	ck_assert_int_eq(bl_h5_decode(&o, 0, 10, back, 6, w, &err), 0);
	memcpy(w->stored + 6, "\x00\x06\x00\x0a", 4);
	ck_assert_int_eq(bl_h5_decode(&o, 0, 10, back, 6, w, &err), 0);
	memcpy(w->stored + 6, "\x0a\x00\x06\x00", 4);
	ck_assert_int_ne(bl_h5_decode(&o, 0, 10, back, 6, w, &err), 0);
	ck_assert_str_eq(err.text, "its checksum is wrong");
	bl_h5_work_free(w);
}
END_TEST

/* What deflate makes longer still has room. */
START_TEST(noise)
{
	const struct bl_h5_object o = object_of("sdf", 4);
	const size_t bytes = 300000;
	unsigned char *values = malloc(bytes), *back = malloc(bytes);
	struct bl_h5_work *w = bl_h5_work_new(bytes);
	const unsigned char *stored;
	struct bl_err err = {0};
	uint64_t state = 1;
	size_t n;

	for (size_t i = 0; i < bytes; i++) {
		state = state * 6364136223846793005u + 1442695040888963407u;
		values[i] = (unsigned char)(state >> 56);
	}
	stored = encode(&o, values, bytes, &n, w);
	ck_assert_uint_gt(n, bytes);
	ck_assert_uint_le(n, bl_h5_stored_max(bytes));
	if (stored != w->stored)
		memcpy(w->stored, stored, n);
	ck_assert_int_eq(bl_h5_decode(&o, 0, n, back, bytes, w, &err), 0);
	ck_assert(memcmp(values, back, bytes) == 0);
	bl_h5_work_free(w);
	ck_assert_ptr_null(bl_h5_work_new(BL_H5_CHUNK_BYTES + 1));
	free(values);
	free(back);
}
END_TEST

/* Filters that are not undone here: refused for what is averaged, else copied. */
START_TEST(foreign_filters)
{
	const char *path = scratch_path("foreign"), *copy = scratch_path("copy");
	const struct made_file how = {.name = "foreign"};
	const hsize_t dim = 100, chunk = 10;
	hid_t file = made_open(path, &how), space = H5Screate_simple(1, &dim, NULL);
	hid_t plist = H5Pcreate(H5P_DATASET_CREATE), id;
	struct bl_source src;
	struct bl_err err = {0};
	unsigned char *values, *back;
	int ints[100];
	size_t n;

	for (int i = 0; i < 100; i++)
		ints[i] = i * i;
	H5Pset_chunk(plist, 1, &chunk);
	H5Pset_scaleoffset(plist, H5Z_SO_INT, 0);
	id = H5Dcreate2(file, "i", H5T_STD_I32LE, space, H5P_DEFAULT, plist, H5P_DEFAULT);
	H5Dwrite(id, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, ints);
	H5Dclose(id);
	made_close(file);
	sample_open(&src, pool, path);
	ck_assert_int_eq(src.cat.tensor[0].dtype, BL_OTHER);
	ck_assert_int_eq(sample_copy(&src, &bl_format_hdf5, copy, "{}", SAMPLE_WHOLE, &err), 0);
	bl_source_close(&src);
	values = made_values(path, "i", &n);
	back = made_values(copy, "i", &n);
	ck_assert(n == sizeof ints && memcmp(values, ints, n) == 0 && memcmp(back, ints, n) == 0);

	file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
	H5Dclose(H5Dcreate2(file, "f", H5T_IEEE_F32LE, space, H5P_DEFAULT, plist, H5P_DEFAULT));
	made_close(file);
	sample_open(&src, pool, path);
	ck_assert_str_eq(src.cat.tensor[0].name, "f");
	ck_assert_int_eq(src.cat.tensor[0].dtype, BL_OTHER);
	ck_assert_str_eq(src.cat.tensor[0].sealed,
		"its filter 6 'scaleoffset' needs --hdf5-plugins");
	ck_assert(src.cat.tensor[0].seals_weights);
	ck_assert(src.cat.tensor[1].sealed && !src.cat.tensor[1].seals_weights);
	bl_source_close(&src);
	free(values);
	free(back);
	H5Pclose(plist);
	H5Sclose(space);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("hdf5_chunk");
	TCase *tc = tcase_create("filters");
	struct bl_err err;
	int failed;

	if (bl_files_new(&pool, 0, &err) != 0)
		return 1;
	tcase_set_timeout(tc, 0);
	tcase_add_loop_test(tc, pipelines, 0, ORDERS);
	tcase_add_loop_test(tc, masks, 0, ORDERS);
	tcase_add_loop_test(tc, damage, 0, ORDERS);
	tcase_add_test(tc, inflates_exactly);
	tcase_add_test(tc, shuffles);
	tcase_add_test(tc, fletcher);
	tcase_add_test(tc, noise);
	tcase_add_test(tc, foreign_filters);
	suite_add_tcase(s, tc);
	failed = suite_run(s);
	scratch_remove();
	bl_files_free(pool);
	return failed;
}
