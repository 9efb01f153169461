/* made_h5.c - HDF5 files made by libhdf5 itself, and what it reads from them. */
#include "made_h5.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define FULL (MADE_SHUFFLE | MADE_DEFLATE | MADE_FLETCHER)

const struct made made_all[] = {
	{"plain", "f4", 2, {7, 5}, {0}, 0, 0, 0},
	{"scalar", "f4", 0, {0}, {0}, 0, 0, 0},
	{"empty", "f4", 2, {0, 3}, {0}, 0, 0, 0},
	{"half", "f2", 2, {7, 5}, {0}, 0, 0, 0},
	{"brain", "bf16", 1, {11}, {0}, 0, 0, 0},
	{"double", "f8", 3, {3, 2, 4}, {0}, 0, 0, 0},
	{"complex", "c8", 1, {9}, {0}, 0, 0, 0},
	{"complex2", "c16", 1, {9}, {3}, FULL, 0, 0},
	{"big/half", ">f2", 2, {7, 5}, {2, 2}, FULL, 0, 0},
	{"big/float", ">f4", 1, {40001}, {0}, 0, 0, 0},
	{"big/double", ">f8", 2, {7, 5}, {3, 2}, 0, 0, 0},
	{"big/complex", ">c8", 1, {9}, {4}, MADE_DEFLATE, 0, 0},
	{"big/fill", ">f4", 1, {9}, {4}, MADE_PARTLY, 0, 1.5},
	{"int", "i4", 1, {9}, {0}, 0, 0, 0},
	{"chunks/plain", "f4", 2, {10, 10}, {3, 3}, 0, 0, 0},
	{"chunks/exact", "f4", 2, {6, 6}, {3, 6}, 0, 0, 0},
	{"chunks/larger", "f4", 1, {4}, {64}, MADE_DEFLATE, 1, 0},
	{"chunks/cube", "f4", 3, {5, 6, 7}, {2, 3, 4}, FULL, 0, 0},
	{"chunks/four", "f4", 4, {3, 4, 5, 6}, {2, 4, 2, 6}, FULL, 0, 0},
	{"chunks/shuffle", "f8", 2, {50, 20}, {7, 6}, MADE_SHUFFLE, 0, 0},
	{"chunks/deflate", "f4", 2, {50, 20}, {7, 6}, MADE_DEFLATE, 0, 0},
	{"chunks/checked", "f4", 2, {50, 20}, {7, 6}, MADE_FLETCHER, 0, 0},
	{"chunks/full", "f4", 2, {50, 20}, {50, 20}, FULL, 0, 0},
	{"chunks/zeros", "f4", 1, {262144}, {262144}, FULL | MADE_ZEROS, 0, 0},
	{"chunks/implicit", "f4", 2, {10, 10}, {3, 3}, MADE_EARLY, 0, 0},
	{"chunks/extensible", "f4", 2, {10, 10}, {3, 3}, FULL, 1, 0},
	{"chunks/btree", "f4", 2, {10, 10}, {3, 3}, MADE_DEFLATE, 3, 0},
	{"chunks/none", "f4", 1, {100}, {30}, MADE_DEFLATE | MADE_UNWRITTEN, 0, 3},
	{"chunks/some", "f4", 1, {100}, {30}, MADE_PARTLY, 0, 3},
	{"chunks/somefull", "f4", 2, {10, 10}, {3, 3}, FULL | MADE_PARTLY, 3, 0},
	{"chunks/edges", "f4", 2, {10, 10}, {4, 4}, FULL | MADE_RAW_EDGES, 0, 2},
	{"unwritten", "f4", 1, {100}, {0}, MADE_UNWRITTEN, 0, 7},
	{"unwritten0", ">f8", 1, {5}, {0}, MADE_UNWRITTEN, 0, 0},
	{"compact", "f4", 2, {3, 4}, {0}, MADE_COMPACT, 0, 0},
	{"compact2", ">f2", 1, {5}, {0}, MADE_COMPACT, 0, 0},
	{"", "", 0, {0}, {0}, 0, 0, 0},
};

static hid_t sound(hid_t id)
{
	ck_assert_msg(id >= 0, "libhdf5 refuses what the test needs");
	return id;
}

