/*
 * test_deflate.c - chunks of many kinds: what comes out is a zlib stream of the chunk, hardly
 * longer than zlib's own at that level, and always the same.
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "deflate.h"
#include "hdf5_chunk.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#ifdef HAVE_LIBDEFLATE
#include <libdeflate.h>
#endif

#define MOST ((size_t)150000)

static uint64_t state;

/* From 0 to below n. */
static uint32_t any(uint32_t n)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((state >> 32) * n >> 32);
}

static double normal(void)
{
	double sum = -6;

	for (int i = 0; i < 12; i++)
		sum += any(1 << 24) / 16777216.0;
	return sum;
}

/* ---- kinds of chunks: n bytes at to ---- */

static void noise(unsigned char *to, size_t n, unsigned k)
{
	for (size_t i = 0; i < n; i++)
		to[i] = (unsigned char)any(k);
}

static void weights_f32(unsigned char *to, size_t n, unsigned k)
{
	for (size_t i = 0; i + 4 <= n; i += 4) {
		const float v = (float)(normal() / k);

		memcpy(to + i, &v, 4);
	}
}

static void weights_f64(unsigned char *to, size_t n, unsigned k)
{
	for (size_t i = 0; i + 8 <= n; i += 8) {
		const double v = normal() / k;

		memcpy(to + i, &v, 8);
	}
}

static void weights_bf16(unsigned char *to, size_t n, unsigned k)
{
	for (size_t i = 0; i + 2 <= n; i += 2) {
		const float v = (float)(normal() / k);
		uint32_t bits;

		memcpy(&bits, &v, 4);
		to[i] = (unsigned char)(bits >> 16);
		to[i + 1] = (unsigned char)(bits >> 24);
	}
}

/* One in k is not 0. */
static void sparse(unsigned char *to, size_t n, unsigned k)
{
	weights_f32(to, n, 50);
	for (size_t i = 0; i + 4 <= n; i += 4)
		if (any(k))
			memset(to + i, 0, 4);
}

/* Integers below k, 8 bytes each. */
static void ids(unsigned char *to, size_t n, unsigned k)
{
	memset(to, 0, n);
	for (size_t i = 0; i + 8 <= n; i += 8) {
		const uint32_t v = any(k);

		to[i] = (unsigned char)v;
		to[i + 1] = (unsigned char)(v >> 8);
		to[i + 2] = (unsigned char)(v >> 16);
	}
}

/* k, k + 1 and so on, in 4 bytes each. */
static void counted(unsigned char *to, size_t n, unsigned k)
{
	for (size_t i = 0; i < n; i++)
		to[i] = (unsigned char)((i / 4 + k) >> 8 * (i % 4));
}

/* Records: a number, 3 bytes of noise, and one of k words. */
static void records(unsigned char *to, size_t n, unsigned k)
{
	for (size_t i = 0, word = 0; i < n; i++) {
		const size_t in = i % 12;

		if (in == 8)
			word = (any(k) + 1) * 77777;
		to[i] = (unsigned char)(in < 4 ? i / 12 >> 8 * in : in < 7 ? any(256)
			: in < 8 ? 0 : word >> 8 * (in - 8));
	}
}

static void periodic(unsigned char *to, size_t n, unsigned k)
{
	noise(to, n < k ? n : k, 256);
	for (size_t i = k; i < n; i++)
		to[i] = to[i - k];
}

static void ramp(unsigned char *to, size_t n, unsigned k)
{
	for (size_t i = 0; i < n; i++)
		to[i] = (unsigned char)(i * k);
}

/* Steps of at most k up or down. */
static void walk(unsigned char *to, size_t n, unsigned k)
{
	for (size_t i = 1, v = 0; i < n; i++, v += any(2 * k + 1) - k)
		to[i] = (unsigned char)v;
}

/* The last value again, in k of 100. */
static void sticky(unsigned char *to, size_t n, unsigned k)
{
	noise(to, n, 256);
	for (size_t i = 1; i < n; i++)
		if (any(100) < k)
			to[i] = to[i - 1];
}

/* k of 100 strings of 200 bytes came before. */
static void copies(unsigned char *to, size_t n, unsigned k)
{
	noise(to, n, 256);
	for (size_t i = 6000; i + 200 <= n; i += 200)
		if (any(100) < k)
			memcpy(to + i, to + i - 200 - any(5000), 200);
}

/* The same with strings of 8, which say less. */
static void scraps(unsigned char *to, size_t n, unsigned k)
{
	noise(to, n, 256);
	for (size_t i = 6000; i + 8 <= n; i += 8)
		if (any(100) < k)
			memcpy(to + i, to + i - 8 - any(5000), 8);
}

