/* hdf5_filter.c - shuffle and fletcher32. */
#include "hdf5_chunk.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* One's complement sums of 16 bits: the carry comes back at the other end. */
static uint32_t fold(uint32_t sum)
{
	return (sum & 0xffff) + (sum >> 16);
}

uint32_t bl_h5_fletcher32(const unsigned char *bytes, size_t n)
{
	uint32_t a = 0, b = 0;
	size_t words = n / 2;

	while (words) {
		/* The most words for which b stays below 2^32, whatever they are. */
		size_t block = words < 360 ? words : 360;

		words -= block;
		for (; block; block--, bytes += 2) {
			a += (uint32_t)bytes[0] << 8 | bytes[1];
			b += a;
		}
		a = fold(a);
		b = fold(b);
	}
	if (n % 2) {
		a = fold(a + ((uint32_t)bytes[0] << 8));
		b = fold(b + a);
	}
	return fold(b) << 16 | fold(a);
}

#ifdef __SSE2__
#define LANES 16 /* elements at a time */

/* Vectors in arrays are fast where no array is left of them: clang sees to that by itself. */
#ifdef __clang__
#define UNROLL
#else
#define UNROLL _Pragma("GCC unroll 8")
#endif
#define UNROLLED static inline __attribute__((always_inline))

static __m128i load(const unsigned char *p)
{
	return _mm_loadu_si128((const __m128i *)(const void *)p);
}

static void store(unsigned char *p, __m128i v)
{
	_mm_storeu_si128((__m128i *)(void *)p, v);
}

/*
 * Of n vectors in a row the even bytes go to the first half of them, the odd ones to the second;
 * after log2(n) times byte k of every n stands in vector k. n: a power of two, known when this is
 * compiled.
 */
UNROLLED void deal(__m128i *v, size_t n)
{
	const __m128i low = _mm_set1_epi16(0xff);
	__m128i to[16];

	UNROLL
	for (size_t i = 0; i < n / 2; i++) {
		const __m128i a = v[2 * i], b = v[2 * i + 1];

		to[i] = _mm_packus_epi16(_mm_and_si128(a, low), _mm_and_si128(b, low));
		to[i + n / 2] = _mm_packus_epi16(_mm_srli_epi16(a, 8), _mm_srli_epi16(b, 8));
	}
	UNROLL
	for (size_t i = 0; i < n; i++)
		v[i] = to[i];
}

/* The way back. */
UNROLLED void gather(__m128i *v, size_t n)
{
	__m128i to[16];

	UNROLL
	for (size_t i = 0; i < n / 2; i++) {
		to[2 * i] = _mm_unpacklo_epi8(v[i], v[i + n / 2]);
		to[2 * i + 1] = _mm_unpackhi_epi8(v[i], v[i + n / 2]);
	}
	UNROLL
	for (size_t i = 0; i < n; i++)
		v[i] = to[i];
}

/* As many elements of n bytes as vectors take; how many they were is returned. */
UNROLLED size_t shuffle_n(unsigned char *dst, const unsigned char *src, size_t count, size_t n)
{
	size_t i = 0;

	for (; i + LANES <= count; i += LANES) {
		__m128i v[16];

		UNROLL
		for (size_t k = 0; k < n; k++)
			v[k] = load(src + i * n + k * LANES);
		UNROLL
		for (size_t k = 1; k < n; k *= 2)
			deal(v, n);
		UNROLL
		for (size_t k = 0; k < n; k++)
			store(dst + k * count + i, v[k]);
	}
	return i;
}

UNROLLED size_t unshuffle_n(unsigned char *dst, const unsigned char *src, size_t count,
	size_t n)
{
	size_t i = 0;

	for (; i + LANES <= count; i += LANES) {
		__m128i v[16];

		UNROLL
		for (size_t k = 0; k < n; k++)
			v[k] = load(src + k * count + i);
		UNROLL
		for (size_t k = 1; k < n; k *= 2)
			gather(v, n);
		UNROLL
		for (size_t k = 0; k < n; k++)
			store(dst + i * n + k * LANES, v[k]);
	}
	return i;
}

static size_t shuffle_vectors(unsigned char *dst, const unsigned char *src, size_t count,
	size_t element)
{
	switch (element) {
	case 2:
		return shuffle_n(dst, src, count, 2);
	case 4:
		return shuffle_n(dst, src, count, 4);
	case 8:
		return shuffle_n(dst, src, count, 8);
	default:
		return 0;
	}
}

static size_t unshuffle_vectors(unsigned char *dst, const unsigned char *src, size_t count,
	size_t element)
{
	switch (element) {
	case 2:
		return unshuffle_n(dst, src, count, 2);
	case 4:
		return unshuffle_n(dst, src, count, 4);
	case 8:
		return unshuffle_n(dst, src, count, 8);
	default:
		return 0;
	}
}
#else
static size_t shuffle_vectors(unsigned char *dst, const unsigned char *src, size_t count,
	size_t element)
{
	(void)dst, (void)src, (void)count, (void)element;
	return 0;
}

static size_t unshuffle_vectors(unsigned char *dst, const unsigned char *src, size_t count,
	size_t element)
{
	return shuffle_vectors(dst, src, count, element);
}
#endif

void bl_h5_shuffle(unsigned char *dst, const unsigned char *src, size_t n, size_t element)
{
	const size_t count = element ? n / element : 0;
	const size_t done = shuffle_vectors(dst, src, count, element);

	for (size_t k = 0; k < element && done < count; k++)
		for (size_t i = done; i < count; i++)
			dst[k * count + i] = src[i * element + k];
	memcpy(dst + count * element, src + count * element, n - count * element);
}

void bl_h5_unshuffle(unsigned char *dst, const unsigned char *src, size_t n, size_t element)
{
	const size_t count = element ? n / element : 0;
	const size_t done = unshuffle_vectors(dst, src, count, element);

	for (size_t i = done; i < count; i++)
		for (size_t k = 0; k < element; k++)
			dst[i * element + k] = src[k * count + i];
	memcpy(dst + count * element, src + count * element, n - count * element);
}
