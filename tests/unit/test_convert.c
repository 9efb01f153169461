/* test_convert.c - values from one type to another: every one of them exact. */
#include "arith.h"
#include "kernels.h"
#include "suite.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SETS 3
#define BATCH 65536

static const enum bl_scalar small[] = {BL_SCALAR_F16, BL_SCALAR_BF16, BL_SCALAR_E5M2,
	BL_SCALAR_E4M3, BL_SCALAR_E4M3FNUZ, BL_SCALAR_E5M2FNUZ};
#define SMALL (sizeof small / sizeof small[0])
#define F8S 4 /* the last of them */

static const char *const mask[SETS] = {"base", "avx2", "avx512"};

/* Rounding to a small type, by the middles between its neighbours: a table and a search in it.
 * middle[k] stands between the values of codes k and k + 1. */
struct rounding {
	enum bl_scalar s;
	double middle[32768];
	size_t n;
};

static struct rounding tables[SMALL];

static bool is_f8(enum bl_scalar s)
{
	return bl_scalar_size(s) == 1;
}

static void make_table(struct rounding *r, enum bl_scalar s)
{
	uint64_t code = 0;

	r->s = s;
	for (; isfinite(arith_value(s, code)) && code < (is_f8(s) ? 0x80 : 0x8000); code++)
		if (code)
			r->middle[code - 1] =
				(arith_value(s, code - 1) + arith_value(s, code)) / 2;
	r->n = (size_t)code - 1;
}

static void make_tables(void)
{
	for (size_t i = 0; i < SMALL; i++)
		make_table(&tables[i], small[i]);
}

/* Code of the nearest value, of those that are finite. */
static uint64_t nearest(const struct rounding *r, double a)
{
	size_t low = 0, high = r->n; /* middles below low are below a, those from high on are not */

	while (low < high) {
		const size_t k = low + (high - low) / 2;

		if (r->middle[k] < a || (r->middle[k] == a && k % 2 == 1))
			low = k + 1;
		else
			high = k;
	}
	return low;
}

/* The same as arith_round, faster. Where an infinity or saturation begins, arith_round says it. */
static uint64_t rounded(const struct rounding *r, double d)
{
	const uint64_t sign = is_f8(r->s) ? 0x80 : 0x8000;
	const uint64_t code = isfinite(d) ? nearest(r, fabs(d)) : r->n;

	if (code == r->n)
		return arith_round(r->s, d);
	if (code == 0 && (r->s == BL_SCALAR_E4M3FNUZ || r->s == BL_SCALAR_E5M2FNUZ))
		return 0;
	return code | (signbit(d) ? sign : 0);
}

/* Converts n <= BATCH doubles with every set and compares. */
static void convert_batch(const struct rounding *r, const double *d, size_t n)
{
	static double acc[BATCH], zero[BATCH];
	static unsigned char out[2 * BATCH];
	bool fine = true;

	for (size_t j = 0; j < n; j++) {
		acc[j] = -d[j]; /* -0 - -d is d, for both zeros too */
		zero[j] = -0.0;
		fine = fine && isfinite(arith_value(r->s, rounded(r, d[j]))) &&
			!arith_saturates(r->s, d[j]);
	}
	for (size_t i = 0; i < SETS; i++) {
		const struct bl_kernels *k = bl_kernels(mask[i]);

		if (i && strcmp(k->name, mask[i]) != 0)
			continue; /* not here */
		ck_assert(k->kernel[r->s].store(out, acc, zero, 1, 1, n) == fine);
		for (size_t j = 0; j < n; j++)
			if (arith_get(r->s, out, j) != rounded(r, d[j]))
				ck_abort_msg("%s, type %d: %a becomes %#llx, not %#llx", k->name,
					(int)r->s, d[j],
					(unsigned long long)arith_get(r->s, out, j),
					(unsigned long long)rounded(r, d[j]));
	}
}

