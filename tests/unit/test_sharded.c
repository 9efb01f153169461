/* test_sharded.c - checkpoints in shards, and the folders they are in. */
#include "hf_folder.h"
#include "safetensors_index.h"
#include "sample.h"
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct bl_files *pool;

/* ---- the index ---- */

START_TEST(index_names_and_files)
{
	static const char text[] = " {\"x\":[1,{\"weight_map\":2}],\"weight_map\":{"
		"\"b\":\"y.safetensors\",\"a\":\"x.safetensors\",\"c\":\"\\u0079.safetensors\"},"
		"\"metadata\":{\"total_size\":1.5}}\n";
	struct bl_index index = {0};
	struct bl_err err = {0};
	struct bl_json json;

	bl_json_init(&json, text, strlen(text));
	ck_assert_msg(bl_index_parse(&json, &index, &err) == 0, "%s", err.text);
	ck_assert_uint_eq(index.tensors, 3);
	ck_assert_uint_eq(index.files, 2);
	ck_assert_str_eq(index.file[0], "x.safetensors");
	ck_assert_str_eq(index.file[1], "y.safetensors");
	ck_assert_str_eq(bl_index_find(&index, "a")->file, "x.safetensors");
	ck_assert_str_eq(bl_index_find(&index, "c")->file, "y.safetensors");
	ck_assert_ptr_null(bl_index_find(&index, "d"));
	bl_index_free(&index);
	ck_assert_ptr_null(bl_index_find(&index, "a"));
}
END_TEST

/* What is cut off is refused, at whatever byte; only blanks may go. */
START_TEST(index_cut)
{
	size_t n;
	char *text = (char *)sample_read(sample_path("tests/data/cases/safetensors/valid/"
		"sharded_ok/model.safetensors.index.json"), &n);

	for (size_t k = 0; k < n; k++) {
		struct bl_index index = {0};
		struct bl_err err = {0};
		struct bl_json json;

		bl_json_init(&json, text, k);
		ck_assert_int_ne(bl_index_parse(&json, &index, &err), 0);
		ck_assert_int_eq(err.code, BL_INPUT);
		bl_index_free(&index);
	}
	free(text);
}
END_TEST

/* Bytes of tensors, a limit, and the file that each goes to. */
static const struct {
	uint64_t limit, bytes[6];
	size_t n, file_of[6], files;
} deals[] = {
	{10, {0}, 0, {0}, 1},
	{10, {10}, 1, {0}, 1},
	{10, {11}, 1, {0}, 1},
	{10, {4, 6}, 2, {0, 0}, 1},
	{10, {4, 7}, 2, {0, 1}, 2},
	{10, {4, 11, 6, 1}, 4, {1, 0, 1, 2}, 3}, /* a larger one does not end the file before */
	{10, {11, 12}, 2, {0, 1}, 2},
	{10, {0, 0, 10, 0}, 4, {0, 0, 0, 0}, 1},
	{1, {1, 1, 0, 1}, 4, {0, 1, 1, 2}, 3},
	{UINT64_MAX, {1ull << 63, 1ull << 62, 7}, 3, {0, 0, 0}, 1},
};

START_TEST(deals_as_huggingface_hub)
{
	struct bl_tensor tensor[6] = {{0}};
	const struct bl_catalog cat = {.tensor = tensor, .tensors = deals[_i].n};
	size_t file_of[6];

	for (size_t k = 0; k < cat.tensors; k++)
		tensor[k].bytes = deals[_i].bytes[k];
	ck_assert_uint_eq(bl_index_deal(&cat, NULL, deals[_i].limit, file_of), deals[_i].files);
	for (size_t k = 0; k < cat.tensors; k++)
		ck_assert_uint_eq(file_of[k], deals[_i].file_of[k]);
}
END_TEST

