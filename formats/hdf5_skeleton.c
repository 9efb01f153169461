/*
 * hdf5_skeleton.c - a new HDF5 file that lacks nothing but numbers.
 *
 * First come all objects and their links, and what the template lacks; then attributes and values,
 * when it is known where every reference leads. Some of these go into heaps, which the driver takes
 * for raw data: from then on no dataset is made.
 */
#include "hdf5_skeleton.h"

#include "hdf5_building.h"
#include "hdf5_walk.h"

#include <stdlib.h>
#include <string.h>

/* ---- what objects hold ---- */

/* Which attributes an object of this pair keeps. */
struct keeping {
	bool root;    /* the provenance of another average goes */
	bool bfloat16; /* and so does the word that two opaque bytes are one */
};

static bool wanted(const char *name, void *data)
{
	const struct keeping *k = data;

	return !(k->root && strcmp(name, "belay") == 0) &&
		!(k->bfloat16 && strcmp(name, "dtype") == 0);
}

static bool is_opaque(hid_t dataset)
{
	hid_t type = H5Dget_type(dataset);
	const bool opaque = type >= 0 && H5Tget_class(type) == H5T_OPAQUE;

	bl_h5_drop(type);
	return opaque;
}

static int fill_dataset(struct bl_h5_building *b, const struct bl_h5_pair *p, hid_t from, hid_t to)
{
	if (p->wish->fate == BL_H5_THROUGH)
		return bl_h5_values_copy(&b->copying, from, to, b->err);
	if (p->wish->dtype == BL_BF16 && b->wishes->keras)
		return bl_h5_attribute_put(to, "dtype", "bfloat16", b->err);
	return 0;
}

static int fill_object(struct bl_h5_building *b, const struct bl_h5_pair *p, bool root)
{
	hid_t from = H5Oopen_by_addr(b->copying.from, p->from);
	hid_t to = H5Oopen_by_addr(b->copying.to, p->to);
	struct keeping k = {.root = root};
	int rc = -1;

	if (from < 0 || to < 0)
		bl_h5_build_fail(b, "the HDF5 library cannot open an object again");
	else {
		k.bfloat16 = p->wish && p->wish->dtype < BL_DTYPES && is_opaque(from);
		rc = bl_h5_attributes_copy(&b->copying, from, to, wanted, &k, b->err);
		if (rc == 0 && p->wish)
			rc = fill_dataset(b, p, from, to);
	}
	bl_h5_drop(from);
	bl_h5_drop(to);
	return rc;
}

/* ---- what the template lacks ---- */

static int make_new(struct bl_h5_building *b, const struct bl_h5_wish *wish, hid_t links)
{
	hsize_t dim[BL_H5_RANK] = {0};
	struct bl_h5_stuff s = {.type = bl_h5_type_make(wish->dtype, false)};
	hid_t made;

	for (unsigned i = 0; i < wish->rank; i++)
		dim[i] = wish->dim[i];
	s.space = wish->rank ? H5Screate_simple((int)wish->rank, dim, NULL)
	                     : H5Screate(H5S_SCALAR);
	s.list = H5Pcreate(H5P_DATASET_CREATE);
	if (s.list >= 0)
		H5Pset_obj_track_times(s.list, false);
	made = bl_h5_dataset_make(b, &s, wish, links);
	bl_h5_stuff_drop(&s);
	bl_h5_drop(made);
	return made < 0 ? bl_prefix(b->err, "%s", wish->name) : 0;
}

/* Datasets by their names, and the groups on the way. */
static int make_all_new(struct bl_h5_building *b)
{
	hid_t links[2] = {bl_h5_naming(H5P_LINK_CREATE, false),
		bl_h5_naming(H5P_LINK_CREATE, true)};
	int rc = 0;

	for (unsigned i = 0; i < 2; i++)
		if (H5Pset_create_intermediate_group(links[i], 1) < 0)
			rc = bl_h5_build_fail(b, "the HDF5 library makes no groups");
	for (size_t i = 0; rc == 0 && i < b->wishes->n; i++) {
		const struct bl_h5_wish *wish = &b->wishes->wish[i];

		if (wish->header == BL_H5_NOWHERE && wish->fate != BL_H5_LEAVE_OUT)
			rc = make_new(b, wish, links[bl_h5_beyond_ascii(wish->name)]);
	}
	bl_h5_drop(links[0]);
	bl_h5_drop(links[1]);
	return rc;
}

