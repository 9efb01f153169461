/*
 * hdf5_values.c - copies attributes and values that are no numbers from one open file to another.
 *
 * A reference to an object is the address of its header, and is made to lead to the new object.
 */
#include "hdf5_values.h"

#include <stdlib.h>
#include <string.h>

#define SLAB ((hsize_t)4 << 20) /* bytes of values copied at a time */

bool bl_h5_address(hid_t id, uint64_t *address)
{
	H5O_info_t info;

	memset(&info, 0, sizeof info);
	if (id < 0 || H5Oget_info2(id, &info, H5O_INFO_BASIC) < 0)
		return false;
	*address = info.addr;
	return true;
}

/* ---- references ---- */

static void point_objects(struct bl_h5_copying *c, unsigned char *at, size_t n)
{
	for (size_t i = 0; i < n; i++, at += sizeof(hobj_ref_t)) {
		hobj_ref_t address;
		uint64_t made;

		memcpy(&address, at, sizeof address);
		made = address == 0 || address == HADDR_UNDEF ? BL_H5_MADE
		                                              : bl_h5_map_get(&c->made, address);
		c->lost += made < BL_H5_MADE;
		address = made < BL_H5_MADE ? 0 : made - BL_H5_MADE;
		memcpy(at, &address, sizeof address);
	}
}

/* Makes one reference into a dataset lead into the new one. */
static bool point_region(const struct bl_h5_copying *c, hdset_reg_ref_t *region)
{
	hid_t object = H5Rdereference2(c->from, H5P_DEFAULT, H5R_DATASET_REGION, region);
	hid_t space = H5Rget_region(c->from, H5R_DATASET_REGION, region), to = -1;
	uint64_t address, made = 0;
	bool done;

	if (bl_h5_address(object, &address))
		made = bl_h5_map_get(&c->made, address);
	if (made > BL_H5_MADE)
		to = H5Oopen_by_addr(c->to, made - BL_H5_MADE);
	memset(region, 0, sizeof *region);
	done = to >= 0 && space >= 0 &&
		H5Rcreate(region, to, ".", H5R_DATASET_REGION, space) >= 0;
	bl_h5_drop(to);
	bl_h5_drop(space);
	bl_h5_drop(object);
	return done;
}

static void point_regions(struct bl_h5_copying *c, unsigned char *at, size_t n)
{
	static const hdset_reg_ref_t null;

	for (size_t i = 0; i < n; i++, at += sizeof null) {
		hdset_reg_ref_t region;

		memcpy(&region, at, sizeof region);
		if (memcmp(&region, &null, sizeof null) != 0 && !point_region(c, &region))
			c->lost++;
		memcpy(at, &region, sizeof region);
	}
}

static void point(struct bl_h5_copying *c, hid_t type, unsigned char *at, size_t n);

static void point_members(struct bl_h5_copying *c, hid_t type, unsigned char *at, size_t n)
{
	const size_t bytes = H5Tget_size(type);
	const int members = H5Tget_nmembers(type);

	for (unsigned m = 0; members > 0 && m < (unsigned)members; m++) {
		hid_t member = H5Tget_member_type(type, m);
		const size_t offset = H5Tget_member_offset(type, m);

		for (size_t i = 0; member >= 0 && i < n; i++)
			point(c, member, at + i * bytes + offset, 1);
		bl_h5_drop(member);
	}
}

/* Of a list or an array: each element is some of the type within. */
static void point_within(struct bl_h5_copying *c, hid_t type, unsigned char *at, size_t n)
{
	const size_t bytes = H5Tget_size(type);
	hid_t within = H5Tget_super(type);
	const size_t each = within < 0 ? 0 : H5Tget_size(within);

	for (size_t i = 0; each && i < n; i++, at += bytes) {
		hvl_t list;

		if (H5Tget_class(type) == H5T_ARRAY) {
			point(c, within, at, bytes / each);
			continue;
		}
		memcpy(&list, at, sizeof list);
		if (list.p)
			point(c, within, list.p, list.len);
	}
	bl_h5_drop(within);
}

/* Makes the references among n elements in memory lead to the new objects. */
static void point(struct bl_h5_copying *c, hid_t type, unsigned char *at, size_t n)
{
	switch ((int)H5Tget_class(type)) {
	case H5T_REFERENCE:
		if (H5Tequal(type, H5T_STD_REF_OBJ) > 0)
			point_objects(c, at, n);
		else if (H5Tequal(type, H5T_STD_REF_DSETREG) > 0)
			point_regions(c, at, n);
		break;
	case H5T_COMPOUND:
		point_members(c, type, at, n);
		break;
	case H5T_VLEN:
	case H5T_ARRAY:
		point_within(c, type, at, n);
		break;
	default:
		break;
	}
}

