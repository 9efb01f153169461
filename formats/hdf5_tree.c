/*
 * hdf5_tree.c - the objects of a template and the links to them, in a new file.
 *
 * Depth first; each object is made when the first link to it is met, links in the order in which
 * they were made where the group keeps that.
 */
#include "hdf5_building.h"
#include "hdf5_through.h"
#include "hdf5_walk.h"

#include <stdlib.h>
#include <string.h>

int bl_h5_build_fail(const struct bl_h5_building *b, const char *what)
{
	return bl_h5_fail(b->err, BL_OUTPUT, what);
}

/* Notes that the object at an address of the template was made. */
static int note(struct bl_h5_building *b, uint64_t from, hid_t made, const struct bl_h5_wish *wish)
{
	uint64_t *slot = bl_h5_map_slot(&b->copying.made, from, b->err), to;
	struct bl_h5_pair *p;

	if (!slot)
		return -1;
	if (!bl_h5_address(made, &to))
		return bl_h5_build_fail(b, "the HDF5 library cannot make an object");
	*slot = to + BL_H5_MADE;
	p = bl_h5_room_for(b->pair, &b->pairs_room, b->pairs + 1, sizeof *p, b->err);
	if (!p)
		return -1;
	b->pair = p;
	b->pair[b->pairs++] = (struct bl_h5_pair){from, to, wish};
	return 0;
}

/* ---- objects ---- */

/* Makes a named type, which gets its links later, if it has any. */
static hid_t make_named(struct bl_h5_building *b, hid_t type, uint64_t address)
{
	hid_t made = H5Tcopy(type), list = H5Tget_create_plist(type);

	if (made >= 0 && list >= 0 && H5Tcommit_anon(b->copying.to, made, list, H5P_DEFAULT) >= 0 &&
		note(b, address, made, NULL) == 0) {
		bl_h5_drop(list);
		return made;
	}
	bl_h5_drop(list);
	bl_h5_drop(made);
	return -1;
}

hid_t bl_h5_type_for(void *data, hid_t type)
{
	struct bl_h5_building *b = data;
	uint64_t address, made;

	if (H5Tcommitted(type) <= 0 || !bl_h5_address(type, &address))
		return H5Tcopy(type);
	made = bl_h5_map_get(&b->copying.made, address);
	return made ? H5Oopen_by_addr(b->copying.to, made - BL_H5_MADE)
		    : make_named(b, type, address);
}

static hid_t make_group(hid_t to, hid_t group)
{
	hid_t list = H5Pcreate(H5P_GROUP_CREATE), made = -1;

	if (bl_h5_group_like(group, list))
		made = H5Gcreate_anon(to, list, H5P_DEFAULT);

	bl_h5_drop(list);
	return made;
}

/* Numbers have their place from the start; what is chunked or compact gets it later. */
static int make_room(const struct bl_h5_building *b, hid_t made, hid_t list, hid_t space)
{
	if (H5Pget_layout(list) != H5D_CONTIGUOUS || H5Sget_simple_extent_npoints(space) <= 0)
		return 0;
	return bl_h5_allocate(made, b->window, b->err);
}

/* A fill value with pointers in it is in a heap, which the driver takes for raw data: it must not
 * wait in the cache until these are not written. */
static int flush_fill(const struct bl_h5_building *b, hid_t list)
{
	H5D_fill_value_t kind;

	if (H5Pfill_value_defined(list, &kind) >= 0 && (kind != H5D_FILL_VALUE_USER_DEFINED ||
			H5Fflush(b->copying.to, H5F_SCOPE_LOCAL) >= 0))
		return 0;
	return bl_h5_build_fail(b, "the HDF5 library cannot write a fill value");
}