/* An embedding in which k rows take turns at random. */
static void rows(unsigned char *to, size_t n, unsigned k)
{
	unsigned char row[40][512];

	weights_f32(row[0], sizeof row, 50);
	for (size_t i = 0; i < n; i += 512)
		memcpy(to + i, row[any(k)], n - i < 512 ? n - i : 512);
}

/* Columns of 64 with values of their own, of which there are k. */
static void columns(unsigned char *to, size_t n, unsigned k)
{
	for (size_t i = 0; i + 4 <= n; i += 4) {
		const float v = (float)(i / 4 % 64) / 7 + (float)any(k) / 1000;

		memcpy(to + i, &v, 4);
	}
}

/* Pieces of k bytes that shall be stored, coded and searched in turn. */
static void mixed(unsigned char *to, size_t n, unsigned k)
{
	static const unsigned most[] = {256, 12, 2, 256, 2, 12};

	for (size_t i = 0; i < n; i++)
		to[i] = (unsigned char)any(most[i / k % 6]);
}

/* Each value half as frequent as the one before, or one k-th less. */
static void geometric(unsigned char *to, size_t n, unsigned k)
{
	for (size_t i = 0; i < n; i++)
		for (to[i] = 0; to[i] < 255 && any(k); to[i]++)
			;
}

static const struct kind {
	const char *name;
	void (*make)(unsigned char *to, size_t n, unsigned k);
	unsigned k, element;
} kinds[] = {
	{"noise", noise, 256, 1}, {"240 values", noise, 240, 1}, {"128 values", noise, 128, 1},
	{"12 values", noise, 12, 1}, {"4 values", noise, 4, 1}, {"2 values", noise, 2, 1},
	{"zeros", noise, 1, 4}, {"f32", weights_f32, 50, 4}, {"f32, large", weights_f32, 1, 4},
	{"f32, not shuffled", weights_f32, 50, 1}, {"f64", weights_f64, 50, 8},
	{"f64, not shuffled", weights_f64, 50, 1}, {"f64 as f32", weights_f64, 50, 4},
	{"bf16", weights_bf16, 50, 2}, {"bf16, not shuffled", weights_bf16, 50, 1},
	{"half zeros", sparse, 2, 4}, {"sparse", sparse, 20, 4},
	{"sparse, not shuffled", sparse, 20, 1}, {"ids", ids, 50000, 8},
	{"ids, not shuffled", ids, 50000, 1}, {"bits", ids, 2, 8}, {"counted", counted, 0, 4},
	{"counted, not shuffled", counted, 0, 1},
	{"counted on", counted, 0x654321, 4}, {"counted on, not shuffled", counted, 0x654321, 1},
	{"records", records, 9, 1}, {"records, shuffled", records, 9, 4},
	{"period 300", periodic, 300, 1}, {"period 300, shuffled", periodic, 300, 4},
	{"period 5000", periodic, 5000, 1}, {"period 20000", periodic, 20000, 1},
	{"period 32000", periodic, 32000, 1}, {"period 32400", periodic, 32400, 2},
	{"period 33000", periodic, 33000, 1}, {"ramp", ramp, 1, 1}, {"ramp of 7", ramp, 7, 1},
	{"walk 1", walk, 1, 1}, {"walk 2", walk, 2, 1}, {"walk 5", walk, 5, 1},
	{"walk 12", walk, 12, 1}, {"walk, shuffled", walk, 3, 4}, {"sticky 10", sticky, 10, 1},
	{"sticky 20", sticky, 20, 1}, {"sticky 50", sticky, 50, 1}, {"sticky 90", sticky, 90, 1},
	{"copies 2", copies, 2, 1}, {"copies 5", copies, 5, 1}, {"copies 10", copies, 10, 1},
	{"copies 50", copies, 50, 1}, {"copies 10, shuffled", copies, 10, 4},
	{"scraps 10", scraps, 10, 1}, {"scraps 30", scraps, 30, 1}, {"one row", rows, 1, 4},
	{"one row, not shuffled", rows, 1, 1}, {"8 rows", rows, 8, 4},
	{"40 rows", rows, 40, 4}, {"columns", columns, 3, 4}, {"columns of 1", columns, 1, 4},
	{"columns of 20", columns, 20, 4}, {"mixed", mixed, 1024, 1},
	{"mixed 32K", mixed, 32768, 1}, {"mixed 3000", mixed, 3000, 1},
	{"geometric 2", geometric, 2, 1},
	{"geometric 3", geometric, 3, 1}, {"geometric 20", geometric, 20, 1},
};
#define KINDS ((int)(sizeof kinds / sizeof kinds[0]))