/* The table rounds as the definition does. */
START_TEST(the_table_holds)
{
	static const size_t largest[SMALL] = {0x7bff, 0x7f7f, 0x7b, 0x7e, 0x7f, 0x7f};
	const struct rounding *r = &tables[_i];
	uint64_t seed = 8;

	ck_assert_uint_eq(r->n, largest[_i]);
	for (size_t k = 0; k < r->n; k++) {
		const double near[] = {r->middle[k], nextafter(r->middle[k], 0),
			nextafter(r->middle[k], INFINITY), arith_value(r->s, k), -r->middle[k],
			-arith_value(r->s, k)};

		for (size_t i = 0; i < sizeof near / sizeof near[0]; i++)
			ck_assert_uint_eq(rounded(r, near[i]), arith_round(r->s, near[i]));
	}
	for (size_t i = 0; i < 20000; i++) {
		const double d = arith_value(BL_SCALAR_F64, arith_draw_bits(&seed, BL_SCALAR_F64));

		ck_assert_uint_eq(rounded(r, d), arith_round(r->s, d));
	}
}
END_TEST

/* Every code of the 8-bit types. The values of some are known. */
START_TEST(loads_f8)
{
	static const struct {
		enum bl_scalar s;
		unsigned char code;
		double value;
	} known[] = {
		{BL_SCALAR_E4M3, 0x7e, 448}, {BL_SCALAR_E4M3, 0x01, 0x1p-9},
		{BL_SCALAR_E4M3, 0x38, 1}, {BL_SCALAR_E4M3, 0xb8, -1}, {BL_SCALAR_E4M3, 0x80, -0.0},
		{BL_SCALAR_E5M2, 0x7b, 57344}, {BL_SCALAR_E5M2, 0x01, 0x1p-16},
		{BL_SCALAR_E5M2, 0xfc, -INFINITY}, {BL_SCALAR_E5M2, 0x3c, 1},
		{BL_SCALAR_E4M3FNUZ, 0x7f, 240}, {BL_SCALAR_E4M3FNUZ, 0x81, -0x1p-10},
		{BL_SCALAR_E5M2FNUZ, 0x7f, 57344}, {BL_SCALAR_E5M2FNUZ, 0x01, 0x1p-17},
	};
	unsigned char code[256];
	double d[256];

	for (size_t c = 0; c < 256; c++)
		code[c] = (unsigned char)c;
	for (size_t i = SMALL - F8S; i < SMALL; i++) {
		for (size_t k = 0; k < SETS; k++) {
			bl_kernels(mask[k])->kernel[small[i]].load(d, code, 256);
			for (size_t c = 0; c < 256; c++)
				if (!arith_same(d[c], arith_value(small[i], c)))
					ck_abort_msg("type %d: %#zx is %a, not %a", (int)small[i],
						c, d[c], arith_value(small[i], c));
		}
	}
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		bl_kernels("base")->kernel[known[i].s].load(d, &known[i].code, 1);
		ck_assert(arith_same(d[0], known[i].value));
	}
}
END_TEST

/* All values, the middles between them and their neighbours, and what lies beyond the last. */
START_TEST(rounds_at_all_edges)
{
	const struct rounding *r = &tables[_i];
	static double d[BATCH];
	size_t n = 0;

	for (size_t k = 0; k <= r->n; k++) {
		const double value = arith_value(r->s, k);
		const double middle = k < r->n ? r->middle[k]
			: value + (value - r->middle[k - 1]);
		const double near[] = {value, middle, nextafter(middle, 0),
			nextafter(middle, INFINITY), middle * (1 + 0x1p-30),
			middle * (1 - 0x1p-30), nextafter(value, 0), nextafter(value, INFINITY)};

		for (size_t i = 0; i < sizeof near / sizeof near[0]; i++) {
			d[n++] = near[i];
			d[n++] = -near[i];
		}
		if (n + 16 > BATCH || k == r->n) {
			convert_batch(r, d, n);
			n = 0;
		}
	}
}
END_TEST