static hid_t float_type(const char *name, bool big)
{
	hid_t type;

	if (strcmp(name, "f8") == 0)
		return H5Tcopy(big ? H5T_IEEE_F64BE : H5T_IEEE_F64LE);
	type = H5Tcopy(big ? H5T_IEEE_F32BE : H5T_IEEE_F32LE);
	if (strcmp(name, "f4") == 0)
		return type;
	if (strcmp(name, "f2") == 0)
		H5Tset_fields(type, 15, 10, 5, 0, 10);
	else
		H5Tset_fields(type, 15, 7, 8, 0, 7);
	H5Tset_size(type, 2);
	H5Tset_ebias(type, strcmp(name, "f2") == 0 ? 15 : 127);
	return type;
}

hid_t made_type(const char *name, bool little)
{
	const bool big = name[0] == '>' && !little;

	name += name[0] == '>';
	if (name[0] == 'c') {
		hid_t part = float_type(strcmp(name, "c8") == 0 ? "f4" : "f8", big);
		const size_t size = H5Tget_size(part);
		hid_t type = H5Tcreate(H5T_COMPOUND, 2 * size);

		H5Tinsert(type, "r", 0, part);
		H5Tinsert(type, "i", size, part);
		H5Tclose(part);
		return sound(type);
	}
	if (name[0] == 'i')
		return sound(H5Tcopy(big ? H5T_STD_I32BE : H5T_STD_I32LE));
	return sound(float_type(name, big));
}

static hid_t plist_of(const struct made *m)
{
	hid_t plist = sound(H5Pcreate(H5P_DATASET_CREATE));

	H5Pset_obj_track_times(plist, (m->flags & MADE_TIMES) != 0);
	if (m->chunk[0])
		ck_assert_int_ge(H5Pset_chunk(plist, (int)m->rank, m->chunk), 0);
	if (m->flags & MADE_SHUFFLE)
		H5Pset_shuffle(plist);
	if (m->flags & MADE_DEFLATE)
		H5Pset_deflate(plist, 6);
	if (m->flags & MADE_FLETCHER)
		H5Pset_fletcher32(plist);
	if (m->flags & MADE_COMPACT)
		H5Pset_layout(plist, H5D_COMPACT);
	if (m->flags & MADE_EARLY)
		H5Pset_alloc_time(plist, H5D_ALLOC_TIME_EARLY);
	if (m->flags & MADE_RAW_EDGES)
		ck_assert_int_ge(
			H5Pset_chunk_opts(plist, H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS), 0);
	if (m->fill != 0)
		ck_assert_int_ge(H5Pset_fill_value(plist, H5T_NATIVE_DOUBLE, &m->fill), 0);
	return plist;
}

/* Values that differ from each other and are exact in every type. */
static double value(const struct made *m, size_t i)
{
	if (m->flags & MADE_ZEROS)
		return 0;
	return ((double)(i % 61) - 30) * 0.25 + (double)m->name[0] / 128;
}

static void write_values(hid_t dataset, const struct made *m)
{
	const bool is_complex = strchr(m->type, 'c') != NULL;
	size_t n = is_complex ? 2 : 1;
	hid_t memory = is_complex ? made_type("c16", true) : H5Tcopy(H5T_NATIVE_DOUBLE);
	double *values;

	for (unsigned i = 0; i < m->rank; i++)
		n *= m->dim[i];
	values = malloc((n + 1) * sizeof *values);
	for (size_t i = 0; i < n; i++)
		values[i] = value(m, i);
	if (m->flags & MADE_PARTLY) {
		const hsize_t first[4] = {0}, one = 1;
		hid_t space = H5Dget_space(dataset), single = H5Screate_simple(1, &one, NULL);

		H5Sselect_elements(space, H5S_SELECT_SET, 1, first);
		ck_assert_int_ge(H5Dwrite(dataset, memory, single, space, H5P_DEFAULT, values), 0);
		H5Sclose(single);
		H5Sclose(space);
	} else if (n > 0) {
		ck_assert_int_ge(H5Dwrite(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values),
			0);
	}
	H5Tclose(memory);
	free(values);
}