/* ---- what both have ---- */

static bool has_references(hid_t type)
{
	return H5Tdetect_class(type, H5T_REFERENCE) > 0;
}

/* Are there pointers in the memory of such elements? */
static bool has_pointers(hid_t type)
{
	return H5Tdetect_class(type, H5T_VLEN) > 0 || H5Tdetect_class(type, H5T_STRING) > 0;
}

/* Memory for elements; NULL with err set. */
static void *elements(hsize_t n, size_t bytes, struct bl_err *err)
{
	size_t size;
	void *room;

	if (__builtin_mul_overflow(n, bytes, &size) || size == SIZE_MAX) {
		bl_fail(err, BL_INPUT, "its values take over 2^64 bytes");
		return NULL;
	}
	room = calloc(1, size ? size : 1);
	if (!room)
		bl_fail_memory(err, size, "values");
	return room;
}

/* ---- attributes ---- */

/* What a callback of the library needs. */
struct attributes {
	struct bl_h5_copying *copying;
	hid_t to;
	bool (*wanted)(const char *name, void *data);
	void *data;
	struct bl_err *err;
};

/* Copies an attribute's value. */
static int move_value(struct bl_h5_copying *c, hid_t from, hid_t to, hid_t type, hid_t space,
	struct bl_err *err)
{
	const hssize_t n = H5Sget_simple_extent_npoints(space);
	void *values;
	int rc = -1;

	if (n <= 0)
		return 0;
	values = elements((hsize_t)n, H5Tget_size(type), err);
	if (!values)
		return -1;
	if (H5Aread(from, type, values) < 0) {
		bl_h5_fail(err, BL_INPUT, "the HDF5 library cannot read it");
	} else {
		if (has_references(type))
			point(c, type, values, (size_t)n);
		rc = H5Awrite(to, type, values) < 0
			? bl_h5_fail(err, BL_OUTPUT, "the HDF5 library cannot write it") : 0;
		if (has_pointers(type))
			H5Dvlen_reclaim(type, space, H5P_DEFAULT, values);
	}
	free(values);
	return rc;
}

static herr_t on_attribute(hid_t object, const char *name, const H5A_info_t *info, void *data)
{
	const struct attributes *a = data;
	hid_t from, type = -1, space = -1, list = -1, made = -1, to = -1;
	int rc = -1;

	(void)info;
	if (!a->wanted(name, a->data))
		return 0;
	from = H5Aopen(object, name, H5P_DEFAULT);
	if (from >= 0) {
		type = H5Aget_type(from);
		space = H5Aget_space(from);
		list = H5Aget_create_plist(from);
	}
	if (type >= 0)
		made = a->copying->type(a->copying->data, type);
	if (made >= 0 && space >= 0 && list >= 0)
		to = H5Acreate2(a->to, name, made, space, list, H5P_DEFAULT);
	if (to < 0)
		bl_h5_fail(a->err, BL_OUTPUT, "the HDF5 library cannot make it");
	else
		rc = move_value(a->copying, from, to, type, space, a->err);
	bl_h5_drop(to);
	bl_h5_drop(made);
	bl_h5_drop(list);
	bl_h5_drop(space);
	bl_h5_drop(type);
	bl_h5_drop(from);
	return rc == 0 ? 0 : bl_prefix(a->err, "attribute %s", name);
}

/* Does an object keep the order in which its attributes were made? */
static bool by_creation(hid_t object)
{
	const H5I_type_t kind = H5Iget_type(object);
	hid_t list = kind == H5I_GROUP ? H5Gget_create_plist(object)
		: kind == H5I_DATASET  ? H5Dget_create_plist(object)
				       : H5Tget_create_plist(object);
	unsigned flags = 0;

	if (list < 0 || H5Pget_attr_creation_order(list, &flags) < 0)
		flags = 0;
	bl_h5_drop(list);
	return flags & H5P_CRT_ORDER_TRACKED;
}