static const struct {
	const char *like, *single, *shard, *index;
} names[] = {
	{"model.safetensors", "model.safetensors", "model-00002-of-00012.safetensors",
		"model.safetensors.index.json"},
	{"model.safetensors.index.json", "model.safetensors", "model-00002-of-00012.safetensors",
		"model.safetensors.index.json"},
	{"adapter_model.safetensors", "adapter_model.safetensors",
		"adapter_model-00002-of-00012.safetensors",
		"adapter_model.safetensors.index.json"},
	{"model.fp16.safetensors", "model.fp16.safetensors",
		"model.fp16-00002-of-00012.safetensors", "model.safetensors.index.fp16.json"},
	{"model.safetensors.index.fp16.json", "model.fp16.safetensors",
		"model.fp16-00002-of-00012.safetensors", "model.safetensors.index.fp16.json"},
	{"weights.json", "model.safetensors", "model-00002-of-00012.safetensors",
		"model.safetensors.index.json"},
};

START_TEST(names_of_new_files)
{
	char name[NAME_MAX + 1], like[NAME_MAX + 1];
	struct bl_err err = {0};

	ck_assert_int_eq(bl_shard_name(names[_i].like, 0, 1, name, &err), 0);
	ck_assert_str_eq(name, names[_i].single);
	ck_assert_int_eq(bl_shard_name(names[_i].like, 1, 12, name, &err), 0);
	ck_assert_str_eq(name, names[_i].shard);
	ck_assert_int_eq(bl_index_name(names[_i].like, name, &err), 0);
	ck_assert_str_eq(name, names[_i].index);
	memset(like, 'x', NAME_MAX);
	strcpy(like + NAME_MAX - 12, ".safetensors");
	ck_assert_int_eq(bl_shard_name(like, 0, 1, name, &err), 0);
	ck_assert_int_eq(bl_shard_name(like, 0, 2, name, &err), -1);
	ck_assert_int_eq(err.code, BL_LIMIT);
	ck_assert_int_eq(bl_index_name(like, name, &err), -1);
}
END_TEST

/* ---- folders ---- */

static const struct {
	const char *files, *found; /* NULL: none */
	const char *message;       /* NULL: no error */
} finds[] = {
	{"config.json", NULL, NULL},
	{"model.safetensors", "model.safetensors", NULL},
	{"model.fp16.safetensors pytorch_model.bin", "model.fp16.safetensors", NULL},
	{"diffusion_pytorch_model.safetensors", "diffusion_pytorch_model.safetensors", NULL},
	{"optimizer.safetensors adapter_model.safetensors .x.safetensors",
		"adapter_model.safetensors", NULL},
	{"model-00001-of-00002.safetensors model.safetensors.index.json",
		"model.safetensors.index.json", NULL},
	{"model.fp16-00001-of-00002.safetensors model.safetensors.index.fp16.json",
		"model.safetensors.index.fp16.json", NULL},
	{"model-00001-of-00002.safetensors model-00002-of-00002.safetensors", NULL,
		"holds shards, such as model-00001-of-00002.safetensors, but not their index"},
	{"model.safetensors model.fp16.safetensors model-00001-of-00001.safetensors", NULL,
		"holds 2 checkpoints:\n  model.fp16.safetensors\n  model.safetensors"},
	{"model.safetensors model.safetensors.index.json", NULL,
		"holds 2 checkpoints:\n  model.safetensors\n  model.safetensors.index.json"},
	{"a.safetensors b.safetensors c.safetensors d.safetensors e.safetensors f.safetensors "
		"g.safetensors h.safetensors i.safetensors j.safetensors k.safetensors", NULL,
		"holds 11 checkpoints:\n  a.safetensors\n  b.safetensors\n  c.safetensors\n"
		"  d.safetensors\n  e.safetensors\n  f.safetensors\n  g.safetensors\n"
		"  h.safetensors\n  i.safetensors\n  j.safetensors\n  and 1 more"},
};

