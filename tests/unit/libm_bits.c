/*
 * libm_bits.c - prints the last bits of functions of libm, summed up, so that a test can see
 * whether another libm, or the same with some instructions hidden from it, rounds otherwise.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define POINTS 100000

static double power(double x)
{
	return pow(x, 0.7);
}

int main(void)
{
	static double (*const function[])(double) = {exp, sin, log, log1p, expm1, power};

	for (size_t f = 0; f < sizeof function / sizeof function[0]; f++) {
		uint64_t sum = 0, bits;

		for (int i = 1; i <= POINTS; i++) {
			const double result = function[f](i * 7.3e-5);

			memcpy(&bits, &result, sizeof bits);
			sum = sum * 6364136223846793005u + bits;
		}
		printf("%016jx\n", (uintmax_t)sum);
	}
	return fflush(stdout) == 0 ? 0 : 1;
}
