/*
 * test_shards.c - checkpoints in shards beside others that have the same tensors: that they are
 * found to have, and that this makes no other difference.
 */
#include "made_safetensors.h"
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define C "\"c\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}"
#define D "\"d\":{\"dtype\":\"U8\",\"shape\":[5],\"data_offsets\":[4,9]}"
#define MAP "{\"weight_map\":{\"a\":\"m-1-of-2.safetensors\",\"b\":\"m-1-of-2.safetensors\"," \
	"\"c\":\"m-2-of-2.safetensors\",\"d\":\"m-2-of-2.safetensors\"}}"

#define OTHER_MAP "{\"weight_map\":{\"a\":\"m-2-of-2.safetensors\"," \
	"\"b\":\"m-1-of-2.safetensors\",\"c\":\"m-2-of-2.safetensors\"," \
	"\"d\":\"m-2-of-2.safetensors\"}}"

/* Folders of two shards, of nine bytes each; NULL: the file is missing. */
static const struct {
	const char *index, *shard[2];
	size_t values; /* of the second */
	bool shared;   /* the tensors are those of the first folder */
	const char *why; /* it is refused; NULL: it is accepted */
} folders[] = {
	{MAP, {"{" META "{\"step\":\"1\"}," A "," B "}", "{" C "," D "}"}, 9, true, NULL},
	{MAP, {"{" META "{\"step\":\"2\",\"k\":\"v\"}," A "," B "}", "{" C "," D "}"}, 9, true,
		NULL},
	{MAP, {"{" META "null," A "," B "} ", "{" C "," D "}  "}, 9, true, NULL},
	{MAP " ", {"{" META "{}," A "," B "}", "{" C "," D "}"}, 9, false, NULL},
	{MAP, {"{" META "{}," A "," B "}", "{" D "," C "}"}, 9, false, NULL},
	{MAP, {"{" A "," B "}", "{" C "," D "}"}, 9, false, NULL},
	{OTHER_MAP, {"{" META "{}," A "," B "}", "{" C "," D "}"}, 9, false,
		"m-1-of-2.safetensors: a: the index has it in m-2-of-2.safetensors"},
	{MAP, {"{" META "{}," A "," B "}", NULL}, 9, false,
		"m-2-of-2.safetensors: cannot be opened"},
	{MAP, {"{" A "}", NULL}, 9, false,
		"m-1-of-2.safetensors: has 1 byte behind the last tensor"},
	{MAP, {"{" META "{}," A "," B "}", "{" C "," D "}"}, 8, false, "only 8 for them"},
	{MAP, {"{" META "{}," A "," B "}", "{" META "{\"k\":1}," C "," D "}"}, 9, false,
		"m-2-of-2.safetensors: __metadata__: k: is an integer"},
	{MAP, {"{" META "{}," C "," D "}", NULL}, 9, false,
		"m-1-of-2.safetensors: c: the index has it in m-2-of-2.safetensors"},
	{MAP, {"{" META "{}," A "," B "}", "{" C ",\"e\"" }, 9, false, "no valid JSON"},
	{MAP, {"{" META "{}," A "," B "}", "{\"e\":{\"dtype\":\"U8\",\"shape\":[9],"
		"\"data_offsets\":[0,9]}}"}, 9, false,
		"m-2-of-2.safetensors: e: is not in the index"},
	{MAP, {"{" META "{}," A "," B "}", "{\"c\":{\"dtype\":\"U8\",\"shape\":[9],"
		"\"data_offsets\":[0,9]}}"}, 9, false,
		"m-2-of-2.safetensors: has no d, which the index"},
};
#define FOLDERS ((int)(sizeof folders / sizeof folders[0]))

/* Makes folder i; its path, malloc'd. */
static char *make_folder(const char *name, int i)
{
	char *folder = strdup(scratch_path(name)), path[512];

	mkdir(folder, 0777);
	snprintf(path, sizeof path, "%s/model.safetensors.index.json", folder);
	sample_write(path, folders[i].index, strlen(folders[i].index));
	for (size_t k = 0; k < 2; k++) {
		snprintf(path, sizeof path, "%s/m-%zu-of-2.safetensors", folder, k + 1);
		unlink(path);
		if (folders[i].shard[k])
			made_safetensors(path, folders[i].shard[k], strlen(folders[i].shard[k]),
				k ? folders[i].values : 9, (unsigned char)(20 * i + 10 * (int)k));
	}
	return folder;
}

/* A folder beside another one is what it is alone. */
START_TEST(folder_beside_another)
{
	char *one = make_folder("first", 0), *two = make_folder("second", _i);
	struct bl_source first, alone, later;
	struct bl_err x = {0}, y = {0};
	struct bl_files *pool, *empty;
	uint64_t bytes;
	int a, b;

	ck_assert_int_eq(bl_files_new(&pool, 0, &x), 0);
	ck_assert_int_eq(bl_files_new(&empty, 0, &x), 0);
	sample_open(&first, pool, one);
	bytes = bl_files_bytes(pool);
	a = bl_source_open(&alone, empty, two, &x);
	b = bl_source_open(&later, pool, two, &y);
	ck_assert_int_eq(a, b);
	ck_assert_str_eq(x.text, y.text);
	ck_assert_str_eq(x.hint, y.hint);
	ck_assert_int_eq(a, folders[_i].why ? -1 : 0);
	if (folders[_i].why)
		ck_assert_msg(strstr(x.text, folders[_i].why), "%s", x.text);
	else
		sample_compare(&alone, &later);
	ck_assert_int_eq(b == 0 && bl_catalog_shares(&first.cat, &later.cat), folders[_i].shared);
	ck_assert(!folders[_i].shared || bl_files_bytes(pool) == bytes);
	bl_source_close(&first); /* what it lent stays */
	if (b == 0)
		sample_compare(&alone, &later);
	bl_source_close(&later);
	bl_source_close(&alone);
	bl_files_free(empty);
	bl_files_free(pool);
	free(one);
	free(two);
}
END_TEST

/* An index is known as long as it is open. */
START_TEST(folder_closed)
{
	char *one = make_folder("first", 0), *two = make_folder("second", 1);
	struct bl_source src[3];
	struct bl_files *pool;
	struct bl_err err = {0};

	ck_assert_int_eq(bl_files_new(&pool, 0, &err), 0);
	sample_open(&src[0], pool, one);
	sample_open(&src[1], pool, two);
	ck_assert_str_eq(bl_catalog_meta(&src[0].cat, "step"), "1");
	ck_assert_str_eq(bl_catalog_meta(&src[1].cat, "step"), "2");
	ck_assert_str_eq(bl_catalog_meta(&src[1].cat, "k"), "v");
	bl_source_close(&src[0]);
	sample_open(&src[2], pool, one);
	ck_assert(!bl_catalog_shares(&src[1].cat, &src[2].cat));
	bl_source_close(&src[1]);
	sample_open(&src[1], pool, two);
	ck_assert(bl_catalog_shares(&src[1].cat, &src[2].cat));
	bl_source_close(&src[1]);
	bl_source_close(&src[2]);
	bl_files_free(pool);
	free(one);
	free(two);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("shards");
	TCase *tc = tcase_create("folders");
	int failed;

	tcase_add_loop_test(tc, folder_beside_another, 0, FOLDERS);
	tcase_add_test(tc, folder_closed);
	suite_add_tcase(s, tc);
	failed = suite_run(s);
	scratch_remove();
	return failed;
}
