/*
 * test_formats.c - what every format of the table must do. A new format is tested when it has a
 * folder of samples: tests/data/cases/NAME with valid/, bad/, manifest.tsv and messages.txt.
 */
#include "sample.h"

#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct bl_files *pool;

/* Calls visit with the path of every valid sample of a format that is a file, or a folder. */
static void each(const struct bl_format *f, bool folders,
	void (*visit)(const struct bl_format *f, const char *path))
{
	char *folder = strdup(sample_path("tests/data/cases/%s/valid", f->name)), **name;
	size_t n = (folders ? sample_folders : sample_list)(folder, &name);

	ck_assert_msg(n > 0, "no samples in %s", folder);
	for (size_t k = 0; k < n; k++) {
		char path[1024];

		snprintf(path, sizeof path, "%s/%s", folder, name[k]);
		visit(f, path);
	}
	sample_list_free(name, n);
	free(folder);
}

static void each_sample(const struct bl_format *f,
	void (*visit)(const struct bl_format *f, const char *path))
{
	each(f, false, visit);
}

static void claimed_once(const struct bl_format *f, const char *path)
{
	size_t n, claims = 0;
	unsigned char *bytes = sample_read(path, &n);

	for (size_t i = 0; bl_formats[i]; i++) {
		if (!bl_formats[i]->probe(bytes, n < BL_PROBE ? n : BL_PROBE))
			continue;
		claims++;
		ck_assert_msg(bl_formats[i] == f, "%s claims %s", bl_formats[i]->name, path);
	}
	ck_assert_msg(claims == 1, "%zu formats claim %s", claims, path);
	free(bytes);
}

START_TEST(probes_are_exclusive)
{
	each_sample(bl_formats[_i], claimed_once);
}
END_TEST

/* What is cut off is refused, at whatever byte. */
static void refuses_cuts(const struct bl_format *f, const char *path)
{
	char cut[1024];
	size_t n;
	unsigned char *bytes = sample_read(path, &n);
	const size_t step = n / 512 + 1;

	snprintf(cut, sizeof cut, "%s", scratch_path("cut"));
	strcat(cut, f->suffixes);
	cut[strcspn(cut, " ")] = '\0';
	sample_write(cut, bytes, n);
	for (size_t k = n - 1; k < n; k = k >= 300 && k + 8 < n && k >= step ? k - step : k - 1) {
		struct bl_err err = {0};
		struct bl_source src;

		ck_assert_int_eq(truncate(cut, (off_t)k), 0);
		ck_assert_msg(bl_source_open(&src, pool, cut, &err) != 0, "%s: %zu of %zu bytes",
			path, k, n);
		ck_assert_msg(err.code == BL_INPUT, "%s: %zu bytes: %s", path, k, err.text);
	}
	unlink(cut);
	free(bytes);
}

START_TEST(refuses_cut_files)
{
	each_sample(bl_formats[_i], refuses_cuts);
}
END_TEST

static void survives_round_trip(const struct bl_format *f, const char *path)
{
	const char *copy = scratch_path("copy");

	for (int walk = SAMPLE_WHOLE; walk <= SAMPLE_RUNS && f->create; walk++) {
		struct bl_source src, back;
		struct bl_err err = {0};

		sample_open(&src, pool, path);
		ck_assert_msg(sample_copy(&src, f, copy, walk ? "{\"a\":1}" : NULL,
			(enum sample_walk)walk, &err) == 0, "%s: %s", path, err.text);
		sample_open(&back, pool, copy);
		ck_assert(back.format == f);
		sample_compare(&src, &back);
		if (walk)
			ck_assert_str_eq(bl_catalog_meta(&back.cat, "belay"), "{\"a\":1}");
		else
			ck_assert_ptr_null(bl_catalog_meta(&back.cat, "belay"));
		bl_source_close(&src);
		bl_source_close(&back);
	}
}