int bl_h5_attributes_copy(struct bl_h5_copying *c, hid_t from, hid_t to,
	bool (*wanted)(const char *name, void *data), void *data, struct bl_err *err)
{
	struct attributes a = {c, to, wanted, data, err};
	hsize_t at = 0;

	err->text[0] = '\0';
	if (H5Aiterate2(from, by_creation(from) ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME, H5_ITER_INC,
		    &at, on_attribute, &a) >= 0)
		return 0;
	return err->text[0] ? -1 : bl_h5_fail(err, BL_INPUT, "its attributes cannot be read");
}

/* ---- values of a dataset ---- */

/* A dataset on its way. */
struct values {
	struct bl_h5_copying *copying;
	hid_t from, to, type;
	hsize_t dim[BL_H5_RANK];
	int rank;
};

/* Copies what is selected in a dataspace of the dataset: n elements. */
static int move_some(const struct values *v, hid_t space, hsize_t n, struct bl_err *err)
{
	hid_t memory = H5Screate_simple(1, &n, NULL);
	void *values = elements(n, H5Tget_size(v->type), err);
	int rc = values ? 0 : -1;

	if (rc == 0 && (memory < 0 ||
			       H5Dread(v->from, v->type, memory, space, H5P_DEFAULT, values) < 0))
		rc = bl_h5_fail(err, BL_INPUT, "the HDF5 library cannot read its values");
	if (rc == 0) {
		if (has_references(v->type))
			point(v->copying, v->type, values, (size_t)n);
		if (H5Dwrite(v->to, v->type, memory, space, H5P_DEFAULT, values) < 0)
			rc = bl_h5_fail(err, BL_OUTPUT, "the HDF5 library cannot write its values");
		if (has_pointers(v->type))
			H5Dvlen_reclaim(v->type, memory, H5P_DEFAULT, values);
	}
	free(values);
	bl_h5_drop(memory);
	return rc;
}

/* Rows of the first axis that are copied at a time: whole rows of chunks. */
static hsize_t rows_at_once(const struct values *v, hsize_t row_bytes)
{
	hid_t list = H5Dget_create_plist(v->from);
	hsize_t chunk[BL_H5_RANK] = {1}, rows = row_bytes ? SLAB / row_bytes : SLAB;

	if (list < 0 || H5Pget_layout(list) != H5D_CHUNKED ||
		H5Pget_chunk(list, BL_H5_RANK, chunk) != v->rank)
		chunk[0] = 1;
	bl_h5_drop(list);
	rows -= rows % chunk[0];
	return rows ? rows : chunk[0];
}

static int move_all(struct values *v, hid_t space, struct bl_err *err)
{
	hsize_t first[BL_H5_RANK] = {0}, count[BL_H5_RANK], row = 1, step;

	v->rank = H5Sget_simple_extent_dims(space, v->dim, NULL);
	if (v->rank == 0)
		return move_some(v, space, 1, err);
	for (int i = 1; i < v->rank; i++)
		if (__builtin_mul_overflow(row, v->dim[i], &row))
			return bl_fail(err, BL_OUTPUT, "its values have no number");
	if (row == 0)
		return 0;
	memcpy(count, v->dim, sizeof count);
	step = rows_at_once(v, row > SLAB ? SLAB : row * H5Tget_size(v->type));
	for (; first[0] < v->dim[0]; first[0] += count[0]) {
		count[0] = v->dim[0] - first[0] < step ? v->dim[0] - first[0] : step;
		if (H5Sselect_hyperslab(space, H5S_SELECT_SET, first, NULL, count, NULL) < 0)
			return bl_h5_fail(err, BL_OUTPUT, "a part of it cannot be selected");
		if (move_some(v, space, count[0] * row, err) != 0)
			return -1;
	}
	return 0;
}

int bl_h5_values_copy(struct bl_h5_copying *c, hid_t from, hid_t to, struct bl_err *err)
{
	struct values v = {.copying = c, .from = from, .to = to, .type = H5Dget_type(from)};
	hid_t space = H5Dget_space(from);
	int rc = -1;

	if (v.type < 0 || space < 0 || H5Sget_simple_extent_ndims(space) > BL_H5_RANK)
		bl_h5_fail(err, BL_INPUT, "its values cannot be read");
	else if (H5Sget_simple_extent_npoints(space) == 0 || H5Dget_storage_size(from) == 0)
		rc = 0; /* nothing was ever written */
	else
		rc = move_all(&v, space, err);
	bl_h5_drop(space);
	bl_h5_drop(v.type);
	return rc;
}