hid_t bl_h5_dataset_make(struct bl_h5_building *b, const struct bl_h5_stuff *s,
	const struct bl_h5_wish *wish, hid_t links)
{
	hid_t made = -1;

	if (s->type < 0 || s->space < 0 || s->list < 0) {
		bl_h5_build_fail(b, "the HDF5 library cannot describe it");
		return -1;
	}
	if (bl_h5_adapt(s, wish, b->wishes->compression, b->wishes->level, b->err) != 0 ||
		bl_h5_through_ready(s->list, b->err) != 0)
		return -1;
	/* The library may want to fill it. */
	b->window->record = wish->fate == BL_H5_NUMBERS;
	if (links >= 0)
		made = H5Dcreate2(b->copying.to, wish->name, s->type, s->space, links, s->list,
			H5P_DEFAULT);
	else
		made = H5Dcreate_anon(b->copying.to, s->type, s->space, s->list, H5P_DEFAULT);
	b->window->record = false;
	if (made < 0)
		bl_h5_build_fail(b, "the HDF5 library cannot make it");
	else if ((wish->fate == BL_H5_NUMBERS ? make_room(b, made, s->list, s->space)
			: flush_fill(b, s->list)) != 0) {
		bl_h5_drop(made);
		made = -1;
	}
	return made;
}

static hid_t make_dataset(struct bl_h5_building *b, hid_t dataset, const struct bl_h5_wish *wish)
{
	hid_t type = H5Dget_type(dataset), made = -1;
	struct bl_h5_stuff s = {-1, H5Dget_space(dataset), H5Dget_create_plist(dataset),
		wish->dtype < BL_DTYPES};

	if (bl_h5_refuse_elsewhere(s.list, b->err) == 0) {
		s.type = s.retyped ? bl_h5_type_make(wish->dtype, b->wishes->keras)
		                   : bl_h5_type_for(b, type);
		made = bl_h5_dataset_make(b, &s, wish, -1);
	}
	bl_h5_stuff_drop(&s);
	bl_h5_drop(type);
	return made;
}

/* ---- links ---- */

/* Begins with a group. Takes both identifiers over. */
static int push(struct bl_h5_building *b, hid_t from, hid_t to)
{
	struct bl_h5_making *g =
		bl_h5_room_for(b->group, &b->room, b->depth + 1, sizeof *g, b->err);
	hid_t list = H5Gget_create_plist(from);
	unsigned flags = 0;

	if (list < 0 || H5Pget_link_creation_order(list, &flags) < 0)
		flags = 0;
	bl_h5_drop(list);
	if (!g || b->depth == BL_H5_DEPTH) {
		bl_h5_drop(from);
		bl_h5_drop(to);
		return g ? bl_fail(b->err, BL_LIMIT, "over %d groups within each other",
				   BL_H5_DEPTH) : -1;
	}
	b->group = g;
	g += b->depth++;
	memset(g, 0, sizeof *g);
	g->from = from;
	g->to = to;
	return bl_h5_links_read(from, flags & H5P_CRT_ORDER_TRACKED, &g->links, b->err);
}

static void pop(struct bl_h5_building *b)
{
	struct bl_h5_making *g = &b->group[--b->depth];

	bl_h5_links_free(&g->links);
	bl_h5_drop(g->from);
	bl_h5_drop(g->to);
}

static int link_soft(const struct bl_h5_building *b, const struct bl_h5_making *g,
	const struct bl_h5_link *link, const char *name)
{
	const size_t size = (size_t)link->address;
	char *value = calloc(1, size + 1);
	int rc = 0;

	if (!value)
		return bl_fail_memory(b->err, size, "a link");
	if (H5Lget_val(g->from, name, value, size, H5P_DEFAULT) < 0 ||
		H5Lcreate_soft(value, g->to, name, b->naming[link->utf8], H5P_DEFAULT) < 0)
		rc = bl_h5_build_fail(b, "the HDF5 library cannot make the link");
	free(value);
	return rc;
}

/* Makes the object at an address of the template; *id stays negative where it is left out. *from is
 * the object there. */
