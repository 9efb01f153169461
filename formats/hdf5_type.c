/*
 * hdf5_type.c - HDF5 types to element types, and back.
 *
 * A floating type is told by all of its fields, not by its size: f16 and bf16 are both two bytes.
 */
#include "hdf5_walk.h"

#include <stdlib.h>
#include <string.h>

/* A floating type: its fields, from the lowest bit; all bits are used. */
struct float_form {
	enum bl_dtype dtype;
	size_t size, exponent_at, exponent_bits, fraction_bits, bias;
};

static const struct float_form form[] = {
	{BL_F8_E5M2, 1, 2, 5, 2, 15},   {BL_F8_E4M3, 1, 3, 4, 3, 7},
	{BL_F16, 2, 10, 5, 10, 15},     {BL_BF16, 2, 7, 8, 7, 127},
	{BL_F32, 4, 23, 8, 23, 127},    {BL_F64, 8, 52, 11, 52, 1023},
};

#define FORMS (sizeof form / sizeof form[0])

static enum bl_dtype float_dtype(hid_t type)
{
	const size_t size = H5Tget_size(type), bias = H5Tget_ebias(type);
	size_t sign = 0, exponent = 0, exponent_bits = 0, fraction = 0, fraction_bits = 0;

	if (H5Tget_fields(type, &sign, &exponent, &exponent_bits, &fraction, &fraction_bits) < 0)
		return BL_OTHER;
	if (H5Tget_norm(type) != H5T_NORM_IMPLIED || H5Tget_precision(type) != 8 * size)
		return BL_OTHER;
	for (size_t i = 0; i < FORMS; i++)
		if (size == form[i].size && sign == 8 * size - 1 && fraction == 0 &&
			exponent == form[i].exponent_at && exponent_bits == form[i].exponent_bits &&
			fraction_bits == form[i].fraction_bits && bias == form[i].bias)
			return form[i].dtype;
	return BL_OTHER;
}

static enum bl_dtype int_dtype(hid_t type)
{
	const size_t size = H5Tget_size(type);
	const bool is_signed = H5Tget_sign(type) == H5T_SGN_2;

	if (H5Tget_precision(type) != 8 * size || H5Tget_offset(type) != 0)
		return BL_OTHER;
	switch (size) {
	case 1:
		return is_signed ? BL_I8 : BL_U8;
	case 2:
		return is_signed ? BL_I16 : BL_U16;
	case 4:
		return is_signed ? BL_I32 : BL_U32;
	case 8:
		return is_signed ? BL_I64 : BL_U64;
	default:
		return BL_OTHER;
	}
}

/* A number: its dtype, and whether it is stored big-endian. */
static enum bl_dtype scalar_dtype(hid_t type, unsigned *swap)
{
	const H5T_class_t class = H5Tget_class(type);
	enum bl_dtype dtype = BL_OTHER;
	H5T_order_t order;

	*swap = 0;
	if (class != H5T_FLOAT && class != H5T_INTEGER)
		return BL_OTHER;
	dtype = class == H5T_FLOAT ? float_dtype(type) : int_dtype(type);
	order = H5Tget_order(type);
	if (order != H5T_ORDER_LE && order != H5T_ORDER_BE)
		return BL_OTHER;
	if (order == H5T_ORDER_BE && dtype != BL_OTHER && H5Tget_size(type) > 1)
		*swap = (unsigned)H5Tget_size(type);
	return dtype;
}

static bool member_is(hid_t type, unsigned i, const char *name)
{
	char *is = H5Tget_member_name(type, i);
	bool same = is && strcmp(is, name) == 0;

	H5free_memory(is);
	return same;
}

/* numpy's complex: two floats named r and i, one behind the other. */
static enum bl_dtype complex_dtype(hid_t type, unsigned *swap)
{
	enum bl_dtype part[2] = {BL_OTHER, BL_OTHER};
	unsigned part_swap[2] = {0, 0};

	if (H5Tget_nmembers(type) != 2 || !member_is(type, 0, "r") || !member_is(type, 1, "i"))
		return BL_OTHER;
	for (unsigned i = 0; i < 2; i++) {
		hid_t member = H5Tget_member_type(type, i);

		if (member >= 0)
			part[i] = scalar_dtype(member, &part_swap[i]);
		bl_h5_drop(member);
	}
	if (part[0] != part[1] || part_swap[0] != part_swap[1] ||
		H5Tget_member_offset(type, 0) != 0 ||
		2 * H5Tget_member_offset(type, 1) != H5Tget_size(type))
		return BL_OTHER;
	*swap = part_swap[0];
	if (part[0] == BL_F32 && H5Tget_size(type) == 8)
		return BL_C64;
	return part[0] == BL_F64 && H5Tget_size(type) == 16 ? BL_C128 : BL_OTHER;
}

/* h5py's bool: an enumeration FALSE 0, TRUE 1 over one byte. */
static enum bl_dtype enum_dtype(hid_t type)
{
	unsigned char off = 1, on = 0;

