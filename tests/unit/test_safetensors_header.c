/* test_safetensors_header.c - headers in memory: their bounds, their order, what is kept. */
#include "safetensors.h"

#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MANY 1000

static struct bl_safetensors_header header;
static struct bl_catalog meta;
static struct bl_err err;

static void forget(void)
{
	bl_catalog_free(&meta);
	bl_catalog_free(&header.cat);
	free(header.begin);
	memset(&header, 0, sizeof header);
}

static int read_header(const char *text, uint64_t values)
{
	struct bl_json json;
	struct bl_safetensors_scan scan = {.json = &json, .meta = &meta, .header = &header};

	memset(&err, 0, sizeof err);
	bl_json_init(&json, text, strlen(text));
	if (bl_safetensors_begin(&scan, &err) != 0 || bl_safetensors_tensors(&scan, &err) != 0)
		return -1;
	return bl_safetensors_check(&header, &meta, values, &err);
}

START_TEST(extents)
{
	for (unsigned rank = BL_SAFETENSORS_RANK; rank <= BL_SAFETENSORS_RANK + 1; rank++) {
		char text[1024];
		size_t at = 0;

		at += (size_t)sprintf(text, "{\"w\":{\"dtype\":\"U8\",\"data_offsets\":[0,2],");
		at += (size_t)sprintf(text + at, "\"shape\":[2");
		for (unsigned i = 1; i < rank; i++)
			at += (size_t)sprintf(text + at, ",1");
		sprintf(text + at, "]}}");
		if (rank <= BL_SAFETENSORS_RANK) {
			ck_assert_int_eq(read_header(text, 2), 0);
			ck_assert_uint_eq(header.cat.tensor[0].rank, rank);
			ck_assert_uint_eq(header.cat.tensor[0].dim[0], 2);
			ck_assert_uint_eq(header.cat.tensor[0].dim[rank - 1], 1);
		} else {
			ck_assert_int_eq(read_header(text, 2), -1);
			ck_assert_int_eq(err.code, BL_INPUT);
			ck_assert_str_eq(err.text, "w: its shape has more than 64 extents; "
				"belay reads no more");
		}
		forget();
	}
}
END_TEST

/* The order of the data, from one that holds rounds of many lengths and tensors that stay. */
START_TEST(order_of_the_data)
{
	char *text = malloc(MANY * 100), *to = text;
	uint64_t end = 0;

	for (size_t i = 0; i < MANY; i++) {
		/* k meets each number once: 37 and 1000 have no common divisor */
		const size_t k = (37 * i + 5) % MANY;

		to += sprintf(to, "%s\"t%zu\":{\"dtype\":\"U8\",\"shape\":[3],", i ? "," : "{", k);
		to += sprintf(to, "\"data_offsets\":[%zu,%zu]}", 3 * k, 3 * k + 3);
	}
	sprintf(to, "}");
	ck_assert_msg(read_header(text, 3 * MANY) == 0, "%s", err.text);
	ck_assert_uint_eq(header.cat.tensors, MANY);
	for (size_t i = 0; i < MANY; i++, end += 3) {
		char name[16];

		sprintf(name, "t%zu", i);
		ck_assert_str_eq(header.cat.tensor[i].name, name);
		ck_assert_uint_eq(header.begin[i], end);
	}
	free(text);
	forget();
}
END_TEST

/* A value may hold any character, also in a header that is made anew. */
START_TEST(values_with_nul)
{
	static const char text[] =
		"{\"__metadata__\":{\"a\":\"x\\u0000y\\u0000\",\"b\":\"z\"}}   ";
	struct bl_safetensors_head head;
	uint64_t values;

	ck_assert_int_eq(read_header(text, 0), 0);
	ck_assert_uint_eq(meta.meta[0].more, 3);
	ck_assert_uint_eq(meta.meta[1].more, 0);
	ck_assert_int_eq(bl_safetensors_build(&header.cat, NULL, 0, meta.meta, meta.metas, NULL,
		&values, &head, &err), 0);
	ck_assert_uint_eq(head.size, BL_SAFETENSORS_WORD + 48);
	ck_assert_mem_eq(head.bytes + BL_SAFETENSORS_WORD, text, 48);
	free(head.bytes);
	forget();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("safetensors_header");
	TCase *tc = tcase_create("headers");

	tcase_add_test(tc, extents);
	tcase_add_test(tc, order_of_the_data);
	tcase_add_test(tc, values_with_nul);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