START_TEST(rounds_the_rest)
{
	static const double rest[] = {INFINITY, -INFINITY, ARITH_NAN, -ARITH_NAN, 1e300, -1e300,
		0x1p-1074, -0x1p-1074, 0.0, -0.0, 464, 448.5, 465, 61439.9, 61440, 65519.9, 65520,
		248, 247.9};

	for (size_t i = 0; i < sizeof rest / sizeof rest[0]; i++) {
		convert_batch(&tables[_i], &rest[i], 1);
		ck_assert_int_eq(bl_f8_saturates(small[_i], rest[i]),
			arith_saturates(small[_i], rest[i]));
	}
}
END_TEST

/* Random doubles: bits of floats and of doubles, and magnitudes around those of the type; 10^8 of
 * them where BELAY_LONG is set. */
START_TEST(rounds_random)
{
	const char *is_long = getenv("BELAY_LONG");
	const struct rounding *r = &tables[_i];
	const double largest = arith_value(r->s, r->n), least = arith_value(r->s, 1);
	const size_t wanted = is_long && strcmp(is_long, "0") != 0 ? 100000000 : 4000000;
	const size_t batches = wanted / BATCH + 1;
	uint64_t seed = 100 + (uint64_t)_i;
	static double d[BATCH];

	for (size_t b = 0; b < batches; b++) {
		for (size_t j = 0; j < BATCH; j++) {
			const uint64_t bits = arith_draw(&seed);
			const double unit = ldexp((double)(bits >> 11), -53);

			switch (j % 4) {
			case 0:
				d[j] = arith_value(BL_SCALAR_F32, bits & 0xffffffff);
				break;
			case 1:
				d[j] = arith_value(BL_SCALAR_F64, bits);
				break;
			case 2:
				d[j] = least * exp2(unit * (log2(largest / least) + 3) - 1);
				break;
			default:
				d[j] = -2 * unit * largest * 0x1p-4;
			}
		}
		convert_batch(r, d, BATCH);
	}
}
END_TEST

/* Every pattern of a 2-byte or 1-byte type to every type, as a load and a store. */
START_TEST(all_patterns_to_all_types)
{
	const enum bl_scalar from = small[_i];
	const size_t n = is_f8(from) ? 256 : 65536;
	static unsigned char x[2 * 65536], out[8 * 65536];
	static double d[65536], acc[65536];

	for (size_t c = 0; c < n; c++)
		arith_put(from, x, c, c);
	for (enum bl_scalar to = BL_SCALAR_F16; to < BL_SCALARS; to++) {
		for (size_t i = 0; i < SETS; i++) {
			const struct bl_kernels *k = bl_kernels(mask[i]);

			k->kernel[from].load(d, x, n);
			k->kernel[to].store(out, acc, d, 1, 1, n);
			for (size_t c = 0; c < n; c++) {
				const double value = arith_value(from, c);
				const uint64_t want = arith_round(to, value - 0.0);

				if (arith_get(to, out, c) != want)
					ck_abort_msg("%s: %#zx of type %d becomes %#llx of type "
						     "%d, not %#llx", k->name, c, (int)from,
						(unsigned long long)arith_get(to, out, c), (int)to,
						(unsigned long long)want);
			}
		}
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("convert");
	TCase *t = tcase_create("convert");

	make_tables();
	tcase_set_timeout(t, 300);
	tcase_add_loop_test(t, the_table_holds, 0, SMALL);
	tcase_add_test(t, loads_f8);
	tcase_add_loop_test(t, rounds_at_all_edges, 0, SMALL);
	tcase_add_loop_test(t, rounds_the_rest, 0, SMALL);
	tcase_add_loop_test(t, rounds_random, 0, SMALL);
	tcase_add_loop_test(t, all_patterns_to_all_types, 0, SMALL);
	suite_add_tcase(s, t);
	return suite_run(s);
}
