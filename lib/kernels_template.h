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
	const float finite = bits_float(low) * 0x1p112f;
	const float f = low >= 0x7c00u << 13 ? bits_float(low | 0x7f800000u) : finite;

	return (double)bits_float(float_bits(f) | (uint32_t)(h & 0x8000) << 16);
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

TARGET static inline double NAME(to_f64)(double d)
{
	return d == d ? d : bits_double(0x7ff8000000000000u);
}

TARGET static inline float NAME(to_f32)(double d)
{
	return d == d ? (float)d : bits_float(0x7fc00000u);
}

/* Double to float bits, rounded to odd: truncated, the last bit set when anything was lost. A
 * second rounding to a type of at most 22 bits then is as if there had been one. */
TARGET static inline uint32_t NAME(round_to_odd)(double d)
{
	const float f = (float)d;
	const uint32_t bits = float_bits(f);
	const double back = (double)f;
	const uint32_t away = (back < 0 ? -back : back) > (d < 0 ? -d : d);

	return back == d ? bits : ((bits - away) | 1u);
}

TARGET static inline uint16_t NAME(to_bf16)(double d)
{
	const uint32_t u = NAME(round_to_odd)(d);
	const uint32_t rounded = (u + 0x7fffu + (u >> 16 & 1u)) >> 16;

	return d == d ? (uint16_t)rounded : 0x7fc0u;
}

/* For results below 2^-14 the unit is 2^-24, which is that of floats in [0.5, 1): adding 0.5 lets
 * the adder round. */
TARGET static inline uint16_t NAME(to_f16)(double d)
{
	const uint32_t u = NAME(round_to_odd)(d);
	const uint32_t size = u & 0x7fffffffu;
	const uint32_t sign = u >> 16 & 0x8000u;
	const uint32_t small =
		float_bits(bits_float(size < 0x38800000u ? size : 0) + 0.5f) - 0x3f000000u;
	const uint32_t normal = (size - 0x38000000u + 0xfffu + (size >> 13 & 1u)) >> 13;
	const uint32_t finite = size < 0x38800000u ? small : normal;
	const uint32_t h = size >= 0x477ff000u ? 0x7c00u : finite;

	return d == d ? (uint16_t)(h | sign) : 0x7e00u;
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
	const uint32_t small =
		float_bits(bits_float(size < least ? size : 0) + bits_float(adder)) - adder;
	const uint32_t normal = (size - ((127 - bias) << 23) + (1u << (shift - 1)) - 1 +
					(size >> shift & 1u)) >> shift;
	const uint32_t code = size < least ? small : normal;

	return code > most ? most | 0x100u : code;
}

TARGET static inline uint32_t NAME(to_e4m3)(double d)
{
	const uint32_t u = NAME(round_to_odd)(d);

	return d == d ? NAME(to_f8)(u, 3, 7, 0x7e) | (u >> 24 & 0x80u) : 0x17fu;
}

TARGET static inline uint32_t NAME(to_e5m2)(double d)
{
	const uint32_t u = NAME(round_to_odd)(d);
	const uint32_t code = NAME(to_f8)(u, 2, 15, 0x7b);
	const uint32_t size = (u & 0x7fffffffu) == 0x7f800000u ? 0x17cu : code;

	return d == d ? size | (u >> 24 & 0x80u) : 0x17eu;
}

TARGET static inline uint32_t NAME(to_e4m3fnuz)(double d)
{
	const uint32_t u = NAME(round_to_odd)(d);
	const uint32_t code = NAME(to_f8)(u, 3, 8, 0x7f);

	return d == d ? code | (code ? u >> 24 & 0x80u : 0) : 0x180u;
}

