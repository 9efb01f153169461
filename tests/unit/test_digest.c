/* test_digest.c - digests against those that the page of Python in belay-show(1) computes of the
 * same values; pieces; names. */
#include "digest.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

static struct bl_err err;

static const struct vector {
	enum bl_dtype dtype;
	unsigned rank;
	uint64_t dim[3];
	size_t bytes;
	const char *hex;
} vector[] = {
	{BL_BF16, 1, {2}, 4, "af5aa4fa6ec790d04e023f2a500b4d82"},
	{BL_BOOL, 1, {1}, 1, "343eaf88cdceae3ffe94d9fbac2708ce"},
	{BL_BOOL, 1, {3}, 3, "9ef4eae57183c09bb078f0246e0a34c9"},
	{BL_C128, 3, {2, 1, 3}, 96, "b61ba47879349ea6e678d3eb5ce11937"},
	{BL_C64, 1, {1}, 8, "048a42dbd1c913aebfb429fe03234edd"},
	{BL_F16, 1, {2}, 4, "4f112b64f06be290dce1855a38c549d7"},
	{BL_F32, 0, {0}, 4, "c62fad26288cc6d9e095c2d7711ebf77"},
	{BL_F32, 1, {1}, 4, "c0c356c271a7fe0aac977142b984d312"},
	{BL_F4, 2, {2, 4}, 4, "d3008d70d96f5fc7c0d99f72b6330102"},
	{BL_F64, 1, {1}, 8, "a8562b8be4030989cc4c20d7c49d478f"},
	{BL_F6_E2M3, 1, {4}, 3, "9ab38c2ea5a4fdf34ec7cb448781f5ad"},
	{BL_F6_E3M2, 1, {4}, 3, "851d9ef4a1b41deb0c895ca86e309f77"},
	{BL_F8_E4M3, 1, {1}, 1, "756f75045fbd6e9bc807413e28a81fe7"},
	{BL_F8_E4M3FNUZ, 1, {1}, 1, "13d80b097a80b95edb5e209c3312355b"},
	{BL_F8_E5M2, 1, {1}, 1, "ef6799e1e7d8a34ea886ae1ade3717b8"},
	{BL_F8_E5M2FNUZ, 1, {1}, 1, "f7aa1d0e93af3df87c4bb018b7438178"},
	{BL_F8_E8M0, 1, {1}, 1, "0984f470a9fafeddc9b056c4360f54ae"},
	{BL_I16, 1, {1}, 2, "3e05881da1be1dc5d32a59ec1a2a181f"},
	{BL_I32, 1, {1}, 4, "969640bc4fdc5da62e53633d26b90392"},
	{BL_I64, 1, {1}, 8, "bacd53777408a5937a701cfdd7feaccc"},
	{BL_I64, 2, {0, 3}, 0, "c8b2ec6aea5cb7ab9382840a7a732398"},
	{BL_I64, 2, {3, 0}, 0, "4e11d6b4adbb2aa39fcd1ad9164c698d"},
	{BL_I8, 1, {1}, 1, "78c1b6687113fd51dc7de9bab853e660"},
	{BL_U16, 1, {1}, 2, "8fd3b7e8ff450124cde6442af649c992"},
	{BL_U32, 1, {1}, 4, "d0cdeedc079043e8dda0c325bb363820"},
	{BL_U64, 1, {1}, 8, "0064ac78702c6634bd945dd79b4f4760"},
	{BL_U8, 1, {131072}, 131072, "a8e45ed069d7357849aa0fe9b73da68e"},
	{BL_U8, 1, {1}, 1, "9def12acf003cd22922178ed7fcc1ada"},
	{BL_U8, 1, {200000}, 200000, "aa4a06a9501afb13aaaa578acf978836"},
	{BL_U8, 1, {65535}, 65535, "a7ebde49eb06dc305b16cb8bc9dceb29"},
	{BL_U8, 1, {65536}, 65536, "665ef1db26a8b691d1fa315ada75ce12"},
	{BL_U8, 1, {65537}, 65537, "c61e146bacecb2a9c8700efa4e19103a"},
};

#define VECTORS (sizeof vector / sizeof vector[0])

/* The values of a vector: byte n is n n + n / 251. */
static unsigned char *values(size_t n)
{
	unsigned char *byte = malloc(n + 1);

	ck_assert_ptr_nonnull(byte);
	for (size_t i = 0; i < n; i++)
		byte[i] = (unsigned char)(i * i + i / 251);
	return byte;
}

/* Digests a vector in pieces of so many bytes; aside: whole leaves are hashed by themselves. */
static void check(const struct vector *v, struct bl_digester *d, size_t piece, bool aside)
{
	const struct bl_tensor t = {
		.dtype = v->dtype, .rank = v->rank, .dim = v->dim, .bytes = v->bytes};
	unsigned char *byte = values(v->bytes);
	struct bl_digest digest, leaf[8];
	char hex[BL_DIGEST_HEX];

	bl_digester_begin(d, &t);
	for (size_t at = 0, n; at < v->bytes; at += n) {
		n = v->bytes - at < piece ? v->bytes - at : piece;
		if (aside)
			bl_digest_leaves(v->bytes, at, byte + at, n, leaf);
		bl_digester_add(d, byte + at, n, aside ? leaf : NULL);
	}
	bl_digester_end(d, &digest);
	ck_assert_str_eq(bl_digest_hex(&digest, hex), v->hex);
	free(byte);
}