START_TEST(finds_the_checkpoint)
{
	char *folder = strdup(scratch_path("find")), path[2048], *name = NULL, **made;
	const char *file = finds[_i].files;
	struct bl_err err = {0};
	size_t n;
	int rc;

	mkdir(folder, 0777);
	snprintf(path, sizeof path, "%s/sub.safetensors", folder);
	mkdir(path, 0777); /* not a file */
	while (*file) {
		const int length = (int)strcspn(file, " ");

		snprintf(path, sizeof path, "%s/%.*s", folder, length, file);
		sample_write(path, "", 0);
		file += length + (file[length] == ' ');
	}
	rc = bl_hf_find(folder, &name, &err);
	ck_assert_int_eq(rc, finds[_i].message ? -1 : 0);
	ck_assert_str_eq(err.text, finds[_i].message ? finds[_i].message : "");
	if (finds[_i].found)
		ck_assert_str_eq(name, finds[_i].found);
	else
		ck_assert_ptr_null(name);
	free(name);
	n = sample_list(folder, &made);
	for (size_t k = 0; k < n; k++) {
		snprintf(path, sizeof path, "%s/%s", folder, made[k]);
		unlink(path);
	}
	sample_list_free(made, n);
	free(folder);
}
END_TEST

START_TEST(keeps_what_belongs_to_the_model)
{
	static const char *const keeps[] = {"config.json", "generation_config.json",
		"tokenizer.json", "tokenizer.model", "tokenizer_config.json", "vocab.txt",
		"merges.txt", "special_tokens_map.json", "preprocessor_config.json",
		"adapter_config.json", "modeling_x.py", "chat_template.jinja", "LICENSE"};
	static const char *const leaves[] = {"optimizer.pt", "optimizer.json", "scheduler.pt",
		"rng_state_0.pth", "random_states_0.pkl", "trainer_state.json",
		"training_args.bin", "training_args.json", "scaler.pt", "latest",
		"zero_to_fp32.py", "pytorch_model.bin", "model.safetensors", "x.fp16.safetensors",
		"model.safetensors.index.json", "model.safetensors.index.fp16.json",
		"pytorch_model.bin.index.json", "tf_model.h5", "flax_model.msgpack", "README.md",
		"readme.txt", "all_results.json", ".gitattributes", "x.gguf", "x.onnx", "x.pt"};

	for (size_t i = 0; i < sizeof keeps / sizeof keeps[0]; i++)
		ck_assert_msg(bl_hf_keeps(keeps[i]), "%s", keeps[i]);
	for (size_t i = 0; i < sizeof leaves / sizeof leaves[0]; i++)
		ck_assert_msg(!bl_hf_keeps(leaves[i]), "%s", leaves[i]);
}
END_TEST

/* ---- sources ---- */

#define SHARDED "tests/data/cases/safetensors/valid/sharded_ok"

/* The folder and its index are the same checkpoint; the shards are its parts, in order. */
START_TEST(folder_and_index)
{
	struct bl_source folder, index;
	struct bl_err err = {0};
	char *path = strdup(sample_path(SHARDED)),
	     *named = strdup(sample_path(SHARDED "/model.safetensors.index.json"));

	sample_open(&folder, pool, path);
	sample_open(&index, pool, named);
	ck_assert_uint_eq(folder.parts, 2);
	ck_assert_str_eq(folder.part[1].name, "model-00002-of-00002.safetensors");
	ck_assert_uint_eq(folder.cat.tensors, 3);
	ck_assert_str_eq(folder.cat.tensor[2].name, "c");
	ck_assert_str_eq(folder.folder, path);
	ck_assert_str_eq(index.folder, path);
	ck_assert(bl_source_same(&folder, &index));
	ck_assert_uint_eq(bl_source_size(&folder), 228 + 181 + 111);
	ck_assert_ptr_nonnull(bl_source_file(&folder, 2));
	ck_assert_ptr_null(bl_source_file(&folder, 3));
	ck_assert_int_eq(bl_source_unchanged(&folder, &err), 0);
	sample_compare(&folder, &index);
	bl_source_close(&folder);
	bl_source_close(&index);
	free(path);
	free(named);
}
END_TEST