TARGET static inline uint32_t NAME(to_e5m2fnuz)(double d)
{
	const uint32_t u = NAME(round_to_odd)(d);
	const uint32_t code = NAME(to_f8)(u, 2, 16, 0x7f);

	return d == d ? code | (code ? u >> 24 & 0x80u : 0) : 0x180u;
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

TARGET static inline uint32_t NAME(wild_bf16)(uint16_t h)
{
	return (h & 0x7f80u) == 0x7f80u;
}

TARGET static inline uint32_t NAME(wild_f32)(float f)
{
	return (float_bits(f) & 0x7f800000u) == 0x7f800000u;
}

TARGET static inline uint64_t NAME(wild_f64)(double d)
{
	return (double_bits(d) & 0x7ff0000000000000u) == 0x7ff0000000000000u;
}

/* The loops of one type; wide is what a result is before it is stored. Every element sees the
 * inputs in ascending order, whether they come four at a time or one by one. */
#define LOOPS(type, word, wide, wild_of, flag)                                                     \
	TARGET static void NAME(accumulate_##type)(double *restrict acc, const void *ref,          \
		const void *const *x, const double *w, size_t inputs, size_t n)                    \
	{                                                                                          \
		const word *r = ref;                                                               \
		size_t i = 0;                                                                      \
                                                                                                   \
		for (; i + 4 <= inputs; i += 4) {                                                  \
			const word *a = x[i], *b = x[i + 1], *c = x[i + 2], *d = x[i + 3];         \
			const double wa = w[i], wb = w[i + 1], wc = w[i + 2], wd = w[i + 3];       \
                                                                                                   \
			for (size_t j = 0; j < n; j++) {                                           \
				const double y = NAME(from_##type)(r[j]);                          \
				double sum = acc[j];                                               \
                                                                                                   \
				sum += wa * (y - NAME(from_##type)(a[j]));                         \
				sum += wb * (y - NAME(from_##type)(b[j]));                         \
				sum += wc * (y - NAME(from_##type)(c[j]));                         \
				sum += wd * (y - NAME(from_##type)(d[j]));                         \
				acc[j] = sum;                                                      \
			}                                                                          \
		}                                                                                  \
		for (; i < inputs; i++) {                                                          \
			const word *a = x[i];                                                      \
			const double wa = w[i];                                                    \
                                                                                                   \
			for (size_t j = 0; j < n; j++)                                             \
				acc[j] +=                                                          \
					wa * (NAME(from_##type)(r[j]) - NAME(from_##type)(a[j]));  \
		}                                                                                  \
	}                                                                                          \
                                                                                                   \
	TARGET static bool NAME(store_##type)(void *restrict out, const double *acc,               \
		const void *ref, double scale, double divisor, size_t n)                           \
	{                                                                                          \
		const word *r = ref;                                                               \
		word *o = out;                                                                     \
		flag wild = 0;                                                                     \
                                                                                                   \
		for (size_t j = 0; j < n; j++) {                                                   \
			const double y = scale * NAME(from_##type)(r[j]);                          \
			const wide v = NAME(to_##type)(y - acc[j] / divisor);                      \
                                                                                                   \
			wild |= NAME(wild_of)(v);                                                  \
			o[j] = (word)v;                                                            \
		}                                                                                  \
		return wild == 0;                                                                  \
	}                                                                                          \
                                                                                                   \
	TARGET static bool NAME(convert_##type)(void *restrict out, const double *acc,             \
		const double *ref, double scale, double divisor, size_t n)                         \
	{                                                                                          \
		word *o = out;                                                                     \
		flag wild = 0;                                                                     \
                                                                                                   \
		for (size_t j = 0; j < n; j++) {                                                   \
			const wide v = NAME(to_##type)(scale * ref[j] - acc[j] / divisor);         \
                                                                                                   \
			wild |= NAME(wild_of)(v);                                                  \
			o[j] = (word)v;                                                            \
		}                                                                                  \
		return wild == 0;                                                                  \
	}                                                                                          \
                                                                                                   \
	TARGET static void NAME(load_##type)(double *restrict out, const void *from, size_t n)     \
	{                                                                                          \
		const word *x = from;                                                              \
                                                                                                   \
		for (size_t j = 0; j < n; j++)                                                     \
			out[j] = NAME(from_##type)(x[j]);                                          \
	}

LOOPS(f16, uint16_t, uint16_t, wild_f16, uint32_t)
LOOPS(bf16, uint16_t, uint16_t, wild_bf16, uint32_t)
LOOPS(f32, float, float, wild_f32, uint32_t)
LOOPS(f64, double, double, wild_f64, uint64_t)
LOOPS(e5m2, uint8_t, uint32_t, wild_f8, uint32_t)
LOOPS(e4m3, uint8_t, uint32_t, wild_f8, uint32_t)
LOOPS(e4m3fnuz, uint8_t, uint32_t, wild_f8, uint32_t)
LOOPS(e5m2fnuz, uint8_t, uint32_t, wild_f8, uint32_t)
#undef LOOPS

/* ---- terms of sums: in lanes, as no compiler may reorder a sum by itself ---- */

typedef double NAME(lanes) __attribute__((vector_size(WIDTH), aligned(8), may_alias));
typedef int64_t NAME(bits) __attribute__((vector_size(WIDTH)));
#define LANES (WIDTH / 8)
#define ROWS (8 / LANES) /* that go on side by side */
#define AT(x) (*(NAME(lanes) *)(x))
#define FROM(x) (*(const NAME(lanes) *)(x))

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
		NAME(accumulate_##type), NAME(store_##type), NAME(convert_##type),                 \
			NAME(load_##type)                                                          \
	}
static const struct bl_kernels NAME(kernels) = {
	.name = SET,
	.sum = {NAME(square), NAME(product), NAME(take), NAME(wild)},
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
