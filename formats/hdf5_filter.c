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

void bl_h5_shuffle(unsigned char *dst, const unsigned char *src, size_t n, size_t element)
{
	const size_t count = element ? n / element : 0;

	for (size_t k = 0; k < element && count; k++)
		for (size_t i = 0; i < count; i++)
			*dst++ = src[i * element + k];
	memcpy(dst, src + count * element, n - count * element);
}

/* The elements from first on, one byte after the other. */
static void unshuffle_rest(unsigned char *dst, const unsigned char *src, size_t count,
	size_t element, size_t first)
{
	for (size_t i = first; i < count; i++)
		for (size_t k = 0; k < element; k++)
			dst[i * element + k] = src[k * count + i];
}

#ifdef __SSE2__
static __m128i load(const unsigned char *p)
{
	return _mm_loadu_si128((const __m128i *)(const void *)p);
}

static void store(unsigned char *p, __m128i v)
{
	_mm_storeu_si128((__m128i *)(void *)p, v);
}

/* 16 elements at a time; the number of elements done is returned. */
static size_t unshuffle_2(unsigned char *dst, const unsigned char *src, size_t count)
{
	size_t i = 0;

	for (; i + 16 <= count; i += 16) {
		const __m128i a = load(src + i), b = load(src + count + i);

		store(dst + 2 * i, _mm_unpacklo_epi8(a, b));
		store(dst + 2 * i + 16, _mm_unpackhi_epi8(a, b));
	}
	return i;
}

static size_t unshuffle_4(unsigned char *dst, const unsigned char *src, size_t count)
{
	size_t i = 0;

	for (; i + 16 <= count; i += 16) {
		const __m128i a = load(src + i), b = load(src + count + i);
		const __m128i c = load(src + 2 * count + i), d = load(src + 3 * count + i);
		const __m128i ab0 = _mm_unpacklo_epi8(a, b), ab1 = _mm_unpackhi_epi8(a, b);
		const __m128i cd0 = _mm_unpacklo_epi8(c, d), cd1 = _mm_unpackhi_epi8(c, d);

		store(dst + 4 * i, _mm_unpacklo_epi16(ab0, cd0));
		store(dst + 4 * i + 16, _mm_unpackhi_epi16(ab0, cd0));
		store(dst + 4 * i + 32, _mm_unpacklo_epi16(ab1, cd1));
		store(dst + 4 * i + 48, _mm_unpackhi_epi16(ab1, cd1));
	}
	return i;
}
#endif

void bl_h5_unshuffle(unsigned char *dst, const unsigned char *src, size_t n, size_t element)
{
	const size_t count = element ? n / element : 0;
	size_t done = 0;

#ifdef __SSE2__
	if (element == 2)
		done = unshuffle_2(dst, src, count);
	else if (element == 4)
		done = unshuffle_4(dst, src, count);
#endif
	unshuffle_rest(dst, src, count, element, done);
	memcpy(dst + count * element, src + count * element, n - count * element);
}
