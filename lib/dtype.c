/* dtype.c - element types: one row each. */
#include "dtype.h"

#include <string.h>

static const struct bl_dtype_info table[BL_DTYPES] = {
	[BL_BOOL] = {"BOOL", 8, BL_SCALAR_NONE, 1},
	[BL_F4] = {"F4", 4, BL_SCALAR_NONE, 1},
	[BL_F6_E2M3] = {"F6_E2M3", 6, BL_SCALAR_NONE, 1},
	[BL_F6_E3M2] = {"F6_E3M2", 6, BL_SCALAR_NONE, 1},
	[BL_U8] = {"U8", 8, BL_SCALAR_NONE, 1},
	[BL_I8] = {"I8", 8, BL_SCALAR_NONE, 1},
	[BL_F8_E5M2] = {"F8_E5M2", 8, BL_SCALAR_E5M2, 1},
	[BL_F8_E4M3] = {"F8_E4M3", 8, BL_SCALAR_E4M3, 1},
	[BL_F8_E8M0] = {"F8_E8M0", 8, BL_SCALAR_NONE, 1},
	[BL_F8_E4M3FNUZ] = {"F8_E4M3FNUZ", 8, BL_SCALAR_E4M3FNUZ, 1},
	[BL_F8_E5M2FNUZ] = {"F8_E5M2FNUZ", 8, BL_SCALAR_E5M2FNUZ, 1},
	[BL_I16] = {"I16", 16, BL_SCALAR_NONE, 1},
	[BL_U16] = {"U16", 16, BL_SCALAR_NONE, 1},
	[BL_F16] = {"F16", 16, BL_SCALAR_F16, 1},
	[BL_BF16] = {"BF16", 16, BL_SCALAR_BF16, 1},
	[BL_I32] = {"I32", 32, BL_SCALAR_NONE, 1},
	[BL_U32] = {"U32", 32, BL_SCALAR_NONE, 1},
	[BL_F32] = {"F32", 32, BL_SCALAR_F32, 1},
	[BL_C64] = {"C64", 64, BL_SCALAR_F32, 2},
	[BL_F64] = {"F64", 64, BL_SCALAR_F64, 1},
	[BL_I64] = {"I64", 64, BL_SCALAR_NONE, 1},
	[BL_U64] = {"U64", 64, BL_SCALAR_NONE, 1},
	[BL_C128] = {"C128", 128, BL_SCALAR_F64, 2},
	[BL_OTHER] = {"OTHER", 0, BL_SCALAR_NONE, 1},
};

const struct bl_dtype_info *bl_dtype(enum bl_dtype d)
{
	return &table[d];
}

bool bl_dtype_find(const char *name, size_t len, enum bl_dtype *d)
{
	for (int i = 0; i < BL_C128; i++) {
		if (strlen(table[i].name) != len || memcmp(table[i].name, name, len) != 0)
			continue;
		*d = (enum bl_dtype)i;
		return true;
	}
	return false;
}

bool bl_dtype_averages(enum bl_dtype d)
{
	return table[d].scalar != BL_SCALAR_NONE && !bl_dtype_is_f8(d);
}

bool bl_dtype_is_f8(enum bl_dtype d)
{
	return table[d].scalar >= BL_SCALAR_E5M2;
}

enum bl_dtype bl_dtype_as(enum bl_dtype d, enum bl_dtype as)
{
	if (table[d].lanes == 1)
		return as;
	return as == BL_F64 ? BL_C128 : as == BL_F32 ? BL_C64 : d;
}

size_t bl_scalar_size(enum bl_scalar s)
{
	static const size_t size[BL_SCALARS] = {
		[BL_SCALAR_NONE] = 0,     [BL_SCALAR_F16] = 2,      [BL_SCALAR_BF16] = 2,
		[BL_SCALAR_F32] = 4,      [BL_SCALAR_F64] = 8,      [BL_SCALAR_E5M2] = 1,
		[BL_SCALAR_E4M3] = 1,     [BL_SCALAR_E4M3FNUZ] = 1, [BL_SCALAR_E5M2FNUZ] = 1,
	};

	return size[s];
}