void made_dataset(hid_t file, const struct made *m)
{
	hsize_t most[4];
	hid_t type = made_type(m->type, false), links = H5Pcreate(H5P_LINK_CREATE);
	hid_t plist = plist_of(m), space, dataset;

	for (unsigned i = 0; i < m->rank; i++)
		most[i] = m->unlimited >> i & 1 ? H5S_UNLIMITED : m->dim[i];
	space = m->rank ? H5Screate_simple((int)m->rank, m->dim, most) : H5Screate(H5S_SCALAR);
	H5Pset_create_intermediate_group(links, 1);
	dataset = sound(H5Dcreate2(file, m->name, type, space, links, plist, H5P_DEFAULT));
	if (!(m->flags & MADE_UNWRITTEN))
		write_values(dataset, m);
	H5Dclose(dataset);
	H5Sclose(space);
	H5Pclose(plist);
	H5Pclose(links);
	H5Tclose(type);
}

hid_t made_open(const char *path, const struct made_file *how)
{
	hid_t access = H5Pcreate(H5P_FILE_ACCESS), create = H5Pcreate(H5P_FILE_CREATE), file;

	if (how->newest)
		H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110);
	if (how->user_block)
		H5Pset_userblock(create, how->user_block);
	if (how->paged || how->keep_free)
		H5Pset_file_space_strategy(create,
			how->paged ? H5F_FSPACE_STRATEGY_PAGE : H5F_FSPACE_STRATEGY_FSM_AGGR,
			how->keep_free, 1);
	H5Pset_obj_track_times(create, how->times);
	file = sound(H5Fcreate(path, H5F_ACC_TRUNC, create, access));
	H5Pclose(create);
	H5Pclose(access);
	return file;
}

void made_close(hid_t file)
{
	ck_assert_int_ge(H5Fclose(file), 0);
}

void made_write(const char *path, const struct made_file *how, const struct made *list)
{
	hid_t file = made_open(path, how);

	for (; list->name[0]; list++) {
		struct made m = *list;

		if ((m.flags & MADE_RAW_EDGES) && !how->newest)
			continue;
		if (how->times)
			m.flags |= MADE_TIMES;
		made_dataset(file, &m);
	}
	made_close(file);
}

/* The little-endian twin of a type of ours. */
static hid_t memory_type(hid_t type)
{
	hid_t twin = H5Tcopy(type);

	if (H5Tget_class(type) == H5T_COMPOUND) {
		H5Tclose(twin);
		twin = made_type(H5Tget_size(type) == 8 ? "c8" : "c16", true);
	} else if (H5Tget_class(type) == H5T_FLOAT || H5Tget_class(type) == H5T_INTEGER) {
		H5Tset_order(twin, H5T_ORDER_LE);
	}
	return twin;
}

unsigned char *made_values(const char *path, const char *name, size_t *bytes)
{
	hid_t file = sound(H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT));
	hid_t dataset = sound(H5Dopen2(file, name, H5P_DEFAULT));
	hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
	hid_t memory = memory_type(type);
	unsigned char *values;

	*bytes = (size_t)H5Sget_simple_extent_npoints(space) * H5Tget_size(memory);
	values = calloc(1, *bytes + 1);
	if (*bytes)
		ck_assert_msg(H5Dread(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0,
			"libhdf5 cannot read %s: %s", path, name);
	H5Tclose(memory);
	H5Sclose(space);
	H5Tclose(type);
	H5Dclose(dataset);
	H5Fclose(file);
	return values;
}

char *made_attribute(const char *path, const char *name)
{
	hid_t file = sound(H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT)), attribute, type;
	char *text = NULL;

	if (H5Aexists(file, name) > 0) {
		attribute = sound(H5Aopen(file, name, H5P_DEFAULT));
		type = H5Aget_type(attribute);
		ck_assert(H5Tis_variable_str(type) > 0);
		ck_assert_int_eq(H5Tget_cset(type), H5T_CSET_UTF8);
		ck_assert_int_ge(H5Aread(attribute, type, &text), 0);
		H5Tclose(type);
		H5Aclose(attribute);
	}
	H5Fclose(file);
	return text;
}
