/* test_against.c - checkpoints against a list of digests: which is held against which, what is
 * said, what is refused. */
#include "against.h"
#include "folder.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

static struct bl_settings settings = {.program = BL_SHOW};
static struct bl_err err;

/* A safetensors file; text: a letter and a digit for each tensor, its name and its one value. */
static void put(const char *path, const char *text)
{
	char head[1024] = "{", file[1200];
	size_t n = strlen(text) / 2, at = 1, size;

	for (size_t i = 0; i < n; i++)
		at += snprintf(head + at, sizeof head - at,
			"%s\"%c\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[%zu,%zu]}",
			i ? "," : "", text[2 * i], i, i + 1);
	at += snprintf(head + at, sizeof head - at, "}");
	for (size = 0; size < 8; size++)
		file[size] = (char)(at >> 8 * size);
	memcpy(file + 8, head, at);
	for (size_t i = 0; i < n; i++)
		file[8 + at + i] = text[2 * i + 1];
	folder_put(path, file, 8 + at + n);
}

#define PATHS 4

/* Lists checkpoints, NULL behind the last. */
static void make_list(const char *const *path)
{
	struct bl_inputs in = {.look = true};
	struct bl_golden golden[PATHS] = {{0}};
	struct bl_progress progress = {0};
	FILE *to = fopen("list", "w");
	size_t n = 0;

	while (path[n])
		n++;
	ck_assert_int_eq(bl_inputs_open(&in, path, n, &settings, &err), 0);
	ck_assert_int_eq(bl_digests_of_inputs(&in, &settings, &progress, golden, &err), 0);
	bl_golden_text(to, golden, n);
	fclose(to);
	for (size_t t = 0; t < n; t++)
		bl_golden_free(&golden[t]);
	bl_inputs_free(&in);
}

/* Holds checkpoints against it. */
static void says(const char *const *path, size_t top, size_t differ, const char *want)
{
	struct bl_against a = {.pairs = 0};
	char *text = NULL;
	size_t size = 0, n = 0;
	struct bl_progress progress = {0};
	FILE *to = open_memstream(&text, &size);

	while (path[n])
		n++;
	if (bl_against_open(&a, "list", path, n, &settings, NULL, &err) != 0 ||
		bl_against_make(&a, &settings, &progress, &err) != 0)
		ck_abort_msg("%s", err.text);
	bl_against_text(to, &a, top);
	fclose(to);
	ck_assert_str_eq(text, want);
	ck_assert_uint_eq(a.differ, differ);
	bl_against_free(&a);
	free(text);
}

#define LIST(...) make_list((const char *const[]){__VA_ARGS__, NULL})
#define SAYS(top, differ, want, ...) \
	says((const char *const[]){__VA_ARGS__, NULL}, top, differ, want)

START_TEST(one)
{
	put("c_100.safetensors", "a1b2c3");
	put("d_200.safetensors", "c3a1b2"); /* the same in another order */
	put("e_300.safetensors", "a1b9d4e5");
	LIST("c_100.safetensors");
	SAYS(9, 0, "c_100.safetensors: as in the list, 3 tensors\nNo difference from the list.\n",
		"c_100.safetensors");
	/* One is held against one, whatever its time. */
	SAYS(9, 0, "d_200.safetensors: as in the list, 3 tensors\nNo difference from the list.\n",
		"d_200.safetensors");
	SAYS(9, 1, "e_300.safetensors: 1 of 3 tensors in the list differs, 1 missing, 2 new\n"
		"  differs  b\n  missing  c\n  new      d\n  new      e\n"
		"1 of 1 checkpoint differs from the list.\n", "e_300.safetensors");
	SAYS(2, 1, "e_300.safetensors: 1 of 3 tensors in the list differs, 1 missing, 2 new\n"
		"  differs  b\n  missing  c\n  and 2 more\n"
		"1 of 1 checkpoint differs from the list.\n", "e_300.safetensors");
}
END_TEST

