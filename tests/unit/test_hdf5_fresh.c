/* test_hdf5_fresh.c - HDF5 files that are written anew, after HDF5 files and after others. */
#include "made_h5.h"
#include "hdf5_fresh.h"
#include "sample.h"
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct bl_files *pool;

static void set_up(void)
{
	struct bl_err err;

	ck_assert_int_eq(bl_files_new(&pool, 0, &err), 0);
}

static void tear_down(void)
{
	bl_files_free(pool);
}

/* A plan for a new file, and what it points to. */
struct job {
	struct bl_catalog cat;
	bool *averaged, *skipped;
	struct bl_sink_plan plan;
};

/* One that leaves out the tensor of that name (NULL: none). */
static void plan_make(struct job *j, const struct bl_source *src, enum bl_compression compression,
	unsigned level, const char *skip)
{
	const size_t n = src->cat.tensors;
	struct bl_err err;

	memset(j, 0, sizeof *j);
	ck_assert_int_eq(bl_catalog_reserve(&j->cat, n, 0, &err), 0);
	memcpy(j->cat.tensor, src->cat.tensor, n * sizeof *src->cat.tensor);
	j->cat.tensors = n;
	j->averaged = calloc(n + 1, sizeof *j->averaged);
	j->skipped = calloc(n + 1, sizeof *j->skipped);
	for (size_t i = 0; skip && i < n; i++)
		j->skipped[i] = strcmp(skip, src->cat.tensor[i].name) == 0;
	j->plan = (struct bl_sink_plan){.template = src, .averaged = j->averaged,
		.cat = &j->cat, .skipped = j->skipped, .compression = compression, .level = level};
}

static void plan_free(struct job *j)
{
	bl_catalog_free(&j->cat);
	free(j->averaged);
	free(j->skipped);
}

static size_t largest_chunk(const struct bl_catalog *cat)
{
	size_t most = 0;

	for (size_t i = 0; i < cat->tensors; i++) {
		const size_t bytes = cat->tensor[i].chunk_count *
			bl_dtype(cat->tensor[i].dtype)->bits / 8;

		most = bytes > most ? bytes : most;
	}
	return most;
}

/* Writes all values of one tensor at one go. */
static int put(struct bl_sink *snk, size_t i, void *work, struct bl_err *err)
{
	const struct bl_tensor *t = &snk->plan.cat->tensor[i];
	unsigned char *values = sample_values(snk->plan.template, i);
	int rc = snk->format->write(snk, i, (struct bl_span){false, 0, t->count}, values, work,
		NULL, err);

	free(values);
	return rc;
}

/* Writes a new file by a plan. */
static int write_new(struct job *j, const char *path, struct bl_err *err)
{
	const struct bl_format *format = &bl_format_hdf5;
	struct bl_output *out = NULL;
	struct bl_sink snk;
	bool needed[64];
	void *work;
	int rc = format->fit(&j->plan, &j->cat, err);

	ck_assert_uint_le(j->cat.tensors, 64);
	if (rc != 0)
		return rc;
	work = format->work_new(largest_chunk(&j->cat));
	ck_assert_int_eq(bl_output_open(path, BL_REPLACE | BL_NO_SYNC, NULL, &out, err), 0);
	rc = bl_sink_create(&snk, format, path, out, &j->plan, err);
	format->needs(&j->plan, needed);
	for (size_t i = 0; rc == 0 && i < j->cat.tensors; i++)
		if (needed[i])
			rc = put(&snk, i, work, err);
	if (rc == 0)
		rc = format->finish(&snk, err);
	format->abandon(&snk);
	if (rc == 0)
		rc = bl_output_publish(out, err);
	bl_output_close(out);
	format->work_free(work);
	return rc;
}

/* Opens HDF5 and writes it anew. */
static void write_after(const char *from, const char *path, enum bl_compression compression,
	unsigned level, const char *skip)
{
	struct bl_source src;
	struct bl_err err = {0};
	struct job j;

	sample_open(&src, pool, from);
	plan_make(&j, &src, compression, level, skip);
	ck_assert_msg(write_new(&j, path, &err) == 0, "%s", err.text);
	plan_free(&j);
	bl_source_close(&src);
}

/* Does libhdf5 read the same from both files, of the datasets from m on? */
static void compare(const char *a, const char *b, const struct made *m, bool newest)
{
	for (; m->name && m->name[0]; m++) {
		size_t n, k;
		unsigned char *x, *y;

		if (m->flags & MADE_RAW_EDGES && !newest)
			continue; /* others have none */
		x = made_values(a, m->name, &n);
		y = made_values(b, m->name, &k);
		ck_assert_msg(n == k && memcmp(x, y, n) == 0, "%s", m->name);
		free(x);
		free(y);
	}
}

