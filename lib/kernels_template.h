/*
 * kernels_template.h - the loops of kernels.h, for one instruction set.
 *
 * Included once per set by kernels.c, which defines NAME(x) to tell the sets apart and TARGET to
 * the function attribute that selects one. Loops are written for the compiler to vectorise: no
 * branches on values, no calls but to functions of the same set.
 */

/* Half precision to double: the exponent field is moved up as if the number were a float, which is
 * then too small by 2^112; the multiplication is exact, and right for subnormals too. */
TARGET static inline double NAME(from_f16)(uint16_t h)
{
	const uint32_t low = (uint32_t)(h & 0x7fff) << 13;
	const uint32_t finite = float_bits(bits_float(low) * 0x1p112f);
	const uint32_t wild = 0u - (uint32_t)(low >= 0x7c00u << 13);
	const uint32_t size = (finite & ~wild) | ((low | 0x7f800000u) & wild);

	return (double)bits_float(size | (uint32_t)(h & 0x8000) << 16);
}

TARGET static inline double NAME(from_bf16)(uint16_t h)
{
	return (double)bits_float((uint32_t)h << 16);
}

TARGET static inline double NAME(from_f32)(float f)
{
	return (double)f;
}

TARGET static inline double NAME(from_f64)(double d)
{
	return d;
}

/* All ones for NaN, else 0. Neither this nor what follows has one number or another by which is
 * larger: compilers make branches of that, and loops with branches stay slow. */
TARGET static inline uint32_t NAME(nan_mask)(double d)
{
	const uint64_t size = double_bits(d) & 0x7fffffffffffffffu;

	return 0u - (uint32_t)((0x7ff0000000000000u - size) >> 63);
}

/* All ones where a is less than b, both below 2^31, else 0. */
#define LESS(a, b) (0u - ((uint32_t)((a) - (b)) >> 31))

/* Double to float bits, rounded to odd: truncated, the last bit set when anything was lost. A
 * second rounding to a type of at most 22 bits then is as if there had been one. */
TARGET static inline uint32_t NAME(round_to_odd)(double d)
{
	const float f = (float)d;
	const uint64_t back = double_bits((double)f), bits = double_bits(d);
	const uint64_t lost = back ^ bits;
	const uint64_t away = (bits & 0x7fffffffffffffffu) - (back & 0x7fffffffffffffffu);

	return (float_bits(f) - (uint32_t)(away >> 63)) | (uint32_t)((lost | (0 - lost)) >> 63);
}

/* Rounding. Where it is not careful it does not look for NaN, of which it then makes something that
 * is not finite either. What takes long to round it may leave wrong, and marked as not finite. */
TARGET static inline double NAME(to_f64)(double d, bool careful)
{
	const uint32_t nan = careful ? NAME(nan_mask)(d) : 0;
	const uint64_t mask = (uint64_t)nan << 32 | nan;

	return bits_double((double_bits(d) & ~mask) | (0x7ff8000000000000u & mask));
}

TARGET static inline float NAME(to_f32)(double d, bool careful)
{
	const uint32_t nan = careful ? NAME(nan_mask)(d) : 0;

	return bits_float((float_bits((float)d) & ~nan) | (0x7fc00000u & nan));
}

/* Bit 16 marks what is not finite. Rounding by way of float is right, but where the float is a tie,
 * of which only the double knows to which side it leans. */
TARGET static inline uint32_t NAME(to_bf16)(double d, bool careful)
{
	const uint32_t nan = careful ? NAME(nan_mask)(d) : 0;
	const uint32_t u = careful ? NAME(round_to_odd)(d) : float_bits((float)d);
	const uint32_t tie = !careful && (u & 0xffffu) == 0x8000u;
	const uint32_t rounded = (u & 0x7fffffffu) + 0x7fffu + (u >> 16 & 1u);
	const uint32_t wild = ((rounded + 0x800000u) >> 31 | tie) << 16;

	return (((rounded >> 16 & 0x7fffu) | (u >> 16 & 0x8000u) | wild) & ~nan) | (0x17fc0u & nan);
}

/* For results below 2^-14 the unit is 2^-24, which is that of floats in [0.5, 1): adding 0.5 lets
 * the adder round. */