START_TEST(vectors)
{
	struct bl_digester d = {0};

	ck_assert_int_eq(bl_digester_make(&d, &err), 0);
	for (size_t i = 0; i < VECTORS; i++)
		check(&vector[i], &d, 1 << 20, false);
	bl_digester_free(&d);
}
END_TEST

START_TEST(pieces)
{
	static const size_t piece[] = {4096, 65535, 65536, 65537, 98304, 131072, 199999};
	struct bl_digester d = {0};

	ck_assert_int_eq(bl_digester_make(&d, &err), 0);
	for (size_t i = 0; i < VECTORS; i++)
		for (size_t k = 0; k < sizeof piece / sizeof piece[0]; k++) {
			check(&vector[i], &d, piece[k], false);
			check(&vector[i], &d, piece[k], true);
		}
	bl_digester_free(&d);
}
END_TEST

START_TEST(codes)
{
	ck_assert_uint_eq(bl_digest_code(BL_OTHER), 0);
	for (int a = 0; a < BL_OTHER; a++) {
		ck_assert_uint_ge(bl_digest_code((enum bl_dtype)a), 1);
		for (int b = 0; b < a; b++)
			ck_assert_uint_ne(bl_digest_code((enum bl_dtype)a),
				bl_digest_code((enum bl_dtype)b));
	}
}
END_TEST

START_TEST(text)
{
	static const char hex[] = "00019dabcdefef12acf003cd22922178ed7fcc1ada";
	struct bl_digest digest;
	char copy[BL_DIGEST_HEX];

	ck_assert(bl_digest_parse(hex, &digest));
	ck_assert_int_eq(digest.byte[1], 0x01);
	ck_assert_int_eq(digest.byte[2], 0x9d);
	ck_assert_int_eq(strncmp(bl_digest_hex(&digest, copy), hex, 32), 0);
	ck_assert(!bl_digest_parse("00019dabcdefef12acf003cd2292217", &digest));
	ck_assert(!bl_digest_parse("", &digest));
	ck_assert(!bl_digest_parse("0001DDabcdefef12acf003cd22922178", &digest));
}
END_TEST

START_TEST(names)
{
	static const char *const pair[][2] = {
		{"a.b", "a.b"},
		{"a/b/c", "a.b.c"},
		{"", ""},
		{"\\x41", "\\\\x41"},
		{"line\nnext\t\r\x7f", "line\\nnext\\t\\x0d\\x7f"},
		{"\xc3\xa9\xe2\x82\xac", "\xc3\xa9\xe2\x82\xac"},
		{"\xc2\x9b" "2J", "\\xc2\\x9b2J"},
		{"caf\xe9/\xff", "caf\\xe9.\\xff"},
	};

	for (size_t i = 0; i < sizeof pair / sizeof pair[0]; i++) {
		char *name = bl_digest_name(pair[i][0], &err);

		ck_assert_str_eq(name, pair[i][1]);
		free(name);
	}
}
END_TEST

/* A checkpoint of so many of these lines, given in another order. */
static void digests_to(struct bl_digest_line *line, size_t n, const char *want)
{
	struct bl_digest digest;
	char hex[BL_DIGEST_HEX];

	ck_assert_int_eq(bl_digest_lines(line, n, &digest, &err), 0);
	ck_assert_str_eq(bl_digest_hex(&digest, hex), want);
}

START_TEST(lines)
{
	static char a[] = "a", b[] = "conv.bias";
	struct bl_digest_line line[] = {{.name = b}, {.name = a}, {.name = a}};

	ck_assert(bl_digest_parse("595419054f1ea14ca81ea93125a7843a", &line[0].digest));
	ck_assert(bl_digest_parse("116955f61c72e2d547be1c34d584a739", &line[1].digest));
	ck_assert(bl_digest_parse("016955f61c72e2d547be1c34d584a739", &line[2].digest));
	digests_to(line, 0, "99aa06d3014798d86001c324468d497f");
	digests_to(line, 2, "4ae7e94e52a9d1d186906f3176dc068d");
	ck_assert_ptr_eq(line[0].name, a);
	digests_to(line, 3, "61a265b57dbb86696dab34bdf539c0a8");
	ck_assert_int_eq(line[0].digest.byte[0], 0x01);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("digest");
	TCase *tc = tcase_create("digest");

	tcase_add_test(tc, vectors);
	tcase_add_test(tc, pieces);
	tcase_add_test(tc, codes);
	tcase_add_test(tc, text);
	tcase_add_test(tc, names);
	tcase_add_test(tc, lines);
	suite_add_tcase(suite, tc);
	return suite_run(suite);
}