/* Are the tensors of both the same, wherever they are stored? */
static void compare_tensors(const char *a, const char *b)
{
	struct bl_source x, y;

	sample_open(&x, pool, a);
	sample_open(&y, pool, b);
	ck_assert_uint_eq(x.cat.tensors, y.cat.tensors);
	for (size_t i = 0; i < x.cat.tensors; i++) {
		unsigned char *u = sample_values(&x, i), *v = sample_values(&y, i);

		ck_assert_str_eq(x.cat.tensor[i].name, y.cat.tensor[i].name);
		ck_assert_int_eq(x.cat.tensor[i].dtype, y.cat.tensor[i].dtype);
		ck_assert(bl_same_shape(&x.cat.tensor[i], &y.cat.tensor[i]));
		ck_assert_mem_eq(u, v, x.cat.tensor[i].bytes);
		free(u);
		free(v);
	}
	bl_source_close(&x);
	bl_source_close(&y);
}

static const struct made_file styles[] = {
	{.name = "plain.h5"},
	{.name = "newest.h5", .newest = true},
	{.name = "block.h5", .user_block = 512},
	{.name = "paged.h5", .paged = true, .keep_free = true},
	{.name = "times.h5", .times = true},
};

/* Every layout and type survives, whatever becomes of the compression. */
START_TEST(holds_what_the_template_held)
{
	static const struct {
		enum bl_compression compression;
		unsigned level;
	} how[] = {{BL_COMPRESS_NONE, 0}, {BL_COMPRESS_GZIP, 1}};
	char *from = strdup(scratch_path(styles[_i].name));
	char *path = strdup(scratch_path("anew.h5"));

	made_write(from, &styles[_i], made_all);
	for (size_t k = 0; k < sizeof how / sizeof how[0]; k++) {
		write_after(from, path, how[k].compression, how[k].level, NULL);
		compare_tensors(from, path);
		compare(from, path, made_all, styles[_i].newest);
	}
	free(from);
	free(path);
}
END_TEST

/* What is left out is gone, and everything else is stored as it was. */
START_TEST(leaves_out_one)
{
	char *from = strdup(scratch_path(styles[_i].name));
	char *path = strdup(scratch_path("less.h5"));
	const char *gone = made_all[0].name;
	struct bl_source a, b;

	made_write(from, &styles[_i], made_all);
	write_after(from, path, BL_COMPRESS_SAME, 0, gone);
	sample_open(&a, pool, from);
	sample_open(&b, pool, path);
	ck_assert_uint_eq(b.cat.tensors + 1, a.cat.tensors);
	for (size_t i = 0, k = 0; i < a.cat.tensors; i++) {
		const struct bl_h5_object *x = &((struct bl_h5 *)a.state)->object[i];
		const struct bl_h5_object *y = &((struct bl_h5 *)b.state)->object[k];

		if (strcmp(a.cat.tensor[i].name, gone) == 0)
			continue;
		ck_assert_str_eq(a.cat.tensor[i].name, b.cat.tensor[k++].name);
		ck_assert_msg(x->filters == y->filters && x->raw_edges == y->raw_edges &&
			x->resizable == y->resizable && x->swap == y->swap, "%s",
			a.cat.tensor[i].name);
		ck_assert_msg(x->layout == y->layout || x->layout == BL_H5_UNALLOCATED, "%s",
			a.cat.tensor[i].name);
	}
	bl_source_close(&a);
	bl_source_close(&b);
	compare(from, path, made_all + 1, styles[_i].newest);
	free(from);
	free(path);
}
END_TEST

/* A safetensors file of these bytes. */
static const char *write_safetensors(const char *name, const char *header, size_t values)
{
	const char *path = scratch_path(name);
	const size_t length = strlen(header);
	unsigned char *bytes = calloc(1, 8 + length + values);

	bytes[0] = (unsigned char)length;
	bytes[1] = (unsigned char)(length >> 8);
	memcpy(bytes + 8, header, length);
	for (size_t i = 0; i < values; i++)
		bytes[8 + length + i] = (unsigned char)(7 * i + 1);
	sample_write(path, bytes, 8 + length + values);
	free(bytes);
	return path;
}

