/* test_keras.c - .keras files: HDF5 of all layouts in zip files of all kinds, read and cloned. */
#include "made_h5.h"
#include "made_zip.h"
#include "sample.h"
#include "suite.h"
#include "zip.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct bl_files *pool;

static const struct made_file kinds[] = {
	{.name = "old"}, {.name = "new", .newest = true}, {.name = "block", .user_block = 512},
	{.name = "paged", .paged = true}, {.name = "free", .newest = true, .keep_free = true},
};
static const unsigned zips[] = {
	0, ZIP_BEHIND | ZIP_GAPS, ZIP_LATE | ZIP_BEHIND, ZIP_WIDE | ZIP_WIDE_END | ZIP_BEHIND,
	ZIP_EXTRAS | ZIP_LATE | ZIP_LATE_WIDE | ZIP_WIDE_HEADER | ZIP_BEHIND,
};
#define KINDS ((int)(sizeof kinds / sizeof kinds[0]))

/* HDF5 of a kind, alone (a path) and in a zip file (another). Freed by the caller. */
static void make(int i, char **h5, char **zip)
{
	struct made_zip_places p;
	unsigned char *bytes, *whole;
	size_t n;

	*h5 = strdup(scratch_path("a.h5"));
	*zip = strdup(scratch_path("a.keras"));
	made_write(*h5, &kinds[i], made_all);
	bytes = sample_read(*h5, &n);
	whole = made_zip(zips[i], bytes, n, &p);
	sample_write(*zip, whole, p.end);
	free(whole);
	free(bytes);
}

/* It reads as its HDF5 does when that is a file. */
START_TEST(reads_as_hdf5)
{
	char *h5, *zip;
	struct bl_source a, b;

	make(_i, &h5, &zip);
	sample_open(&a, pool, h5);
	sample_open(&b, pool, zip);
	ck_assert_ptr_eq(a.format, &bl_format_hdf5);
	ck_assert_ptr_eq(b.format, &bl_format_keras);
	sample_compare(&a, &b);
	bl_source_close(&a);
	bl_source_close(&b);
	free(h5);
	free(zip);
}
END_TEST

/* Runs the cloner; the bytes it makes. */
static unsigned char *run_clone(const char *options, const char *from, const char *to, size_t *n)
{
	const char *top = getenv("top_builddir");
	char command[2048];

	snprintf(command, sizeof command, "%s/tests/unit/clone_h5 -2 %s %s %s", top ? top : ".",
		options, from, to);
	ck_assert_msg(system(command) == 0, "%s", command);
	return sample_read(to, n);
}

/* A clone is the zip file made around the clone of its HDF5, to the byte; whatever the threads. */
START_TEST(clones_as_hdf5)
{
	static const char *const options[] = {"", "-p '{\"x\":1}'", "-t 3 -c", "-t 3 -p '{}'"};
	char *h5, *zip, *to = strdup(scratch_path("copy"));

	make(_i, &h5, &zip);
	for (size_t k = 0; k < sizeof options / sizeof options[0]; k++) {
		struct made_zip_places p;
		size_t n, m;
		unsigned char *inner = run_clone(options[k], h5, to, &n);
		unsigned char *is = run_clone(options[k], zip, to, &m);
		unsigned char *should = made_zip(zips[_i], inner, n, &p);

		ck_assert_msg(m == p.end && memcmp(is, should, m) == 0, "%s %s", kinds[_i].name,
			options[k]);
		free(should);
		free(is);
		free(inner);
	}
	free(to);
	free(h5);
	free(zip);
}
END_TEST

/* Writes a file around a hole: the zip file of HDF5 that is made longer by zeros, to size. */
static void write_large(const char *path, const char *h5, uint64_t size)
{
	struct made_zip_places p;
	size_t n;
	unsigned char *inner = sample_read(h5, &n), *bytes = made_zip(0, inner, n, &p);
	const size_t behind = p.data + n;
	const uint64_t more = size - n;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);

	bl_zip_put(bytes + p.header + 18, 4, size);
	bl_zip_put(bytes + p.header + 22, 4, size);
	bl_zip_put(bytes + p.row + 20, 4, size);
	bl_zip_put(bytes + p.row + 24, 4, size);
	bl_zip_put(bytes + p.last + 16, 4, p.directory + more);
	ck_assert(pwrite(fd, bytes, behind, 0) == (ssize_t)behind);
	ck_assert(pwrite(fd, bytes + behind, p.end - behind, (off_t)(behind + more)) ==
		(ssize_t)(p.end - behind));
	close(fd);
	free(bytes);
	free(inner);
}