TARGET static inline uint16_t NAME(to_f16)(double d, bool careful)
{
	const uint32_t u = NAME(round_to_odd)(d), nan = careful ? NAME(nan_mask)(d) : 0;
	const uint32_t size = u & 0x7fffffffu;
	const uint32_t sign = u >> 16 & 0x8000u;
	const uint32_t low = LESS(size, 0x38800000u), high = LESS(0x477fefffu, size);
	const uint32_t small = float_bits(bits_float(size & low) + 0.5f) - 0x3f000000u;
	const uint32_t normal = (size - 0x38000000u + 0xfffu + (size >> 13 & 1u)) >> 13;
	const uint32_t finite = (small & low) | (normal & ~low);
	const uint32_t h = (0x7c00u & high) | (finite & ~high);

	return (uint16_t)(((h | sign) & ~nan) | (0x7e00u & nan));
}

/*
 * Rounded to an 8-bit float with so many fraction bits and that bias, whose largest value has the
 * code most; bit 8 is set where it saturates. As for f16: below the smallest normal number the
 * adder rounds, there by adding the float whose unit is that of the subnormals.
 */
TARGET static inline uint32_t NAME(to_f8)(
	uint32_t u, uint32_t fraction, uint32_t bias, uint32_t most)
{
	const uint32_t size = u & 0x7fffffffu, shift = 23 - fraction;
	const uint32_t least = (128 - bias) << 23, adder = (151 - bias - fraction) << 23;
	const uint32_t low = LESS(size, least);
	const uint32_t small = float_bits(bits_float(size & low) + bits_float(adder)) - adder;
	const uint32_t normal = (size - ((127 - bias) << 23) + (1u << (shift - 1)) - 1 +
					(size >> shift & 1u)) >> shift;
	const uint32_t code = (small & low) | (normal & ~low), high = LESS(most, code);

	return ((most | 0x100u) & high) | (code & ~high);
}

TARGET static inline uint32_t NAME(to_e4m3)(double d, bool careful)
{
	const uint32_t u = NAME(round_to_odd)(d), nan = careful ? NAME(nan_mask)(d) : 0;

	return ((NAME(to_f8)(u, 3, 7, 0x7e) | (u >> 24 & 0x80u)) & ~nan) | (0x17fu & nan);
}

TARGET static inline uint32_t NAME(to_e5m2)(double d, bool careful)
{
	const uint32_t u = NAME(round_to_odd)(d), nan = careful ? NAME(nan_mask)(d) : 0;
	const uint32_t code = NAME(to_f8)(u, 2, 15, 0x7b);
	const uint32_t size = (u & 0x7fffffffu) == 0x7f800000u ? 0x17cu : code;

	return ((size | (u >> 24 & 0x80u)) & ~nan) | (0x17eu & nan);
}

TARGET static inline uint32_t NAME(to_e4m3fnuz)(double d, bool careful)
{
	const uint32_t u = NAME(round_to_odd)(d), nan = careful ? NAME(nan_mask)(d) : 0;
	const uint32_t code = NAME(to_f8)(u, 3, 8, 0x7f);

	return ((code | (code ? u >> 24 & 0x80u : 0)) & ~nan) | (0x180u & nan);
}

TARGET static inline uint32_t NAME(to_e5m2fnuz)(double d, bool careful)
{
	const uint32_t u = NAME(round_to_odd)(d), nan = careful ? NAME(nan_mask)(d) : 0;
	const uint32_t code = NAME(to_f8)(u, 2, 16, 0x7f);

	return ((code | (code ? u >> 24 & 0x80u : 0)) & ~nan) | (0x180u & nan);
}

TARGET static inline double NAME(from_e4m3)(uint8_t c)
{
	return (double)e4m3_value[c];
}

TARGET static inline double NAME(from_e5m2)(uint8_t c)
{
	return (double)e5m2_value[c];
}

TARGET static inline double NAME(from_e4m3fnuz)(uint8_t c)
{
	return (double)e4m3fnuz_value[c];
}

TARGET static inline double NAME(from_e5m2fnuz)(uint8_t c)
{
	return (double)e5m2fnuz_value[c];
}

