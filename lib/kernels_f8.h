/*
 * kernels_f8.h - what the codes of the 8-bit floats stand for, one entry each.
 *
 * e4m3fn has no infinities and one NaN of either sign, e5m2 is like IEEE 754. The fnuz types have
 * their exponents one lower, no infinities, no negative zero, and one NaN, where that would be.
 */
#ifndef BL_KERNELS_F8_H
#define BL_KERNELS_F8_H

/* All numbers of one exponent; u is the distance between two of them. */
#define M3(u) 8 * (u), 9 * (u), 10 * (u), 11 * (u), 12 * (u), 13 * (u), 14 * (u), 15 * (u)
#define M2(u) 4 * (u), 5 * (u), 6 * (u), 7 * (u)

/* Those of 2, 4, 8 and 16 exponents. */
#define X2(m, u) m(u), m(2 * (u))
#define X4(m, u) X2(m, u), X2(m, 4 * (u))
#define X8(m, u) X4(m, u), X4(m, 16 * (u))
#define X16(m, u) X8(m, u), X8(m, 256 * (u))

/* The subnormals but for zero, then the exponents 1 to 14, and to 30. */
#define E4(u)                                                                                      \
	(u), 2 * (u), 3 * (u), 4 * (u), 5 * (u), 6 * (u), 7 * (u), X8(M3, u), X4(M3, 256 * (u)),   \
		X2(M3, 4096 * (u))
#define E5(u)                                                                                      \
	(u), 2 * (u), 3 * (u), X16(M2, u), X8(M2, 65536 * (u)), X4(M2, 16777216 * (u)),            \
		X2(M2, 268435456 * (u))

/* The same with the last exponent as it is in the types without and with infinities. */
#define E4_FN(u)                                                                                   \
	E4(u), 8 * 16384 * (u), 9 * 16384 * (u), 10 * 16384 * (u), 11 * 16384 * (u),               \
		12 * 16384 * (u), 13 * 16384 * (u), 14 * 16384 * (u), F8_NAN
#define E5_IEEE(u, inf) E5(u), inf, F8_NAN, F8_NAN, F8_NAN
#define E4_ALL(u) E4(u), M3(16384 * (u))
#define E5_ALL(u) E5(u), M2(1073741824 * (u))

#define F8_NAN __builtin_nanf("")
#define F8_INF __builtin_inff()

static const float e4m3_value[256] = {0.0f, E4_FN(0x1p-9f), -0.0f, E4_FN(-0x1p-9f)};
static const float e5m2_value[256] = {
	0.0f, E5_IEEE(0x1p-16f, F8_INF), -0.0f, E5_IEEE(-0x1p-16f, -F8_INF)};
static const float e4m3fnuz_value[256] = {0.0f, E4_ALL(0x1p-10f), F8_NAN, E4_ALL(-0x1p-10f)};
static const float e5m2fnuz_value[256] = {0.0f, E5_ALL(0x1p-17f), F8_NAN, E5_ALL(-0x1p-17f)};

#undef M3
#undef M2
#undef X2
#undef X4
#undef X8
#undef X16
#undef E4
#undef E5
#undef E4_FN
#undef E5_IEEE
#undef E4_ALL
#undef E5_ALL
#undef F8_NAN
#undef F8_INF

#endif
