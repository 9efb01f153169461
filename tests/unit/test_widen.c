/* test_widen.c - checkpoints seen as doubles, and outputs that take averages only. */
#include "widen.h"

#include "arith.h"
#include "scene.h"
#include "suite.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct scene sc;

/* ---- bits ---- */

static const struct {
	enum bl_dtype dtype;
	unsigned bits;
} narrow[] = {
	{BL_F16, 16}, {BL_BF16, 16}, {BL_F8_E4M3, 8}, {BL_F8_E5M2, 8}, {BL_F8_E4M3FNUZ, 8},
	{BL_F8_E5M2FNUZ, 8}, {BL_F32, 32},
};

/* Code number i of a type: all of them, or of 32 bits some of all exponents. */
static uint64_t code(unsigned bits, uint64_t i)
{
	return bits < 32 ? i : (i << 16 | (i * 2654435761u >> 16 & 0xffff)) & 0xffffffff;
}

/* All codes of a type through the engine's eyes: the same number, and NaN that come back. */
START_TEST(every_code_comes_back)
{
	const enum bl_dtype dtype = narrow[_i].dtype;
	const enum bl_scalar scalar = bl_dtype(dtype)->scalar;
	const uint64_t n = narrow[_i].bits == 8 ? 256 : 65536;
	const bool averaged = true;
	struct bl_wide wide = {0};
	struct bl_source view;
	struct bl_err err = {0};
	double *got = malloc(n * sizeof *got);
	size_t nans = 0;

	scene_init(&sc, 1, 1);
	scene_tensors(&sc, "w", dtype, 1, &n, NULL);
	scene_ready(&sc);
	for (uint64_t i = 0; i < n; i++)
		scene_put(&sc, 0, 0, i, code(narrow[_i].bits, i));
	ck_assert_int_eq(bl_wide_add(&wide, &sc.source[0], NULL, &averaged, 1, &view, &err), 0);
	ck_assert_int_eq(view.cat.tensor[0].dtype, BL_F64);
	ck_assert_uint_eq(view.cat.tensor[0].bytes, 8 * n);
	ck_assert_int_eq(view.format->read(&view, 0, (struct bl_span){false, 3, n - 3}, got + 3,
		view.format->work_new ? view.format->work_new(0) : NULL, &err), 0);
	for (uint64_t i = 3; i < n; i++) {
		const uint64_t was = code(narrow[_i].bits, i);
		unsigned char back[8] = {0}, want[8] = {0};
		const double value = arith_value(scalar, was);

		if (!isnan(value)) {
			ck_assert(memcmp(&value, &got[i], 8) == 0);
			ck_assert(!bl_narrow_nan(scalar, back, &got[i]));
			continue;
		}
		nans++;
		arith_put(scalar, want, 0, was);
		ck_assert(bl_narrow_nan(scalar, back, &got[i]));
		ck_assert_msg(memcmp(back, want, 8) == 0, "%s: code %llx", bl_dtype(dtype)->name,
			(unsigned long long)was);
	}
	ck_assert_uint_gt(nans, 0);
	bl_wide_free(&wide);
	scene_free(&sc);
	free(got);
}
END_TEST