/* Groups come from the names, attributes from the metadata. */
START_TEST(begins_without_hdf5)
{
	static const char header[] = "{\"__metadata__\":{\"format\":\"pt\",\"step\":\"3\"},"
		"\"a/b\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,16]},"
		"\"a/c/d\":{\"dtype\":\"BF16\",\"shape\":[],\"data_offsets\":[16,18]},"
		"\"a.x\":{\"dtype\":\"F8_E4M3\",\"shape\":[2],\"data_offsets\":[18,20]},"
		"\"n\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[20,28]},"
		"\"o\":{\"dtype\":\"BOOL\",\"shape\":[0,3],\"data_offsets\":[28,28]},"
		"\"z\":{\"dtype\":\"F16\",\"shape\":[4],\"data_offsets\":[28,36]}}";
	char *from = strdup(write_safetensors("in.safetensors", header, 36));
	char *path = strdup(scratch_path("out.h5"));
	struct bl_source a, b;
	struct bl_err err = {0};
	struct job j;

	sample_open(&a, pool, from);
	plan_make(&j, &a, _i ? BL_COMPRESS_GZIP : BL_COMPRESS_SAME, 3, NULL);
	j.cat.meta = a.cat.meta;
	j.cat.metas = a.cat.metas;
	ck_assert_msg(write_new(&j, path, &err) == 0, "%s", err.text);
	sample_open(&b, pool, path);
	ck_assert_uint_eq(b.cat.tensors, 6);
	for (size_t i = 0; i < 6; i++) {
		size_t k = 0;
		unsigned char *x, *y;

		while (k < 6 && strcmp(a.cat.tensor[i].name, b.cat.tensor[k].name) != 0)
			k++;
		ck_assert_uint_lt(k, 6);
		ck_assert_int_eq(a.cat.tensor[i].dtype, b.cat.tensor[k].dtype);
		ck_assert(bl_same_shape(&a.cat.tensor[i], &b.cat.tensor[k]));
		ck_assert_int_eq(b.cat.tensor[k].chunk != NULL,
			_i && a.cat.tensor[i].rank && a.cat.tensor[i].count);
		x = sample_values(&a, i);
		y = sample_values(&b, k);
		ck_assert_mem_eq(x, y, a.cat.tensor[i].bytes);
		free(x);
		free(y);
	}
	ck_assert_str_eq(bl_catalog_meta(&b.cat, "format"), "pt");
	ck_assert_str_eq(bl_catalog_meta(&b.cat, "step"), "3");
	j.cat.meta = NULL;
	j.cat.metas = 0;
	plan_free(&j);
	bl_source_close(&a);
	bl_source_close(&b);
	free(from);
	free(path);
}
END_TEST

/* Names that cannot be paths of datasets, and types that HDF5 lacks. */
START_TEST(refuses_names_and_types)
{
	static const struct {
		const char *one, *two, *type, *words;
		enum bl_exit code;
	} bad[] = {
		{"a", "a/b", "U8", "a and a/b: in HDF5 the first cannot be both a dataset and a "
			"group", BL_INPUT},
		{"x/y", "x/y/z/w", "U8", "x/y and x/y/z/w: in HDF5 the first cannot be both a "
			"dataset and a group", BL_INPUT},
		{"a", "a.b/", "U8", "a.b/: cannot be the name of an HDF5 dataset", BL_INPUT},
		{"a", "/b", "U8", "/b: cannot be the name of an HDF5 dataset", BL_INPUT},
		{"a", "b//c", "U8", "b//c: cannot be the name of an HDF5 dataset", BL_INPUT},
		{"a", "./b", "U8", "./b: cannot be the name of an HDF5 dataset", BL_INPUT},
		{"a", "b", "F8_E8M0", "a: HDF5 has no type for F8_E8M0", BL_USAGE},
	};
	char header[512];
	struct bl_source src;
	struct bl_err err = {0};
	struct job j;

	snprintf(header, sizeof header, "{\"%s\":{\"dtype\":\"%s\",\"shape\":[1],\"data_offsets\":"
		"[0,1]},\"%s\":{\"dtype\":\"%s\",\"shape\":[1],\"data_offsets\":[1,2]}}",
		bad[_i].one, bad[_i].type, bad[_i].two, bad[_i].type);
	sample_open(&src, pool, write_safetensors("bad.safetensors", header, 2));
	plan_make(&j, &src, BL_COMPRESS_SAME, 0, NULL);
	ck_assert_int_ne(write_new(&j, scratch_path("no.h5"), &err), 0);
	ck_assert_int_eq(err.code, bad[_i].code);
	if (err.code == BL_INPUT) { /* the file that has the tensors is named */
		ck_assert_int_eq(strncmp(err.text, src.path, strlen(src.path)), 0);
		ck_assert_str_eq(err.text + strlen(src.path) + 2, bad[_i].words);
	} else {
		ck_assert_str_eq(err.text, bad[_i].words);
	}
	plan_free(&j);
	bl_source_close(&src);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("hdf5_fresh");
	TCase *all = tcase_create("all");
	const int n = sizeof styles / sizeof styles[0];
	int failed;

	tcase_add_checked_fixture(all, set_up, tear_down);
	tcase_set_timeout(all, 120);
	tcase_add_loop_test(all, holds_what_the_template_held, 0, n);
	tcase_add_loop_test(all, leaves_out_one, 0, n);
	tcase_add_loop_test(all, begins_without_hdf5, 0, 2);
	tcase_add_loop_test(all, refuses_names_and_types, 0, 7);
	suite_add_tcase(suite, all);
	failed = suite_run(suite);
	scratch_remove();
	return failed;
}