/* The copy of a folder is a folder, and takes the place of the one before. */
static void folder_survives_round_trip(const struct bl_format *f, const char *path)
{
	for (int walk = SAMPLE_WHOLE; walk <= SAMPLE_RUNS; walk++) {
		struct bl_source src, back;
		struct bl_err err = {0};

		sample_open(&src, pool, path);
		ck_assert_msg(sample_copy(&src, f, scratch_path("folder/"), walk ? "{}" : NULL,
			(enum sample_walk)walk, &err) == 0, "%s: %s", path, err.text);
		sample_open(&back, pool, scratch_path("folder"));
		ck_assert(back.format == f);
		ck_assert_uint_eq(src.parts, back.parts);
		sample_compare(&src, &back);
		ck_assert((bl_catalog_meta(&back.cat, "belay") != NULL) == (walk != 0));
		bl_source_close(&src);
		bl_source_close(&back);
	}
}

START_TEST(round_trips)
{
	each_sample(bl_formats[_i], survives_round_trip);
	if (bl_formats[_i]->folders) {
		each(bl_formats[_i], true, survives_round_trip);
		each(bl_formats[_i], true, folder_survives_round_trip);
	}
}
END_TEST

/* Tensors that would be averaged, and cannot be read. */
static int refuse_sealed(const struct bl_source *src, struct bl_err *err)
{
	for (size_t i = 0; i < src->cat.tensors; i++)
		if (src->cat.tensor[i].seals_weights)
			return bl_fail(err, BL_INPUT, "%s: %s", src->cat.tensor[i].name,
				src->cat.tensor[i].sealed);
	return 0;
}

/* Opens and reads one case; its line for the list of messages. */
static bool judge(const char *folder, const char *file, char *line, size_t cap)
{
	const char *path = sample_path("tests/data/cases/%s/%s", folder, file), *text;
	struct bl_err err = {0};
	struct bl_source src;
	int rc = bl_source_open(&src, pool, path, &err);

	if (rc == 0 && (refuse_sealed(&src, &err) != 0 || sample_read_all(&src, &err) != 0))
		rc = bl_prefix(&err, "%s", path);
	bl_source_close(&src);
	if (rc == 0) {
		snprintf(line, cap, "%s: accepted\n", file);
		return true;
	}
	ck_assert_int_eq(err.code, BL_INPUT);
	ck_assert_int_eq(strncmp(err.text, path, strlen(path)), 0);
	text = err.text + strlen(path);
	snprintf(line, cap, "%s%s\n%s%s%s", file, text, err.hint[0] ? "\thint: " : "", err.hint,
		err.hint[0] ? "\n" : "");
	return false;
}

/* Walks the manifest of one format; writes what was said to a list. */
static void walk_manifest(const char *folder, FILE *list)
{
	FILE *manifest = fopen(sample_path("tests/data/cases/%s/manifest.tsv", folder), "r");
	char row[4096], file[512], verdict[16], line[8192];
	size_t cases = 0;

	ck_assert_msg(manifest, "no manifest of %s", folder);
	while (fgets(row, sizeof row, manifest)) {
		ck_assert_int_eq(sscanf(row, "%511[^\t]\t%15[^\t]", file, verdict), 2);
		if (strcmp(file, "file") == 0)
			continue;
		ck_assert_msg(judge(folder, file, line, sizeof line) ==
			(strcmp(verdict, "accept") == 0), "%s: should be: %s", line, verdict);
		if (strcmp(verdict, "accept") != 0)
			fputs(line, list);
		cases++;
	}
	ck_assert_uint_gt(cases, 10);
	fclose(manifest);
}

/* Does line a library put its own words into stand for what is said? It ends in "...". */
static bool line_matches(const char *should, size_t n, const char *is, size_t m)
{
	if (n >= 3 && memcmp(should + n - 3, "...", 3) == 0)
		return m >= n - 3 && memcmp(should, is, n - 3) == 0;
	return n == m && memcmp(should, is, n) == 0;
}

/* Line by line; both end in a NUL. */
static bool list_matches(const char *should, const char *is)
{
	while (*should && *is) {
		const size_t n = strcspn(should, "\n"), m = strcspn(is, "\n");

		if (!line_matches(should, n, is, m))
			return false;
		should += n + (should[n] == '\n');
		is += m + (is[m] == '\n');
	}
	return *should == *is;
}