/* Copies the sharded sample into the scratch folder. */
static char *copied(const char *name)
{
	struct bl_source src;
	struct bl_err err = {0};
	char with_slash[256];

	snprintf(with_slash, sizeof with_slash, "%s/", name);
	sample_open(&src, pool, sample_path(SHARDED));
	ck_assert_int_eq(sample_copy(&src, src.format, scratch_path(with_slash), NULL,
		SAMPLE_PIECES, &err), 0);
	bl_source_close(&src);
	return strdup(scratch_path(name));
}

/* A copy of shards is the same, to the last byte and name. */
START_TEST(same_bytes)
{
	char *folder = copied("same"), **name, path[2048];
	const size_t n = sample_list(folder, &name);

	ck_assert_uint_eq(n, 3);
	for (size_t i = 0; i < n; i++) {
		size_t before, after;
		unsigned char *x = sample_read(sample_path(SHARDED "/%s", name[i]), &before), *y;

		snprintf(path, sizeof path, "%s/%s", folder, name[i]);
		y = sample_read(path, &after);
		ck_assert_msg(before == after && memcmp(x, y, before) == 0, "%s", name[i]);
		free(x);
		free(y);
	}
	sample_list_free(name, n);
	free(folder);
}
END_TEST

/* A shard that changes is seen, and named. */
START_TEST(changed_shard)
{
	char *folder = copied("changing"), path[2048], wanted[4096];
	struct bl_source src;
	struct bl_err err = {0};

	sample_open(&src, pool, folder);
	snprintf(path, sizeof path, "%s/model-00002-of-00002.safetensors", folder);
	usleep(20000); /* a clock tick of the file system */
	ck_assert_int_eq(truncate(path, 100), 0);
	snprintf(wanted, sizeof wanted, "%s: changed while it was read", path);
	ck_assert_int_ne(bl_source_unchanged(&src, &err), 0);
	ck_assert_str_eq(err.text, wanted);
	ck_assert_int_ne(sample_copy(&src, src.format, scratch_path("never/"), NULL, SAMPLE_WHOLE,
		&err), 0);
	ck_assert_str_eq(err.text, wanted);
	ck_assert_int_ne(access(scratch_path("never"), F_OK), 0);
	ck_assert_int_ne(access(scratch_path(".never.belay-tmp"), F_OK), 0);
	bl_source_close(&src);
	free(folder);
}
END_TEST

static size_t find(const struct bl_catalog *cat, const char *name)
{
	for (size_t i = 0; i < cat->tensors; i++)
		if (strcmp(cat->tensor[i].name, name) == 0)
			return i;
	ck_abort_msg("no tensor %s", name);
	return 0;
}

/* Splits a file anew; whatever the size, the tensors are the same, and no shard is too large but
 * for a single tensor. */
static void check_shards(const struct bl_source *src, uint64_t size, size_t least)
{
	struct bl_source back;
	struct bl_err err = {0};
	char name[64];

	snprintf(name, sizeof name, "split%llu-of-%zu/", (unsigned long long)size,
		src->cat.tensors);
	ck_assert_msg(sample_shard(src, src->format, scratch_path(name), "{}", size, &err) == 0,
		"%s", err.text);
	sample_open(&back, pool, scratch_path(name));
	ck_assert_uint_ge(back.parts, least);
	ck_assert_uint_eq(back.cat.tensors, src->cat.tensors);
	ck_assert_str_eq(bl_catalog_meta(&back.cat, "belay"), "{}");
	for (size_t i = 0; i < src->cat.tensors; i++) {
		const struct bl_tensor *t = &src->cat.tensor[i];
		const size_t k = find(&back.cat, t->name);
		unsigned char *x = sample_values(src, i), *y = sample_values(&back, k);

		ck_assert_int_eq(t->dtype, back.cat.tensor[k].dtype);
		ck_assert(t->bytes == 0 || memcmp(x, y, t->bytes) == 0);
		free(x);
		free(y);
	}
	bl_source_close(&back);
}

