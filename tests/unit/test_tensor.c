/* test_tensor.c - types, shapes and catalogues: what is measured. */
#include "io.h"

#include "suite.h"

#include <stdio.h>
#include <string.h>

#define BIG(n) (UINT64_C(1) << (n))

START_TEST(dtypes)
{
	static const char *const unknown[] = {"", "F3", "F", "F322", "f32", "C128", "OTHER", "F8"};
	enum bl_dtype d = BL_OTHER;

	for (int i = 0; i < BL_C128; i++) {
		const struct bl_dtype_info *info = bl_dtype((enum bl_dtype)i);

		ck_assert(bl_dtype_find(info->name, strlen(info->name), &d));
		ck_assert_int_eq((int)d, i);
		if (bl_dtype_averages(d))
			ck_assert_uint_eq(
				info->bits, 8 * info->lanes * bl_scalar_size(info->scalar));
	}
	for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
		ck_assert(!bl_dtype_find(unknown[i], strlen(unknown[i]), &d));
	ck_assert(bl_dtype_find("F32xx", 3, &d));
	ck_assert_int_eq(d, BL_F32);
	ck_assert_uint_eq(bl_dtype(BL_F6_E3M2)->bits, 6);
	ck_assert_uint_eq(bl_dtype(BL_C128)->lanes, 2);
	ck_assert(bl_dtype_averages(BL_BF16) && bl_dtype_averages(BL_C64));
	ck_assert(!bl_dtype_averages(BL_F8_E4M3) && !bl_dtype_averages(BL_I64));
}
END_TEST

struct shape {
	enum bl_dtype dtype;
	unsigned rank;
	uint64_t dim[4], chunk[4]; /* chunk[0] 0: none */
};

static struct bl_tensor tensor_of(const struct shape *s)
{
	return (struct bl_tensor){.name = "t", .dtype = s->dtype, .rank = s->rank, .dim = s->dim,
		.chunk = s->chunk[0] ? s->chunk : NULL, .bytes = 77};
}

START_TEST(measures)
{
	static const struct {
		struct shape shape;
		uint64_t count, bytes, chunk_count, chunks, row;
	} cases[] = {
		{{BL_F32, 0, {0}, {0}}, 1, 4, 0, 0, 1},
		{{BL_F32, 1, {0}, {0}}, 0, 0, 0, 0, 1},
		{{BL_F32, 2, {0, BIG(63)}, {0}}, 0, 0, 0, 0, 1},
		{{BL_C128, 3, {3, 4, 5}, {0}}, 60, 960, 0, 0, 1},
		{{BL_F4, 2, {4, 5}, {0}}, 20, 10, 0, 0, 1},
		{{BL_F6_E2M3, 1, {4}, {0}}, 4, 3, 0, 0, 1},
		{{BL_F64, 1, {BIG(57)}, {0}}, BIG(57), BIG(60), 0, 0, 1},
		{{BL_OTHER, 1, {BIG(63)}, {0}}, BIG(63), 77, 0, 0, 1},
		{{BL_F32, 2, {3, 3}, {2, 2}}, 9, 36, 4, 4, 6},
		{{BL_F32, 2, {4, 6}, {2, 3}}, 24, 96, 6, 4, 12},
		{{BL_F32, 2, {4, 6}, {1, 6}}, 24, 96, 6, 4, 6},
		{{BL_F32, 2, {4, 6}, {9, 1}}, 24, 96, 9, 6, 24},
		{{BL_F32, 3, {5, 0, 7}, {2, 2, 2}}, 0, 0, 8, 0, 1},
		{{BL_F16, 1, {BIG(59)}, {1}}, BIG(59), BIG(60), 1, BIG(59), 1},
		{{BL_U8, 2, {1, 1}, {BIG(30), BIG(30)}}, 1, 1, BIG(60), 1, 1},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct bl_tensor t = tensor_of(&cases[i].shape);
		struct bl_err err = {0};

		ck_assert_int_eq(bl_tensor_measure(&t, &err), 0);
		ck_assert_uint_eq(t.count, cases[i].count);
		ck_assert_uint_eq(t.bytes, cases[i].bytes);
		ck_assert_uint_eq(t.chunk_count, cases[i].chunk_count);
		ck_assert_uint_eq(t.chunks, cases[i].chunks);
		ck_assert_uint_eq(bl_row_of_chunks(&t), cases[i].row);
	}
}
END_TEST