/* Every case is accepted or refused as its manifest says, and in the words of messages.txt, where
 * they can be read. */
START_TEST(cases_and_messages)
{
	const char *name = bl_formats[_i]->name;
	unsigned char *is, *should;
	char made[64];
	size_t n, wanted;
	FILE *list;
	bool same;

	snprintf(made, sizeof made, "messages-%s.txt", name);
	list = fopen(made, "w");
	ck_assert_ptr_nonnull(list);
	walk_manifest(name, list);
	fclose(list);
	is = sample_read(made, &n);
	should = sample_read(sample_path("tests/data/cases/%s/messages.txt", name), &wanted);
	is[n] = should[wanted] = '\0'; /* for which there is room */
	same = list_matches((const char *)should, (const char *)is);
	free(is);
	free(should);
	ck_assert_msg(same, "%s says other things than its messages.txt; what it says is in ./%s",
		name, made);
	unlink(made);
}
END_TEST

/* Files that are known but not read. */
static const struct {
	const char *name, *bytes;
	size_t n;
	const char *message;
} foreign[] = {
	{"a.bin", "", 0, "is empty"},
	{"a.safetensors", "version https://git-lfs.github.com/spec/v1\n", 43,
		"is a git-lfs pointer, not the file it stands for"},
	{"a.h5", " \n<!DOCTYPE HTML>\n<html>", 24, "is a web page, not a checkpoint"},
	{"a", "<HTML><body>", 12, "is a web page, not a checkpoint"},
	{"a.pt", "PK\3\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10\0\0\0archive/data.pkl", 46,
		"is a PyTorch file (.pt), which belay does not read"},
	{"a.keras", "PK\3\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x0d\0\0\0metadata.json", 43,
		"its zip directory is missing"},
	{"a.npz", "PK\3\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\5\0\0\0w.npyxyz", 38,
		"is a NumPy file (.npz), which belay does not read"},
	{"a.zip", "PK\3\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\5\0\0\0w.txt", 35,
		"is a zip file, which belay does not read; PyTorch's .pt and .bin are such"},
	{"long.zip", "PK\3\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xff\xff\0\0w", 31,
		"is a zip file, which belay does not read; PyTorch's .pt and .bin are such"},
	{"cut.zip", "PK\3\4", 4,
		"is a zip file, which belay does not read; PyTorch's .pt and .bin are such"},
	{"a.ckpt", "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e\x80", 16,
		"is a PyTorch file of before 2020 (.pt), which belay does not read"},
	{"a.pkl", "\x80\x04\x95", 3, "is a Python pickle, which belay does not read"},
	{"a.npy", "\x93NUMPY\1\0", 8, "is a single NumPy array (.npy), which belay does not read"},
	{"a.gz", "\x1f\x8b\x08", 3, "is a gzip file"},
	{"a.txt", "hello", 5, "is no checkpoint that belay knows (safetensors, HDF5, Keras)"},
	{"braces.txt", "12345678{\"a\":1}", 15,
		"is no checkpoint that belay knows (safetensors, HDF5, Keras)"},
};

START_TEST(foreign_files)
{
	for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
		const char *path = scratch_path(foreign[i].name);
		struct bl_err err = {0};
		struct bl_source src;

		sample_write(path, foreign[i].bytes, foreign[i].n);
		ck_assert_int_ne(bl_source_open(&src, pool, path, &err), 0);
		ck_assert_str_eq(err.text + strlen(path) + 2, foreign[i].message);
		ck_assert_int_eq(err.code, BL_INPUT);
		ck_assert_ptr_null(src.file);
		unlink(path);
	}
}
END_TEST

