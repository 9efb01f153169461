/* test_lookup.c - tables of names, and the hash behind them. */
#include "lookup.h"

#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MANY 20000

/*
 * The hashes of the bytes 0, 1, 2, ... n - 1 as CPython 3.11 has them, hash(bytes(range(n))), where
 * sys.hash_info.algorithm is siphash13. Its key is 0 with PYTHONHASHSEED=0; with 1 it is what
 * x = x * 214013 + 2531011 makes of 1, bits 16 to 23 of each x being a byte.
 */
START_TEST(hashes_as_cpython)
{
	static const struct {
		size_t n;
		uint64_t seed_0, seed_1;
	} known[] = {
		{1, 0x68a914128e01e473, 0xecd3e5afcecda4b9},
		{2, 0x010bac45c41e3669, 0xbf360f1ea1745965},
		{6, 0xe3c25f87624f1cdb, 0xa77f099d6ffed90e},
		{7, 0x2f098ab0c751325a, 0xfd15e78052a69ddf},
		{8, 0xead411e67ebe2eea, 0xc0b5739e7e28dd01},
		{9, 0x75927f9d95124362, 0x208a1a5a0cbbf778},
		{15, 0xf30eb725bb91c9ea, 0xfa87985f39e97a53},
		{16, 0x8972188433a5c5b7, 0x12e9d283f9f37002},
		{17, 0x4883c49a2c009c1d, 0x9f5bb4237f61907f},
	};
	uint64_t key[2] = {0, 0};
	uint32_t x = 1;
	char text[17];

	for (size_t i = 0; i < sizeof text; i++)
		text[i] = (char)i;
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		ck_assert_uint_eq(bl_hash(key, text, known[i].n), known[i].seed_0);
	for (size_t i = 0; i < 16; i++) {
		x = x * 214013 + 2531011;
		key[i / 8] |= (uint64_t)(x >> 16 & 0xff) << 8 * (i % 8);
	}
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		ck_assert_uint_eq(bl_hash(key, text, known[i].n), known[i].seed_1);
}
END_TEST

START_TEST(finds_what_was_added)
{
	char (*name)[16] = calloc(MANY, sizeof *name);
	struct bl_lookup names = {0};
	struct bl_err err = {0};

	ck_assert_uint_eq(bl_lookup_find(&names, "n0"), BL_NOWHERE);
	for (size_t i = 0; i < MANY; i++) {
		size_t number = 3 * i;

		sprintf(name[i], "n%zu", i);
		ck_assert_uint_eq(bl_lookup_find(&names, name[i]), BL_NOWHERE);
		ck_assert_int_eq(bl_lookup_add(&names, name[i], &number, &err), 0);
		ck_assert_uint_eq(number, 3 * i);
		number = 1;
		ck_assert_int_eq(bl_lookup_add(&names, name[i / 2], &number, &err), 0);
		ck_assert_uint_eq(number, i / 2 * 3);
	}
	ck_assert_uint_eq(names.count, MANY);
	for (size_t i = 0; i < MANY; i++)
		ck_assert_uint_eq(bl_lookup_find(&names, name[i]), 3 * i);
	ck_assert_uint_eq(bl_lookup_find(&names, ""), BL_NOWHERE);
	bl_lookup_free(&names);
	ck_assert_uint_eq(bl_lookup_find(&names, "n0"), BL_NOWHERE);
	free(name);
}
END_TEST

/* Who knows the places of one table knows nothing of the next one. */
START_TEST(keys_differ)
{
	struct bl_lookup a = {0}, b = {0};
	struct bl_err err = {0};

	ck_assert_int_eq(bl_lookup_reserve(&a, 1, &err), 0);
	ck_assert_int_eq(bl_lookup_reserve(&b, 1, &err), 0);
	ck_assert(a.key[0] != b.key[0] && a.key[1] != b.key[1]);
	ck_assert_uint_ne(bl_hash(a.key, "name", 4), bl_hash(b.key, "name", 4));
	bl_lookup_free(&a);
	bl_lookup_free(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("lookup");
	TCase *tc = tcase_create("tables");

	tcase_add_test(tc, hashes_as_cpython);
	tcase_add_test(tc, finds_what_was_added);
	tcase_add_test(tc, keys_differ);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
