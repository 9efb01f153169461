/* hdf5_attribute.c - attributes that are one string or one number, as text. */
#include "hdf5_walk.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIXED_MAX ((size_t)16 << 20) /* bytes of a fixed string that is still read */

/* The shortest decimal that reads back as v; as a float where single says so. */
static void shortest(char *buf, size_t cap, double v, bool single)
{
	for (int digits = 1; digits <= 17; digits++) {
		double back;

		snprintf(buf, cap, "%.*g", digits, v);
		back = strtod(buf, NULL);
		if (back == v || (single && (float)back == (float)v))
			return;
	}
}

static int read_failed(struct bl_err *err)
{
	return bl_h5_fail(err, BL_INPUT, "cannot be read");
}

static int number(hid_t attribute, hid_t type, char **text, size_t *len, struct bl_err *err)
{
	char buf[64];

	if (H5Tget_class(type) == H5T_FLOAT) {
		double v = 0;

		if (H5Aread(attribute, H5T_NATIVE_DOUBLE, &v) < 0)
			return read_failed(err);
		shortest(buf, sizeof buf, v, H5Tget_size(type) <= sizeof(float));
	} else if (H5Tget_sign(type) == H5T_SGN_NONE) {
		unsigned long long v = 0;

		if (H5Aread(attribute, H5T_NATIVE_ULLONG, &v) < 0)
			return read_failed(err);
		snprintf(buf, sizeof buf, "%llu", v);
	} else {
		long long v = 0;

		if (H5Aread(attribute, H5T_NATIVE_LLONG, &v) < 0)
			return read_failed(err);
		snprintf(buf, sizeof buf, "%lld", v);
	}
	*len = strlen(buf);
	*text = strdup(buf);
	return *text ? 0 : bl_fail_memory(err, *len + 1, "an attribute");
}

static int variable_string(hid_t attribute, hid_t type, hid_t space, char **text, size_t *len,
	struct bl_err *err)
{
	char *from_library = NULL;

	if (H5Aread(attribute, type, &from_library) < 0)
		return read_failed(err);
	*text = strdup(from_library ? from_library : "");
	*len = *text ? strlen(*text) : 0;
	H5Dvlen_reclaim(type, space, H5P_DEFAULT, &from_library);
	return *text ? 0 : bl_fail_memory(err, 1, "an attribute");
}

static int fixed_string(hid_t attribute, hid_t type, char **text, size_t *len, struct bl_err *err)
{
	const size_t size = H5Tget_size(type);

	if (size == 0 || size > FIXED_MAX)
		return 0;
	*text = calloc(1, size + 1);
	if (!*text)
		return bl_fail_memory(err, size + 1, "an attribute");
	if (H5Aread(attribute, type, *text) < 0)
		return read_failed(err);
	*len = strlen(*text);
	if (H5Tget_strpad(type) == H5T_STR_SPACEPAD)
		while (*len && (*text)[*len - 1] == ' ')
			--*len;
	return 0;
}

int bl_h5_attribute_text(hid_t attribute, char **text, size_t *len, struct bl_err *err)
{
	hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
	int rc = 0;

	*text = NULL;
	*len = 0;
	if (type < 0 || space < 0)
		rc = read_failed(err);
	else if (H5Sget_simple_extent_npoints(space) != 1)
		rc = 0;
	else if (H5Tget_class(type) == H5T_INTEGER || H5Tget_class(type) == H5T_FLOAT)
		rc = number(attribute, type, text, len, err);
	else if (H5Tget_class(type) != H5T_STRING)
		rc = 0;
	else if (H5Tis_variable_str(type) > 0)
		rc = variable_string(attribute, type, space, text, len, err);
	else
		rc = fixed_string(attribute, type, text, len, err);
	bl_h5_drop(space);
	bl_h5_drop(type);
	return rc;
}