/* The header of one format in the user block of the other: nobody can tell which is meant. */
START_TEST(two_claims)
{
	static const char one[] = "\x10\0\0\0\0\0\0\0{              }", two[] = "\x89HDF\r\n\x1a\n";
	const char *path = scratch_path("both.h5");
	char bytes[1024] = "";
	struct bl_err err = {0};
	struct bl_source src;

	memcpy(bytes, one, sizeof one);
	memcpy(bytes + 512, two, sizeof two);
	sample_write(path, bytes, sizeof bytes);
	ck_assert_int_ne(bl_source_open(&src, pool, path, &err), 0);
	ck_assert_str_eq(err.text + strlen(path) + 2, "could be safetensors and hdf5 at once");
	unlink(path);
}
END_TEST

START_TEST(folders)
{
	static const char *const member[][2] = {
		{"", "is a folder, not a checkpoint"},
		{"adapter_model.bin", "holds PyTorch weights (.bin), which belay does not read"},
		{"pytorch_model.bin", "holds PyTorch weights (.bin), which belay does not read"},
		{"zero_to_fp32.py", "is a DeepSpeed checkpoint, which belay does not read"},
		{".metadata",
			"is a distributed checkpoint of PyTorch (DCP), which belay does not read"},
	};
	char *folder = strdup(scratch_path(""));

	for (size_t i = 0; i < sizeof member / sizeof member[0]; i++) {
		struct bl_err err = {0};
		struct bl_source src;

		if (member[i][0][0])
			sample_write(scratch_path(member[i][0]), "", 0);
		ck_assert_int_ne(bl_source_open(&src, pool, folder, &err), 0);
		ck_assert_str_eq(err.text + strlen(folder) + 2, member[i][1]);
		ck_assert_str_ne(err.hint, "");
	}
	for (size_t i = 1; i < sizeof member / sizeof member[0]; i++)
		unlink(scratch_path(member[i][0]));
	free(folder);
}
END_TEST

START_TEST(missing_file)
{
	struct bl_err err = {0};
	struct bl_source src;

	ck_assert_int_ne(bl_source_open(&src, pool, "nowhere/x.safetensors", &err), 0);
	ck_assert_str_eq(err.text,
		"nowhere/x.safetensors: cannot be opened: No such file or directory");
	bl_source_close(&src); /* legal though nothing is open */
}
END_TEST

START_TEST(suffixes)
{
	ck_assert_ptr_eq(bl_format_of_suffix("a/b.safetensors"), &bl_format_safetensors);
	ck_assert_ptr_eq(bl_format_of_suffix("B.SafeTensors"), &bl_format_safetensors);
	ck_assert_ptr_eq(bl_format_of_suffix("a.h5"), &bl_format_hdf5);
	ck_assert_ptr_eq(bl_format_of_suffix("a.weights.h5"), &bl_format_hdf5);
	ck_assert_ptr_eq(bl_format_of_suffix("a.keras"), &bl_format_keras);
	ck_assert_ptr_null(bl_format_of_suffix("safetensors"));
	ck_assert_ptr_null(bl_format_of_suffix("a.safetensors.gz"));
	ck_assert_ptr_null(bl_format_of_suffix("a.safetensorsx"));
	ck_assert_ptr_null(bl_format_of_suffix("-"));
	ck_assert_ptr_null(bl_format_of_suffix(""));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("formats");
	TCase *tc = tcase_create("table");
	struct bl_err err;
	int failed, formats = 0;

	while (bl_formats[formats])
		formats++;
	if (bl_files_new(&pool, 0, &err) != 0)
		return 1;
	tcase_set_timeout(tc, 0);
	tcase_add_loop_test(tc, probes_are_exclusive, 0, formats);
	tcase_add_loop_test(tc, refuses_cut_files, 0, formats);
	tcase_add_loop_test(tc, round_trips, 0, formats);
	tcase_add_loop_test(tc, cases_and_messages, 0, formats);
	tcase_add_test(tc, foreign_files);
	tcase_add_test(tc, two_claims);
	tcase_add_test(tc, folders);
	tcase_add_test(tc, missing_file);
	tcase_add_test(tc, suffixes);
	suite_add_tcase(s, tc);
	failed = suite_run(s);
	scratch_remove();
	bl_files_free(pool);
	return failed;
}
