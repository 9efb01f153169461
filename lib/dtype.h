/*
 * dtype.h - element types: one row each.
 *
 * Values in memory are little-endian, in C order, whatever the file held.
 */
#ifndef BL_DTYPE_H
#define BL_DTYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In the order of the safetensors enum, whose writer sorts by it; what it lacks stands behind. */
enum bl_dtype {
	BL_BOOL,
	BL_F4,
	BL_F6_E2M3,
	BL_F6_E3M2,
	BL_U8,
	BL_I8,
	BL_F8_E5M2,
	BL_F8_E4M3,
	BL_F8_E8M0,
	BL_F8_E4M3FNUZ,
	BL_F8_E5M2FNUZ,
	BL_I16,
	BL_U16,
	BL_F16,
	BL_BF16,
	BL_I32,
	BL_U32,
	BL_F32,
	BL_C64, /* two F32 */
	BL_F64,
	BL_I64,
	BL_U64,
	BL_C128,  /* two F64; HDF5 only */
	BL_OTHER, /* strings, references, compounds, ...: only ever copied; bits is 0 */
	BL_DTYPES
};

/* The scalar that the kernels see; BL_SCALAR_NONE is never averaged. */
enum bl_scalar {
	BL_SCALAR_NONE,
	BL_SCALAR_F16,
	BL_SCALAR_BF16,
	BL_SCALAR_F32,
	BL_SCALAR_F64,
	BL_SCALAR_E5M2, /* the 8-bit ones stand behind all others */
	BL_SCALAR_E4M3,
	BL_SCALAR_E4M3FNUZ,
	BL_SCALAR_E5M2FNUZ,
	BL_SCALARS
};

struct bl_dtype_info {
	const char *name;      /* as safetensors spells it */
	unsigned bits;         /* of one element; 4 and 6 occur, 0 for BL_OTHER */
	enum bl_scalar scalar; /* of one lane */
	unsigned lanes;        /* scalars in an element: 2 for complex, else 1 */
};

/* Never NULL; d must be below BL_DTYPES. */
const struct bl_dtype_info *bl_dtype(enum bl_dtype d);

/* Finds a type by its safetensors name; false when there is none (BL_C128, BL_OTHER have none). */
bool bl_dtype_find(const char *name, size_t len, enum bl_dtype *d);

/* Floating or complex, of 16 bits or more: its values are averaged unless told otherwise. */
bool bl_dtype_averages(enum bl_dtype d);

/* Floating, of 8 bits: averaged only on request. F8_E8M0, which holds scales, is none of these. */
bool bl_dtype_is_f8(enum bl_dtype d);

/* The type in which the average of a tensor of type d is stored where `as` (a floating type) is
 * asked for: that, or for complex ones the complex of it; d itself where there is none. */
enum bl_dtype bl_dtype_as(enum bl_dtype d, enum bl_dtype as);

/* Bytes of one scalar: 1, 2, 4, 8; 0 for BL_SCALAR_NONE. */
size_t bl_scalar_size(enum bl_scalar s);

#endif