/* A run that would end with weights which the directory has no room for does not begin. */
START_TEST(refuses_early_what_grows_too_large)
{
	char *h5, *zip, *path = strdup(scratch_path("copy"));
	struct bl_source src;
	struct bl_err err = {0};
	const bool averaged[100] = {false};
	const struct bl_sink_plan plan = {
		.template = &src, .averaged = averaged, .provenance = "{}"};
	struct bl_output *out = NULL;
	struct bl_sink snk;

	make(0, &h5, &zip);
	write_large(zip, h5, 0xffffffff - 65536);
	sample_open(&src, pool, zip);
	ck_assert_uint_le(src.cat.tensors, 100);
	ck_assert_int_eq(bl_output_open(path, BL_REPLACE | BL_NO_SYNC, NULL, &out, &err), 0);
	ck_assert_int_ne(bl_sink_create(&snk, &bl_format_keras, path, out, &plan, &err), 0);
	ck_assert_int_eq(err.code, BL_LIMIT);
	ck_assert_str_eq(err.text, "its weights need 4294967297 bytes, for which the zip directory "
		"of the last checkpoint is too narrow");
	snk.format->abandon(&snk);
	bl_output_close(out);
	bl_source_close(&src);
	free(path);
	free(h5);
	free(zip);
}
END_TEST

/* What is wrong inside has the name of the member. */
START_TEST(names_the_member)
{
	static const unsigned char text[] = "hello, world";
	struct made_zip_places p;
	unsigned char *bytes = made_zip(0, text, sizeof text, &p);
	const char *path = scratch_path("text.keras");
	struct bl_source src;
	struct bl_err err = {0};

	sample_write(path, bytes, p.end);
	ck_assert_int_ne(bl_source_open(&src, pool, path, &err), 0);
	ck_assert_str_eq(err.text + strlen(path), ": model.weights.h5: is no HDF5 file");
	free(bytes);
}
END_TEST

/* The first member's name, whole, makes a zip file one of ours. */
START_TEST(probes_by_the_first_member)
{
	static const struct {
		const char *name;
		bool ours;
	} first[] = {
		{"metadata.json", true}, {"config.json", true}, {"model.weights.h5", true},
		{"assets/", true}, {"assets", false}, {"assets/data.pkl", false},
		{"config.json5", false}, {"config", false}, {"", false}, {"x/config.json", false},
	};

	for (size_t i = 0; i < sizeof first / sizeof first[0]; i++) {
		unsigned char head[100] = "PK\3\4";
		const size_t n = strlen(first[i].name);

		head[26] = (unsigned char)n;
		memcpy(head + 30, first[i].name, n);
		ck_assert_msg(bl_format_keras.probe(head, sizeof head) == first[i].ours, "%s",
			first[i].name);
		ck_assert(!bl_format_keras.probe(head, 29 + n));
		head[3] = 2;
		ck_assert(!bl_format_keras.probe(head, sizeof head));
	}
}
END_TEST

/* HDF5 out of a zip file is HDF5; but what else Keras wants is not in HDF5. */
START_TEST(refuses_other_formats_and_pipes)
{
	char *h5, *zip;
	struct bl_source src, out;
	struct bl_err err = {0};

	make(0, &h5, &zip);
	sample_open(&src, pool, zip);
	ck_assert_int_eq(sample_copy(&src, &bl_format_hdf5, scratch_path("copy"), NULL,
		SAMPLE_WHOLE, &err), 0);
	sample_open(&out, pool, scratch_path("copy"));
	sample_compare(&src, &out);
	bl_source_close(&out);
	ck_assert_int_ne(sample_copy(&src, &bl_format_keras, "-", NULL, SAMPLE_WHOLE, &err), 0);
	ck_assert_int_eq(err.code, BL_USAGE);
	bl_source_close(&src);
	sample_open(&src, pool, h5);
	ck_assert_int_ne(sample_copy(&src, &bl_format_keras, scratch_path("copy"), NULL,
		SAMPLE_WHOLE, &err), 0);
	ck_assert_int_eq(err.code, BL_USAGE);
	bl_source_close(&src);
	free(h5);
	free(zip);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("keras");
	TCase *tc = tcase_create("files");
	struct bl_err err;
	int failed;

	if (bl_files_new(&pool, 0, &err) != 0)
		return 1;
	tcase_set_timeout(tc, 0);
	tcase_add_loop_test(tc, reads_as_hdf5, 0, KINDS);
	tcase_add_loop_test(tc, clones_as_hdf5, 0, KINDS);
	tcase_add_test(tc, refuses_early_what_grows_too_large);
	tcase_add_test(tc, names_the_member);
	tcase_add_test(tc, probes_by_the_first_member);
	tcase_add_test(tc, refuses_other_formats_and_pipes);
	suite_add_tcase(s, tc);
	failed = suite_run(s);
	scratch_remove();
	bl_files_free(pool);
	return failed;
}