START_TEST(splits)
{
	static const uint64_t size[] = {1, 7, 8, 16, 40, 64, 100, 1000, UINT64_MAX / 2};
	struct bl_source src;

	sample_open(&src, pool,
		sample_path("tests/data/cases/safetensors/valid/all_22_dtypes.safetensors"));
	for (size_t i = 0; i < sizeof size / sizeof size[0]; i++)
		check_shards(&src, size[i], size[i] < 8 ? 22 : size[i] < 100 ? 2 : 0);
	bl_source_close(&src);
	sample_open(&src, pool, /* one with values that differ */
		sample_path("tests/data/cases/safetensors/valid/header_order_differs.safetensors"));
	check_shards(&src, 8, 2);
	bl_source_close(&src);
	sample_open(&src, pool,
		sample_path("tests/data/cases/safetensors/valid/empty.safetensors"));
	check_shards(&src, 1, 0);
	bl_source_close(&src);
	sample_open(&src, pool, sample_path(SHARDED));
	check_shards(&src, 8, 3);
	bl_source_close(&src);
}
END_TEST

/* Metas of the first win, tensors come behind, memory lives on. */
START_TEST(joins_catalogues)
{
	struct bl_catalog a = {0}, b = {0};
	struct bl_err err = {0};

	for (int round = 0; round < 3; round++) {
		ck_assert_int_eq(bl_catalog_reserve(&b, 1, 2, &err), 0);
		b.tensor[0].name = bl_catalog_text(&b, round ? "second" : "first", 6, &err);
		b.tensors = 1;
		b.meta[0].key = "k";
		b.meta[0].value = bl_catalog_text(&b, round ? "no" : "yes", 3, &err);
		b.meta[1] = (struct bl_meta){.key = round == 2 ? "l" : "k", .value = "x"};
		b.metas = 2;
		b.aliases = 1;
		ck_assert_ptr_nonnull(bl_catalog_alloc(&b, 100000, &err)); /* a second block */
		ck_assert_int_eq(bl_catalog_join(&a, &b, &err), 0);
		ck_assert_uint_eq(b.tensors + b.metas + b.aliases, 0);
		ck_assert_ptr_null(b.memory);
	}
	ck_assert_uint_eq(a.tensors, 3);
	ck_assert_uint_eq(a.aliases, 3);
	ck_assert_uint_eq(a.metas, 2);
	ck_assert_str_eq(bl_catalog_meta(&a, "k"), "yes");
	ck_assert_str_eq(a.tensor[0].name, "first");
	ck_assert_str_eq(a.tensor[2].name, "second");
	ck_assert_uint_gt(bl_catalog_bytes(&a), 300000);
	bl_catalog_free(&a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sharded");
	TCase *tc = tcase_create("shards");
	struct bl_err err;
	int failed;

	if (bl_files_new(&pool, 0, &err) != 0)
		return 1;
	tcase_add_test(tc, index_names_and_files);
	tcase_add_test(tc, index_cut);
	tcase_add_loop_test(tc, deals_as_huggingface_hub, 0, sizeof deals / sizeof deals[0]);
	tcase_add_loop_test(tc, names_of_new_files, 0, sizeof names / sizeof names[0]);
	tcase_add_loop_test(tc, finds_the_checkpoint, 0, sizeof finds / sizeof finds[0]);
	tcase_add_test(tc, keeps_what_belongs_to_the_model);
	tcase_add_test(tc, folder_and_index);
	tcase_add_test(tc, same_bytes);
	tcase_add_test(tc, changed_shard);
	tcase_add_test(tc, splits);
	tcase_add_test(tc, joins_catalogues);
	suite_add_tcase(s, tc);
	failed = suite_run(s);
	scratch_remove();
	bl_files_free(pool);
	return failed;
}