static unsigned char raw[MOST], chunk[MOST], ours[MOST + MOST / 256 + 200], again[sizeof ours],
	plain[2 * MOST], back[MOST];

static size_t make(const struct kind *kind, size_t n)
{
	state = n;
	memset(raw, 0, n);
	kind->make(raw, n, kind->k);
	bl_h5_shuffle(chunk, raw, n, kind->element);
	return n / kind->element;
}

/* What zlib makes of the chunk; where libdeflate makes more of it, fast may, too. */
static size_t should(enum bl_deflate how, size_t n, unsigned level)
{
	uLongf size = sizeof plain;

	(void)how;
	ck_assert_int_eq(compress2(plain, &size, chunk, n, (int)level), Z_OK);
#ifdef HAVE_LIBDEFLATE
	if (how == BL_DEFLATE_FAST) {
		struct libdeflate_compressor *out = libdeflate_alloc_compressor((int)level);
		const size_t own = libdeflate_zlib_compress(out, chunk, n, plain, sizeof plain);

		libdeflate_free_compressor(out);
		return own > size ? own : size;
	}
#endif
	return size;
}

/* Compresses the chunk and looks at what came out. */
static size_t check(struct bl_deflater *d, enum bl_deflate how, unsigned level, size_t n,
	size_t plane, const char *name)
{
	struct bl_err err = {0};
	const size_t room = n + n / 256 + 200;
	const size_t size = bl_deflate(d, how, level, chunk, n, plane, ours, room, &err);
	uLongf got = sizeof back;

	ck_assert_msg(size > 0, "%s, %zu bytes, level %u: %s", name, n, level, err.text);
	ck_assert_msg(uncompress(back, &got, ours, size) == Z_OK && got == n &&
		memcmp(back, chunk, n) == 0, "%s, %zu bytes, level %u: other bytes", name, n,
		level);
#ifdef HAVE_LIBDEFLATE
	struct libdeflate_decompressor *in = libdeflate_alloc_decompressor();

	memset(back, 0, n);
	ck_assert_int_eq(libdeflate_zlib_decompress(in, ours, size, back, n, NULL),
		LIBDEFLATE_SUCCESS);
	ck_assert(memcmp(back, chunk, n) == 0);
	libdeflate_free_decompressor(in);
#endif
	return size;
}

static void check_kind(const struct kind *kind, enum bl_deflate how)
{
	static const struct {
		size_t n;
		unsigned level;
	} tries[] = {{MOST, 4}, {MOST, 1}, {65536, 6}, {30001, 4}, {16384, 9}, {16384, 1},
		{8192, 4}, {4099, 6}, {4095, 6}, {100, 4}, {1, 1}};
	struct bl_deflater *d = bl_deflater_new(MOST);

	ck_assert_ptr_nonnull(d);
	for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
		const size_t n = tries[i].n, plane = make(kind, n);
		const unsigned level = tries[i].level;
		const size_t size = check(d, how, level, n, plane, kind->name);
		const size_t most = should(how, n, level);

		/* The rest is for what is next to nothing. */
		ck_assert_msg(size <= most + most / 50 + 64,
			"%s, %zu bytes, level %u: %zu bytes, not %zu", kind->name, n, level,
			size, most);
	}
	bl_deflater_free(d);
}

START_TEST(zlib_kinds)
{
	check_kind(&kinds[_i], BL_DEFLATE_ZLIB);
}
END_TEST

START_TEST(fast_kinds)
{
	if (bl_deflate_has(BL_DEFLATE_FAST))
		check_kind(&kinds[_i], BL_DEFLATE_FAST);
}
END_TEST

/* Bytes that are independent of each other are better off without a search. */
START_TEST(codes)
{
	static const struct kind weights = {"bf16", weights_bf16, 50, 2};
	static const struct kind values = {"12 values", noise, 12, 1};
	struct bl_deflater *d = bl_deflater_new(MOST);
	size_t plane = make(&weights, 65536);

	ck_assert_uint_lt(100 * check(d, BL_DEFLATE_ZLIB, 6, 65536, plane, "bf16"),
		96 * should(BL_DEFLATE_ZLIB, 65536, 6));
	plane = make(&values, 65536); /* with that of an end, codes of 3.75 bits on average */
	ck_assert_uint_lt(check(d, BL_DEFLATE_ZLIB, 6, 65536, plane, "12 values"),
		65536 * 15 / 32 + 200);
	bl_deflater_free(d);
}
END_TEST