	if (H5Tget_size(type) != 1 || H5Tget_nmembers(type) != 2 ||
		H5Tenum_valueof(type, "FALSE", &off) < 0 || H5Tenum_valueof(type, "TRUE", &on) < 0)
		return BL_OTHER;
	return off == 0 && on == 1 ? BL_BOOL : BL_OTHER;
}

/* Keras stores bfloat16 as two opaque bytes and says so in an attribute; its older files have the
 * bytes alone. */
static int opaque_dtype(hid_t dataset, hid_t type, enum bl_dtype *dtype, struct bl_err *err)
{
	hid_t attribute;
	char *text = NULL;
	size_t len;
	int rc = 0;

	*dtype = BL_OTHER;
	if (H5Tget_size(type) != 2)
		return 0;
	if (H5Aexists(dataset, "dtype") <= 0) {
		*dtype = BL_H5_OPAQUE2;
		return 0;
	}
	attribute = H5Aopen(dataset, "dtype", H5P_DEFAULT);
	if (attribute < 0)
		rc = bl_h5_fail(err, BL_INPUT, "its attribute dtype cannot be read");
	else if (bl_h5_attribute_text(attribute, &text, &len, err) != 0)
		rc = bl_prefix(err, "attribute dtype");
	else if (text && strcmp(text, "bfloat16") == 0)
		*dtype = BL_BF16;
	free(text);
	bl_h5_drop(attribute);
	return rc;
}

int bl_h5_type(hid_t dataset, hid_t type, enum bl_dtype *dtype, uint64_t *element, unsigned *swap,
	struct bl_err *err)
{
	const H5T_class_t class = H5Tget_class(type);

	*swap = 0;
	*dtype = BL_OTHER;
	*element = H5Tget_size(type);
	if (*element == 0)
		return bl_h5_fail(err, BL_INPUT, "its type cannot be read");
	if (class == H5T_OPAQUE)
		return opaque_dtype(dataset, type, dtype, err);
	if (class == H5T_COMPOUND)
		*dtype = complex_dtype(type, swap);
	else if (class == H5T_ENUM)
		*dtype = enum_dtype(type);
	else
		*dtype = scalar_dtype(type, swap);
	return 0;
}

/* ---- and back ---- */

static hid_t make_float(const struct float_form *f)
{
	hid_t type = H5Tcopy(H5T_IEEE_F64LE);

	if (type < 0)
		return -1;
	if (H5Tset_fields(type, 8 * f->size - 1, f->exponent_at, f->exponent_bits, 0,
		    f->fraction_bits) >= 0 &&
		H5Tset_size(type, f->size) >= 0 && H5Tset_ebias(type, f->bias) >= 0)
		return type;
	bl_h5_drop(type);
	return -1;
}

static hid_t make_complex(enum bl_dtype part)
{
	hid_t member = bl_h5_type_make(part, false), type = -1;
	const size_t size = member < 0 ? 0 : H5Tget_size(member);

	if (member >= 0)
		type = H5Tcreate(H5T_COMPOUND, 2 * size);
	if (type >= 0 &&
		(H5Tinsert(type, "r", 0, member) < 0 || H5Tinsert(type, "i", size, member) < 0)) {
		bl_h5_drop(type);
		type = -1;
	}
	bl_h5_drop(member);
	return type;
}

static hid_t make_bool(void)
{
	const signed char off = 0, on = 1;
	hid_t type = H5Tenum_create(H5T_STD_I8LE);

	if (type >= 0 && (H5Tenum_insert(type, "FALSE", &off) < 0 ||
				 H5Tenum_insert(type, "TRUE", &on) < 0)) {
		bl_h5_drop(type);
		type = -1;
	}
	return type;
}

hid_t bl_h5_type_make(enum bl_dtype dtype, bool opaque)
{
	const struct {
		enum bl_dtype dtype;
		hid_t type;
	} whole[] = {
		{BL_U8, H5T_STD_U8LE},   {BL_I8, H5T_STD_I8LE},   {BL_I16, H5T_STD_I16LE},
		{BL_U16, H5T_STD_U16LE}, {BL_I32, H5T_STD_I32LE}, {BL_U32, H5T_STD_U32LE},
		{BL_I64, H5T_STD_I64LE}, {BL_U64, H5T_STD_U64LE},
	};

	if (dtype == BL_BF16 && opaque)
		return H5Tcreate(H5T_OPAQUE, 2);
	if (dtype == BL_BOOL)
		return make_bool();
	if (dtype == BL_C64 || dtype == BL_C128)
		return make_complex(dtype == BL_C64 ? BL_F32 : BL_F64);
	for (size_t i = 0; i < FORMS; i++)
		if (form[i].dtype == dtype)
			return make_float(&form[i]);
	for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++)
		if (whole[i].dtype == dtype)
			return H5Tcopy(whole[i].type);
	return -1;
}