START_TEST(refuses_shapes)
{
	static const struct {
		struct shape shape;
		const char *why;
	} cases[] = {
		{{BL_F32, 2, {BIG(32), BIG(32)}, {0}}, "elements"},
		{{BL_U8, 2, {BIG(63), 2}, {0}}, "elements"},
		{{BL_U8, 3, {BIG(63), 4, 0}, {0}}, "elements"}, /* the 0 does not save it */
		{{BL_U8, 1, {BIG(61)}, {0}}, "bits"},
		{{BL_F64, 1, {BIG(58)}, {0}}, "bits"},
		{{BL_C128, 2, {BIG(30), BIG(30)}, {0}}, "bits"},
		{{BL_F4, 1, {3}, {0}}, "12 bits are no whole number of bytes"},
		{{BL_F6_E3M2, 2, {3, 1}, {0}}, "18 bits are no whole number of bytes"},
		{{BL_F32, 2, {4, 4}, {2, 0}}, "chunk shape"},
		{{BL_F32, 2, {4, 4}, {BIG(32), BIG(32)}}, "chunk shape"},
		{{BL_F32, 2, {4, 4}, {BIG(31), BIG(31)}}, "chunk shape"}, /* of its bytes */
		{{BL_F64, 1, {4}, {BIG(58)}}, "chunk shape"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct bl_tensor t = tensor_of(&cases[i].shape);
		struct bl_err err = {0};

		ck_assert_int_eq(bl_tensor_measure(&t, &err), -1);
		ck_assert_int_eq(err.code, BL_INPUT);
		ck_assert_msg(strstr(err.text, cases[i].why), "%zu: %s", i, err.text);
	}
}
END_TEST

/* Shapes whose row of chunks no number holds, or that is more than there is. */
START_TEST(rows_are_bounded)
{
	const uint64_t dim[] = {2, BIG(40)}, chunk[] = {BIG(30), 1};
	struct bl_tensor t = {.dtype = BL_U8, .rank = 2, .dim = dim, .chunk = chunk};
	struct bl_err err;

	ck_assert_int_eq(bl_tensor_measure(&t, &err), 0);
	ck_assert_uint_eq(bl_row_of_chunks(&t), BIG(41));
}
END_TEST

START_TEST(shape_texts)
{
	static const uint64_t dim[] = {3, 3, 64, UINT64_MAX};
	struct bl_tensor t = {.rank = 4, .dim = dim};
	char buf[64];

	ck_assert_str_eq(bl_shape_text(&t, buf, sizeof buf), "3x3x64x18446744073709551615");
	ck_assert_str_eq(bl_shape_text(&t, buf, 6), "3x3x6");
	t.rank = 1;
	ck_assert_str_eq(bl_shape_text(&t, buf, sizeof buf), "3");
	t.rank = 0;
	ck_assert_str_eq(bl_shape_text(&t, buf, sizeof buf), "scalar");
}
END_TEST

START_TEST(catalogue_memory)
{
	struct bl_catalog cat = {0};
	struct bl_err err = {0};
	char *kept[500];
	size_t bytes = 0;

	for (size_t i = 0; i < 500; i++) {
		unsigned char *p = bl_catalog_alloc(&cat, i * 7, &err);

		ck_assert_ptr_nonnull(p);
		ck_assert_uint_eq((uintptr_t)p % 8, 0);
		for (size_t k = 0; k < i * 7; k++)
			ck_assert_uint_eq(p[k], 0);
		memset(p, 0xff, i * 7);
		kept[i] = bl_catalog_text(&cat, "0123456789\0abc", i % 14, &err);
		ck_assert_ptr_nonnull(kept[i]);
		bytes += i * 7 + i % 14 + 1;
		ck_assert_uint_ge(bl_catalog_bytes(&cat), bytes);
	}
	for (size_t i = 0; i < 500; i++) {
		ck_assert_mem_eq(kept[i], "0123456789\0abc", i % 14);
		ck_assert_int_eq(kept[i][i % 14], '\0');
	}
	ck_assert_ptr_nonnull(bl_catalog_alloc(&cat, (size_t)1 << 20, &err));
	ck_assert_ptr_null(bl_catalog_alloc(&cat, SIZE_MAX - 3, &err));
	ck_assert_int_eq(err.code, BL_LIMIT);
	ck_assert_int_eq(bl_catalog_reserve(&cat, SIZE_MAX / 2, 0, &err), -1);
	ck_assert_int_eq(bl_catalog_reserve(&cat, 0, SIZE_MAX, &err), -1);
	ck_assert_int_eq(err.code, BL_LIMIT);
	bl_catalog_free(&cat);
	ck_assert_ptr_null(cat.memory);
	ck_assert_uint_eq(bl_catalog_bytes(&cat), 0);
	bl_catalog_free(&cat);
}
END_TEST

/* A catalogue whose tensors are another's, until it needs its own. */
START_TEST(lent_tensors)
{
	struct bl_catalog owner = {0}, cat = {0}, more = {0};
	struct bl_err err = {0};

	ck_assert_int_eq(bl_catalog_reserve(&owner, 2, 1, &err), 0);
	owner.tensors = 2;
	owner.tensor[0].name = "a";
	owner.tensor[1].name = "b";
	owner.meta[owner.metas++] = (struct bl_meta){.key = "k", .value = "v"};
	owner.aliases = 3;
	ck_assert_int_eq(bl_catalog_extra(&owner,
		&(struct bl_extra){"link", "links", 2, "x", false}, &err), 0);
	ck_assert_int_eq(bl_catalog_lend_all(&owner, &cat, &err), 0);
	ck_assert(bl_catalog_shares(&owner, &cat));
	ck_assert_str_eq(bl_catalog_meta(&cat, "k"), "v");
	ck_assert(cat.aliases == 3 && cat.extras == 1 && cat.extra != owner.extra);
	ck_assert_uint_gt(bl_catalog_bytes(&owner), 2 * sizeof(struct bl_tensor));
	bl_catalog_lend(&owner, &more);
	ck_assert_uint_eq(bl_catalog_bytes(&more), 0);
	ck_assert_int_eq(bl_catalog_own(&more, &err), 0);
	ck_assert(!bl_catalog_shares(&owner, &more));
	ck_assert_uint_eq(bl_catalog_bytes(&more), 2 * sizeof(struct bl_tensor));
	more.tensor[1].name = "c";
	ck_assert_int_eq(bl_catalog_own(&more, &err), 0);
	ck_assert_str_eq(more.tensor[1].name, "c");
	ck_assert_str_eq(owner.tensor[1].name, "b");
	ck_assert_int_eq(bl_catalog_join(&cat, &more, &err), 0); /* not where the owner's are */
	ck_assert_uint_eq(cat.tensors, 4);
	ck_assert_str_eq(cat.tensor[3].name, "c");
	ck_assert_uint_eq(owner.tensors, 2);
	bl_catalog_free(&cat);
	ck_assert_str_eq(owner.tensor[0].name, "a");
	bl_catalog_lend(&owner, &cat);
	bl_catalog_free(&cat);
	ck_assert_ptr_null(cat.tensor);
	bl_catalog_free(&owner);
}
END_TEST

START_TEST(metadata)
{
	struct bl_catalog cat = {0};
	struct bl_err err;

	ck_assert_ptr_null(bl_catalog_meta(&cat, "step"));
	for (size_t i = 0; i < 3; i++) {
		ck_assert_int_eq(bl_catalog_reserve(&cat, 0, 1, &err), 0);
		ck_assert_ptr_null(cat.meta[i].key);
		cat.meta[i].key = (const char *[]){"format", "step", "steps"}[i];
		cat.meta[i].value = (const char *[]){"pt", "300", "x"}[i];
		cat.metas++;
	}
	ck_assert_str_eq(bl_catalog_meta(&cat, "step"), "300");
	ck_assert_str_eq(bl_catalog_meta(&cat, "format"), "pt");
	ck_assert_ptr_null(bl_catalog_meta(&cat, "ste"));
	bl_catalog_free(&cat);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("tensor");
	TCase *t = tcase_create("tensor");

	tcase_add_test(t, dtypes);
	tcase_add_test(t, measures);
	tcase_add_test(t, refuses_shapes);
	tcase_add_test(t, rows_are_bounded);
	tcase_add_test(t, shape_texts);
	tcase_add_test(t, catalogue_memory);
	tcase_add_test(t, lent_tensors);
	tcase_add_test(t, metadata);
	suite_add_tcase(s, t);
	return suite_run(s);
}