/* Planes of other values get other codes, also where they are short. */
START_TEST(codes_of_planes)
{
	struct bl_deflater *d = bl_deflater_new(MOST);

	state = 1;
	for (size_t i = 0; i < 16384; i++) /* 16 of 64 values each, as frequent as one another */
		chunk[i] = (unsigned char)(i / 4096 * 16 + any(16));
	ck_assert_uint_lt(check(d, BL_DEFLATE_ZLIB, 6, 16384, 4096, "planes"),
		16384 * 33 / 64 + 4 * 60); /* 4 bits and, for the end, 1 / 8; and the codes */
	ck_assert_uint_gt(check(d, BL_DEFLATE_ZLIB, 6, 16384, 16384, "one plane"), 16384 * 5 / 8);
	bl_deflater_free(d);
}
END_TEST

/* Noise becomes longer by a few bytes for each 32 KiB only; level 0 does so with everything. */
START_TEST(stores)
{
	static const struct kind random = {"noise", noise, 256, 1}, zeros = {"zeros", noise, 1, 1};
	struct bl_deflater *d = bl_deflater_new(MOST);
	size_t plane = make(&random, MOST);

	ck_assert_uint_le(check(d, BL_DEFLATE_ZLIB, 9, MOST, plane, "noise"), MOST + 64);
	for (unsigned how = 0; how < 2; how++) {
		if (!bl_deflate_has(how))
			continue;
		plane = make(&zeros, MOST);
		ck_assert_uint_ge(check(d, how, 0, MOST, plane, "zeros"), MOST);
		plane = make(&random, MOST);
		ck_assert_uint_le(check(d, how, 0, MOST, plane, "noise"), MOST + 64);
	}
	bl_deflater_free(d);
}
END_TEST

/* The most switches that there can be, and planes of any length: it fits. */
START_TEST(switches)
{
	static const size_t planes[] = {1, 1023, 1024, 1025, 1500, 2048, 5000, 32768, 32769, 60000};
	struct bl_deflater *d = bl_deflater_new(MOST);

	for (unsigned k = 1; k <= 4096; k *= 4) {
		for (size_t i = 0; i < sizeof planes / sizeof planes[0]; i++) {
			const struct kind kind = {"mixed", mixed, k, 1};
			const size_t n = planes[i] * 16 + k;

			if (n > MOST)
				continue;
			make(&kind, n);
			for (unsigned how = 0; how < 2; how++)
				if (bl_deflate_has(how))
					check(d, how, 4, n, planes[i], "mixed");
		}
	}
	bl_deflater_free(d);
}
END_TEST

/* What was compressed before, another level, or more room change nothing. */
START_TEST(steady)
{
	static const struct kind weights = {"f32", weights_f32, 50, 4};
	static const struct kind repeated = {"rows", rows, 8, 4};
	struct bl_deflater *d = bl_deflater_new(MOST);
	struct bl_err err = {0};

	for (unsigned how = 0; how < 2 && bl_deflate_has(how); how++) {
		size_t plane = make(&weights, 50000), first, second;

		first = check(d, how, 4, 50000, plane, "f32");
		memcpy(again, ours, first);
		plane = make(&repeated, MOST);
		check(d, how, 7, MOST, plane, "rows");
		plane = make(&weights, 50000);
		second = bl_deflate(d, how, 4, chunk, 50000, plane, ours, sizeof ours, &err);
		ck_assert(first == second && memcmp(ours, again, first) == 0);
	}
	bl_deflater_free(d);
}
END_TEST

/* Too little room is an error, not an overflow. */
START_TEST(no_room)
{
	static const struct kind weights = {"f32", weights_f32, 50, 4};
	struct bl_deflater *d = bl_deflater_new(MOST);

	for (unsigned how = 0; how < 2 && bl_deflate_has(how); how++) {
		const size_t plane = make(&weights, 20000);
		const size_t size = check(d, how, 4, 20000, plane, "f32");

		for (size_t room = 0; room < size; room += room < 64 || room + 64 > size ? 1 : 97) {
			struct bl_err err = {0};
			unsigned char *to = malloc(room + 1); /* sanitizers see its end */

			to[room] = 77;
			ck_assert_uint_eq(bl_deflate(d, how, 4, chunk, 20000, plane, to, room,
				&err), 0);
			ck_assert_int_eq(err.code, BL_BUG);
			ck_assert_uint_eq(to[room], 77);
			free(to);
		}
	}
	bl_deflater_free(d);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("deflate");
	TCase *tc = tcase_create("chunks");

	tcase_set_timeout(tc, 0);
	tcase_add_loop_test(tc, zlib_kinds, 0, KINDS);
	tcase_add_loop_test(tc, fast_kinds, 0, KINDS);
	tcase_add_test(tc, codes);
	tcase_add_test(tc, codes_of_planes);
	tcase_add_test(tc, stores);
	tcase_add_test(tc, switches);
	tcase_add_test(tc, steady);
	tcase_add_test(tc, no_room);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