START_TEST(by_time)
{
	static const char twice[] = "belay-digest-1\n"
		"checkpoint 5 x\n99aa06d3014798d86001c324468d497f  /\n"
		"checkpoint 5 y\n99aa06d3014798d86001c324468d497f  /\n";

	put("c_100.safetensors", "a1");
	put("c_200.safetensors", "a2");
	put("c_300.safetensors", "a3");
	put("d_200.safetensors", "a2");
	LIST("c_200.safetensors", "c_100.safetensors");
	SAYS(9, 0, "c_100.safetensors: as in the list, 1 tensor\n"
		"c_200.safetensors: as in the list, 1 tensor\nNo difference from the list.\n",
		"c_100.safetensors", "c_200.safetensors");
	SAYS(9, 2, "c_100.safetensors (time 100): is in the list, and not among the checkpoints\n"
		"c_200.safetensors: as in the list, 1 tensor\n"
		"c_300.safetensors: is not in the list\n"
		"2 of 3 checkpoints differ from the list.\n",
		"c_300.safetensors", "c_200.safetensors");
	SAYS(9, 1, "c_100.safetensors: as in the list, 1 tensor\n"
		"c_200.safetensors: as in the list, 1 tensor\n"
		"c_200.safetensors: is not in the list\n"
		"1 of 3 checkpoints differs from the list.\n",
		"c_100.safetensors", "c_200.safetensors", "c_200.safetensors");
	LIST("c_200.safetensors");
	SAYS(9, 1, "c_200.safetensors: as in the list, 1 tensor\n"
		"c_300.safetensors: is not in the list\n"
		"1 of 2 checkpoints differs from the list.\n",
		"c_200.safetensors", "c_300.safetensors");
	/* A list put together of two: a checkpoint is held against one part only. */
	folder_put("list", twice, sizeof twice - 1);
	put("c_5.safetensors", "");
	put("c_6.safetensors", "");
	SAYS(9, 2, "c_5.safetensors: as in the list, 0 tensors\n"
		"y (time 5): is in the list, and not among the checkpoints\n"
		"c_6.safetensors: is not in the list\n"
		"2 of 3 checkpoints differ from the list.\n",
		"c_5.safetensors", "c_6.safetensors");
}
END_TEST

START_TEST(by_order)
{
	put("c_1.safetensors", "a1");
	put("d_1.safetensors", "a2"); /* the names tell no times */
	LIST("d_1.safetensors", "c_1.safetensors");
	SAYS(9, 0, "d_1.safetensors: as in the list, 1 tensor\n"
		"c_1.safetensors: as in the list, 1 tensor\nNo difference from the list.\n",
		"d_1.safetensors", "c_1.safetensors");
	SAYS(9, 2, "c_1.safetensors: 1 of 1 tensor in the list differs, 0 missing, 0 new\n"
		"  differs  a\n"
		"d_1.safetensors: 1 of 1 tensor in the list differs, 0 missing, 0 new\n"
		"  differs  a\n"
		"2 of 2 checkpoints differ from the list.\n",
		"c_1.safetensors", "d_1.safetensors");
	SAYS(9, 1, "d_1.safetensors: as in the list, 1 tensor\n"
		"c_1.safetensors: is in the list, and not among the checkpoints\n"
		"1 of 2 checkpoints differs from the list.\n", "d_1.safetensors");
}
END_TEST

static void refuses(const char *list, const char *path, const char *why)
{
	struct bl_against a = {.pairs = 0};

	ck_assert_int_eq(
		bl_against_open(&a, list, &path, 1, &settings, NULL, &err), -1);
	ck_assert_str_eq(err.text, why);
	ck_assert_int_eq(err.code, BL_INPUT);
	bl_against_free(&a);
}

START_TEST(refused)
{
	static const char odd[] = "belay-digest-1\ncheckpoint 5 \033[2J\n"
		"99aa06d3014798d86001c324468d497f  /\n"
		"checkpoint 6 x\n99aa06d3014798d86001c324468d497f  /\n";

	put("c_1.safetensors", "a1");
	LIST("c_1.safetensors");
	refuses("gone", "c_1.safetensors", "gone: cannot be opened: No such file or directory");
	refuses(".", "c_1.safetensors", ".: cannot be read: Is a directory");
	refuses("c_1.safetensors", "c_1.safetensors",
		"c_1.safetensors: line 1: \"belay-digest-1\" was expected");
	refuses("list", "list", "list: is no checkpoint that belay "
		"knows (safetensors, HDF5, Keras)");
	refuses("list", "gone.h5", "gone.h5: cannot be opened: No such file or directory");
	/* What was read may be anything, and goes to a terminal. */
	folder_put("list", odd, sizeof odd - 1);
	SAYS(9, 3, "\\x1b[2J (time 5): is in the list, and not among the checkpoints\n"
		"x (time 6): is in the list, and not among the checkpoints\n"
		"c_1.safetensors: is not in the list\n"
		"3 of 3 checkpoints differ from the list.\n", "c_1.safetensors");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("against");
	TCase *tc = tcase_create("against");

	tcase_add_checked_fixture(tc, folder_enter, folder_leave);
	tcase_add_test(tc, one);
	tcase_add_test(tc, by_time);
	tcase_add_test(tc, by_order);
	tcase_add_test(tc, refused);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
