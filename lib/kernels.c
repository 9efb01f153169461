/* kernels.c - the inner loops, per instruction set, and the choice among them. */
#include "kernels.h"

#include "kernels_f8.h"

#include <string.h>

/* The loops are worth vectorising at any level of optimisation but none. */
#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__)
#pragma GCC optimize("O3", "fp-contract=off")
#endif

/* The arrays of a loop do not overlap: there are too many of them to find out on the way. */
#if defined(__clang__)
#pragma clang diagnostic ignored "-Wpass-failed" /* at low levels of optimisation */
#define APART _Pragma("clang loop vectorize(assume_safety)")
#elif defined(__GNUC__)
#define APART _Pragma("GCC ivdep")
#else
#define APART
#endif

#define INLINE static inline __attribute__((always_inline))

static inline float bits_float(uint32_t u)
{
	float f;

	memcpy(&f, &u, sizeof f);
	return f;
}

static inline uint32_t float_bits(float f)
{
	uint32_t u;

	memcpy(&u, &f, sizeof u);
	return u;
}

static inline double bits_double(uint64_t u)
{
	double d;

	memcpy(&d, &u, sizeof d);
	return d;
}

static inline uint64_t double_bits(double d)
{
	uint64_t u;

	memcpy(&u, &d, sizeof u);
	return u;
}

#define NAME(x) base_##x
#define SET "base"
#define WIDTH 16 /* bytes of a vector */
#define TARGET
#include "kernels_template.h"
#undef NAME
#undef SET
#undef WIDTH
#undef TARGET

#if defined(__x86_64__)
#define NAME(x) avx2_##x
#define SET "avx2"
#define WIDTH 32 /* bytes of a vector */
#define TARGET __attribute__((target("avx2")))
#include "kernels_template.h"
#undef NAME
#undef SET
#undef WIDTH
#undef TARGET

#if defined(__clang__)
#define WIDE ""
#else
#define WIDE ",prefer-vector-width=512"
#endif
#define NAME(x) avx512_##x
#define SET "avx512"
#define WIDTH 64 /* bytes of a vector */
#define TARGET __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl" WIDE)))
#include "kernels_template.h"
#undef NAME
#undef SET
#undef WIDTH
#undef TARGET
#endif

bool bl_f8_saturates(enum bl_scalar s, double result)
{
	const double size = result < 0 ? -result : result;

	/* Half way from the largest value to what would follow: a tie that goes up where the code
	 * of that value is odd, which is so but for e4m3fn. */
	if (s == BL_SCALAR_E4M3)
		return size > 464;
	if (s == BL_SCALAR_E4M3FNUZ)
		return size >= 248;
	if (s == BL_SCALAR_E5M2FNUZ)
		return size >= 61440;
	return s == BL_SCALAR_E5M2 && size >= 61440 && size - size == 0;
}

const struct bl_kernels *bl_kernels(const char *mask)
{
	bool base = mask && strcmp(mask, "base") == 0;
	bool avx2 = mask && strcmp(mask, "avx2") == 0;

	if (mask && mask[0] && !base && !avx2 && strcmp(mask, "avx512") != 0)
		return NULL;
#if defined(__x86_64__)
	__builtin_cpu_init();
	if (!base && !avx2 && __builtin_cpu_supports("avx512f") &&
		__builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
		__builtin_cpu_supports("avx512vl"))
		return &avx512_kernels;
	if (!base && __builtin_cpu_supports("avx2"))
		return &avx2_kernels;
#endif
	return &base_kernels;
}