/* Bit 8 also marks what is not finite. */
TARGET static inline uint32_t NAME(wild_f8)(uint32_t v)
{
	return v >> 8;
}

/* Not finite? */
TARGET static inline uint32_t NAME(wild_f16)(uint16_t h)
{
	return (h & 0x7c00u) == 0x7c00u;
}

TARGET static inline uint32_t NAME(wild_bf16)(uint32_t v)
{
	return v >> 16;
}

TARGET static inline uint32_t NAME(wild_f32)(float f)
{
	return (float_bits(f) & 0x7f800000u) == 0x7f800000u;
}

TARGET static inline uint64_t NAME(wild_f64)(double d)
{
	return (double_bits(d) & 0x7ff0000000000000u) == 0x7ff0000000000000u;
}

/* The loops of one type; wide is what a result is before it is stored. put() divides only where it
 * must, which takes longer than all the rest and changes nothing where the divisor is 1, and is
 * careful only where a first attempt found something that it marks. */
#define LOOPS(type, word, wide, wild_of, flag)                                                     \
	TARGET static void NAME(load_##type)(double *restrict out, const void *from, size_t n)     \
	{                                                                                          \
		const word *x = from;                                                              \
                                                                                                   \
		for (size_t j = 0; j < n; j++)                                                     \
			out[j] = NAME(from_##type)(x[j]);                                          \
	}                                                                                          \
                                                                                                   \
	TARGET static void NAME(gap_##type)(double *restrict out, const double *restrict ref,      \
		const void *from, size_t n)                                                        \
	{                                                                                          \
		const word *x = from;                                                              \
                                                                                                   \
		for (size_t j = 0; j < n; j++)                                                     \
			out[j] = ref[j] - NAME(from_##type)(x[j]);                                 \
	}                                                                                          \
                                                                                                   \
	TARGET INLINE void NAME(row_##type)(double *acc, const double *ref,                        \
		const void *const *x, size_t inputs, const bl_factors *w, size_t n)                \
	{                                                                                          \
		const word *a = x[0], *b = x[inputs > 1 ? 1 : 0];                                  \
		const word *c = x[inputs > 2 ? 2 : 0], *d = x[inputs > 3 ? 3 : 0];                 \
                                                                                                   \
		APART                                                                              \
		for (size_t j = 0; j < n; j++) {                                                   \
			double sum = acc[j] + w[0][0] * (ref[j] - NAME(from_##type)(a[j]));        \
                                                                                                   \
			if (inputs > 1)                                                            \
				sum += w[1][0] * (ref[j] - NAME(from_##type)(b[j]));               \
			if (inputs > 2)                                                            \
				sum += w[2][0] * (ref[j] - NAME(from_##type)(c[j]));               \
			if (inputs > 3)                                                            \
				sum += w[3][0] * (ref[j] - NAME(from_##type)(d[j]));               \
			acc[j] = sum;                                                              \
		}                                                                                  \
	}                                                                                          \
                                                                                                   \
	TARGET static void NAME(add_one_##type)(double *acc, bool fresh, const double *ref,        \
		const void *const *x, size_t inputs, const bl_factors *w, size_t n)                \
	{                                                                                          \
		for (size_t j = 0; fresh && j < n; j++)                                            \
			acc[j] = 0;                                                                \
		for (; inputs >= 4; inputs -= 4, x += 4, w += 4)                                   \
			NAME(row_##type)(acc, ref, x, 4, w, n);                                    \
		if (inputs == 3)                                                                   \
			NAME(row_##type)(acc, ref, x, 3, w, n);                                    \
		else if (inputs == 2)                                                              \
			NAME(row_##type)(acc, ref, x, 2, w, n);                                    \
		else if (inputs == 1)                                                              \
			NAME(row_##type)(acc, ref, x, 1, w, n);                                    \
	}                                                                                          \
                                                                                                   \
	TARGET INLINE bool NAME(put_##type)(word *restrict out, const double *acc,                 \
		const double *ref, double scale, double divisor, bool divides, bool care, size_t n)\
	{                                                                                          \
		flag wild = 0;                                                                     \
                                                                                                   \
		for (size_t j = 0; j < n; j++) {                                                   \
			const double sum = divides ? acc[j] / divisor : acc[j];                    \
			const wide v = NAME(to_##type)(scale * ref[j] - sum, care);                \
                                                                                                   \
			wild |= NAME(wild_of)(v);                                                  \
			out[j] = (word)v;                                                          \
		}                                                                                  \
		return wild == 0;                                                                  \
	}                                                                                          \
                                                                                                   \
	TARGET static bool NAME(store_##type)(void *restrict out, const double *acc,               \
		const double *ref, double scale, double divisor, size_t n)                         \
	{                                                                                          \
		if (divisor == 1)                                                                  \
			return NAME(put_##type)(out, acc, ref, scale, 1, false, false, n) ||       \
				NAME(put_##type)(out, acc, ref, scale, 1, false, true, n);         \
		return NAME(put_##type)(out, acc, ref, scale, divisor, true, false, n) ||          \
			NAME(put_##type)(out, acc, ref, scale, divisor, true, true, n);            \
	}

LOOPS(f16, uint16_t, uint16_t, wild_f16, uint32_t)
LOOPS(bf16, uint16_t, uint32_t, wild_bf16, uint32_t)
LOOPS(f32, float, float, wild_f32, uint32_t)
LOOPS(f64, double, double, wild_f64, uint64_t)
LOOPS(e5m2, uint8_t, uint32_t, wild_f8, uint32_t)
LOOPS(e4m3, uint8_t, uint32_t, wild_f8, uint32_t)
LOOPS(e4m3fnuz, uint8_t, uint32_t, wild_f8, uint32_t)
LOOPS(e5m2fnuz, uint8_t, uint32_t, wild_f8, uint32_t)
#undef LOOPS
#undef LESS

/* In lanes, as no compiler may reorder a sum by itself. */

typedef double NAME(lanes) __attribute__((vector_size(WIDTH), aligned(8), may_alias));
typedef int64_t NAME(bits) __attribute__((vector_size(WIDTH)));
#define LANES (WIDTH / 8)
#define ROWS 4 /* that go on side by side: none waits for the one before it */
#define AT(x) (*(NAME(lanes) *)(x))
#define FROM(x) (*(const NAME(lanes) *)(x))

/* ---- weighted sums: a small product of matrices ---- */

_Static_assert(BL_KERNEL_STEP % (4 * LANES) == 0, "a step is no whole number of vectors");

/* Eight sums go on side by side: those of so many outputs, each in 8 / outputs vectors of elements.
 * outputs is a constant to it. Every element of every output sees the inputs in ascending order. */
TARGET INLINE void NAME(rows)(double *acc, size_t stride, size_t outputs, bool fresh,
	const double *const *d, size_t inputs, const bl_factors *w, size_t n)
{
	const size_t vectors = 8 / outputs;
	const NAME(lanes) none = {0};

#define EACH(x) x(0) x(1) x(2) x(3) x(4) x(5) x(6) x(7)
#define ROW(k) (acc + k / vectors * stride + j + k % vectors * LANES)
#define BEGIN(k) NAME(lanes) s##k = fresh ? none : FROM(ROW(k));
#define ADD(k) s##k += w[i][k / vectors] * FROM(d[i] + j + k % vectors * LANES);
#define END(k) AT(ROW(k)) = s##k;
	for (size_t j = 0; j < n; j += vectors * LANES) {
		EACH(BEGIN)
		for (size_t i = 0; i < inputs; i++) {
			EACH(ADD)
		}
		EACH(END)
	}
#undef EACH
#undef ROW
#undef BEGIN
#undef ADD
#undef END
}

TARGET static void NAME(add_several)(double *acc, size_t stride, size_t outputs, bool fresh,
	const double *const *d, size_t inputs, const bl_factors *w, size_t n)
{
	if (outputs == 8)
		NAME(rows)(acc, stride, 8, fresh, d, inputs, w, n);
	else if (outputs == 4)
		NAME(rows)(acc, stride, 4, fresh, d, inputs, w, n);
	else
		NAME(rows)(acc, stride, 2, fresh, d, inputs, w, n);
}

/* ---- terms of exact sums ---- */

/* Lane by lane the larger one; most where a is NaN. */
#define LARGER(a, most)                                                                            \
	((NAME(lanes))(((NAME(bits))(a) & ((a) > (most))) | ((NAME(bits))(most) & ~((a) > (most)))))

/* The largest of all lanes. */
TARGET static inline double NAME(largest)(const NAME(lanes) *row)
{
	double most = 0;

	for (size_t i = 0; i < ROWS; i++)
		for (size_t k = 0; k < LANES; k++)
			most = row[i][k] > most ? row[i][k] : most;
	return most;
}

TARGET static double NAME(square)(double *restrict term, const double *x, const double *y, size_t n)
{
	NAME(lanes) most[ROWS] = {{0}};

	for (size_t j = 0; j < n;)
		for (size_t i = 0; i < ROWS; i++, j += LANES) {
			const NAME(lanes) d = FROM(x + j) - FROM(y + j), p = d * d;

			AT(term + j) = p;
			most[i] = LARGER(p, most[i]);
		}
	return NAME(largest)(most);
}

TARGET static double NAME(product)(
	double *restrict term, const double *x, const double *y, const double *z, size_t n)
{
	NAME(lanes) most[ROWS] = {{0}};

	for (size_t j = 0; j < n;)
		for (size_t i = 0; i < ROWS; i++, j += LANES) {
			const NAME(lanes) d = FROM(x + j) - FROM(y + j);
			const NAME(lanes) p = d * (FROM(y + j) - FROM(z + j));
			const NAME(lanes) size = (NAME(lanes))((NAME(bits))p & INT64_MAX);

			AT(term + j) = p;
			most[i] = LARGER(size, most[i]);
		}
	return NAME(largest)(most);
}

TARGET static double NAME(take)(double *restrict term, double cut, size_t n, bool *left)
{
	NAME(lanes) sum[ROWS] = {{0}};
	NAME(bits) rest[ROWS] = {{0}};
	double total = 0;
	int64_t any = 0;

	for (size_t j = 0; j < n;)
		for (size_t i = 0; i < ROWS; i++, j += LANES) {
			const NAME(lanes) t = FROM(term + j), high = (cut + t) - cut;

			AT(term + j) = t - high;
			rest[i] |= (NAME(bits))(t - high);
			sum[i] += high;
		}
	for (size_t i = 0; i < ROWS; i++)
		for (size_t k = 0; k < LANES; k++) {
			total += sum[i][k];
			any |= rest[i][k];
		}
	*left = (any & INT64_MAX) != 0;
	return total;
}

#include "kernels_pairs_template.h"

#undef LANES
#undef ROWS
#undef AT
#undef FROM
#undef LARGER

TARGET static size_t NAME(wild)(const double *x, size_t n)
{
	uint64_t count = 0;

	for (size_t j = 0; j < n; j++)
		count += NAME(wild_f64)(x[j]) & 1;
	return count;
}

#define KERNEL(type)                                                                               \
	{                                                                                          \
		NAME(load_##type), NAME(gap_##type), NAME(add_one_##type), NAME(store_##type)      \
	}
static const struct bl_kernels NAME(kernels) = {
	.name = SET,
	.add_several = NAME(add_several),
	.sum = {NAME(square), NAME(product), NAME(take), NAME(wild)},
	.pairs = {
		[0] = NAME(pairs_none),
		[1] = NAME(pairs_8),
		[2] = NAME(pairs_16),
		[4] = NAME(pairs_32),
		[8] = NAME(pairs_64),
	},
	.kernel = {
		[BL_SCALAR_F16] = KERNEL(f16),
		[BL_SCALAR_BF16] = KERNEL(bf16),
		[BL_SCALAR_F32] = KERNEL(f32),
		[BL_SCALAR_F64] = KERNEL(f64),
		[BL_SCALAR_E5M2] = KERNEL(e5m2),
		[BL_SCALAR_E4M3] = KERNEL(e4m3),
		[BL_SCALAR_E4M3FNUZ] = KERNEL(e4m3fnuz),
		[BL_SCALAR_E5M2FNUZ] = KERNEL(e5m2fnuz),
	},
};
#undef KERNEL