static int make_attributes(struct bl_h5_building *b)
{
	hid_t root = H5Gopen2(b->copying.to, "/", H5P_DEFAULT);
	int rc = root < 0 ? bl_h5_build_fail(b, "the HDF5 library cannot open the root") : 0;

	for (size_t i = 0; rc == 0 && i < b->wishes->attributes; i++) {
		const struct bl_meta *m = &b->wishes->attribute[i];

		if (strcmp(m->key, "belay") != 0 &&
			bl_h5_attribute_put(root, m->key, m->value, b->err) != 0)
			rc = bl_prefix(b->err, "attribute %s", m->key);
	}
	bl_h5_drop(root);
	return rc;
}

/* ---- the file ---- */

static int read_wishes(struct bl_h5_building *b)
{
	for (size_t i = 0; i < b->wishes->n; i++) {
		uint64_t *slot;

		if (b->wishes->wish[i].header == BL_H5_NOWHERE)
			continue;
		slot = bl_h5_map_slot(&b->wished, b->wishes->wish[i].header, b->err);
		if (!slot)
			return -1;
		*slot = i + 1;
	}
	return 0;
}

/* The properties of the template's file and of its root. Negative on failure. */
static hid_t file_properties(hid_t from)
{
	hid_t list = H5Fget_create_plist(from), root = H5Gopen2(from, "/", H5P_DEFAULT);
	const bool done = root >= 0 && bl_h5_group_like(root, list);

	bl_h5_drop(root);
	if (done)
		return list;
	bl_h5_drop(list);
	return -1;
}

static int begin(struct bl_h5_building *b, struct bl_h5_window *from)
{
	hid_t list = H5P_DEFAULT;
	H5F_info2_t info;

	memset(&info, 0, sizeof info);
	b->naming[0] = bl_h5_naming(H5P_LINK_CREATE, false);
	b->naming[1] = bl_h5_naming(H5P_LINK_CREATE, true);
	if (from) {
		b->copying.from = bl_h5_attach(from, false, BL_INPUT, b->err);
		if (b->copying.from < 0)
			return -1;
		list = file_properties(b->copying.from);
		if (list < 0 || H5Fget_info2(b->copying.from, &info) < 0)
			return bl_h5_build_fail(b, "the HDF5 library cannot describe the file");
	}
	b->copying.to = bl_h5_begin(b->window, list, info.super.version, b->err);
	if (from)
		bl_h5_drop(list);
	return b->copying.to < 0 ? -1 : read_wishes(b);
}

static int build(struct bl_h5_building *b)
{
	if ((b->copying.from >= 0 && bl_h5_tree_make(b) != 0) || make_all_new(b) != 0)
		return -1;
	for (size_t i = 0; i < b->pairs; i++) { /* named types may be added on the way */
		const struct bl_h5_pair p = b->pair[i];

		if (fill_object(b, &p, i == 0) != 0)
			return -1;
	}
	return make_attributes(b);
}

static void end(struct bl_h5_building *b)
{
	bl_h5_tree_end(b);
	free(b->pair);
	bl_h5_map_free(&b->wished);
	bl_h5_map_free(&b->copying.made);
	bl_h5_drop(b->naming[0]);
	bl_h5_drop(b->naming[1]);
	bl_h5_drop(b->copying.from);
	bl_h5_drop(b->copying.to);
}

int bl_h5_skeleton(struct bl_h5_window *to, struct bl_h5_window *from,
	struct bl_h5_wishes *wishes, struct bl_h5_losses *lost, struct bl_err *err)
{
	struct bl_h5_building b = {.window = to, .wishes = wishes, .err = err,
		.naming = {-1, -1}};
	int rc;

	b.copying.from = b.copying.to = -1;
	b.copying.type = bl_h5_type_for;
	b.copying.data = &b;
	bl_h5_tame(to->plugins);
	rc = begin(&b, from);
	if (rc == 0)
		rc = build(&b);
	/* The library makes whatever can be made: what it refuses is the template's fault. */
	if (rc != 0 && from && err->code == BL_OUTPUT)
		err->code = BL_INPUT;
	lost->references = b.copying.lost;
	lost->links = b.lost_links;
	lost->names = b.lost_names;
	if (rc == 0) {
		hid_t file = b.copying.to;

		b.copying.to = -1;
		if (H5Fclose(file) < 0)
			rc = bl_h5_build_fail(&b, "the HDF5 library cannot close the file");
	}
	end(&b);
	return rc;
}
