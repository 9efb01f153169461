/*
 * convert.c - turns numbers of one type on standard input into another on standard output, by the
 * kernels, for tests in other languages.
 *
 *   convert FROM TO        types as bl_scalars are called below; BELAY_CPU as ever
 */
#include "kernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 65536

static const char *const name[BL_SCALARS] = {"", "f16", "bf16", "f32", "f64", "e5m2", "e4m3",
	"e4m3fnuz", "e5m2fnuz"};

static enum bl_scalar find(const char *word)
{
	for (int s = BL_SCALAR_F16; s < BL_SCALARS; s++)
		if (strcmp(name[s], word) == 0)
			return (enum bl_scalar)s;
	fprintf(stderr, "convert: no type %s\n", word);
	exit(2);
}

int main(int argc, char **argv)
{
	static unsigned char in[8 * BATCH], out[8 * BATCH];
	static double d[BATCH], zero[BATCH];
	const struct bl_kernels *kernels = bl_kernels(getenv("BELAY_CPU"));
	enum bl_scalar from, to;
	size_t n;

	if (argc != 3 || !kernels)
		return 2;
	from = find(argv[1]);
	to = find(argv[2]);
	for (size_t j = 0; j < BATCH; j++)
		zero[j] = -0.0;
	while ((n = fread(in, bl_scalar_size(from), BATCH, stdin)) > 0) {
		kernels->kernel[from].load(d, in, n);
		for (size_t j = 0; j < n; j++)
			d[j] = -d[j]; /* -0 - -d is d, for both zeros too */
		kernels->kernel[to].store(out, d, zero, 1, 1, n);
		if (fwrite(out, bl_scalar_size(to), n, stdout) != n)
			return 1;
	}
	return ferror(stdin) || fflush(stdout) != 0;
}