static int make_object(struct bl_h5_building *b, uint64_t address, hid_t *from, hid_t *id)
{
	const uint64_t wished = bl_h5_map_get(&b->wished, address);
	const struct bl_h5_wish *wish = wished ? &b->wishes->wish[wished - 1] : NULL;
	uint64_t *slot;

	if (wish && wish->fate == BL_H5_LEAVE_OUT) {
		slot = bl_h5_map_slot(&b->copying.made, address, b->err);
		if (slot)
			*slot = BL_H5_LEFT_OUT;
		return slot ? 0 : -1;
	}
	*from = H5Oopen_by_addr(b->copying.from, address);
	switch ((int)H5Iget_type(*from)) {
	case H5I_GROUP:
		*id = make_group(b->copying.to, *from);
		break;
	case H5I_DATASET:
		if (!wish)
			return bl_fail(b->err, BL_OUTPUT, "was not there before");
		*id = make_dataset(b, *from, wish);
		return *id < 0 ? -1 : note(b, address, *id, wish);
	case H5I_DATATYPE:
		*id = make_named(b, *from, address);
		return *id < 0 ? bl_h5_build_fail(b, "the HDF5 library cannot make the type") : 0;
	default:
		return bl_h5_build_fail(b, "the HDF5 library cannot open it again");
	}
	return *id < 0 ? bl_h5_build_fail(b, "the HDF5 library cannot make the group")
	               : note(b, address, *id, NULL);
}

static int link_hard(struct bl_h5_building *b, const struct bl_h5_making *g,
	const struct bl_h5_link *link, const char *name)
{
	const uint64_t made = bl_h5_map_get(&b->copying.made, link->address);
	hid_t from = -1, id = -1;
	int rc = 0;

	if (made == BL_H5_LEFT_OUT) {
		b->lost_names++;
		return 0;
	}
	if (made)
		id = H5Oopen_by_addr(b->copying.to, made - BL_H5_MADE);
	else
		rc = make_object(b, link->address, &from, &id);
	if (rc == 0 && (id >= 0 || made) &&
		H5Olink(id, g->to, name, b->naming[link->utf8], H5P_DEFAULT) < 0)
		rc = bl_h5_build_fail(b, "the HDF5 library cannot make the link");
	if (rc == 0 && !made && id >= 0 && H5Iget_type(id) == H5I_GROUP)
		return push(b, from, id);
	bl_h5_drop(from);
	bl_h5_drop(id);
	return rc;
}

static int on_member(struct bl_h5_building *b, const struct bl_h5_making *g,
	const struct bl_h5_link *link)
{
	const char *name = g->links.text + link->name;
	int rc;

	if (link->kind != H5L_TYPE_HARD && link->kind != H5L_TYPE_SOFT) {
		b->lost_links++;
		return 0;
	}
	rc = link->kind == H5L_TYPE_HARD ? link_hard(b, g, link, name)
	                                 : link_soft(b, g, link, name);
	return rc == 0 ? 0 : bl_prefix(b->err, "%s", name);
}

int bl_h5_tree_make(struct bl_h5_building *b)
{
	hid_t from = H5Gopen2(b->copying.from, "/", H5P_DEFAULT);
	hid_t to = H5Gopen2(b->copying.to, "/", H5P_DEFAULT);
	uint64_t address;

	if (to < 0 || !bl_h5_address(from, &address)) {
		bl_h5_drop(from);
		bl_h5_drop(to);
		return bl_h5_build_fail(b, "the HDF5 library cannot open the root");
	}
	if (note(b, address, to, NULL) != 0 || push(b, from, to) != 0)
		return -1;
	while (b->depth) {
		struct bl_h5_making *g = &b->group[b->depth - 1], at = *g;

		if (g->next == g->links.n)
			pop(b);
		else if (on_member(b, &at, &g->links.link[g->next++]) != 0)
			return -1;
	}
	return 0;
}

void bl_h5_tree_end(struct bl_h5_building *b)
{
	while (b->depth)
		pop(b);
	free(b->group);
}
