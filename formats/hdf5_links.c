/* hdf5_links.c - the links of a group, and the addresses that were reached by links. */
#include "hdf5_links.h"

#include <stdlib.h>
#include <string.h>

#define NAMES ((size_t)64 << 20) /* bytes of one group's link names, at most */

void *bl_h5_room_for(void *array, size_t *room, size_t n, size_t size, struct bl_err *err)
{
	size_t more = *room ? *room : 16;
	void *bigger;

	while (more < n)
		more *= 2;
	if (array && more == *room)
		return array;
	bigger = realloc(array, more * size);
	if (!bigger)
		bl_fail_memory(err, more * size, "the walk through a file");
	else
		*room = more;
	return bigger;
}

/* What a callback of the library needs. */
struct reading {
	struct bl_h5_links *links;
	struct bl_err *err;
};

static herr_t on_link(hid_t group, const char *name, const H5L_info_t *info, void *data)
{
	const struct reading *r = data;
	struct bl_h5_links *l = r->links;
	const size_t len = strlen(name) + 1;
	const bool known = info->type == H5L_TYPE_HARD || info->type == H5L_TYPE_SOFT ||
		info->type == H5L_TYPE_EXTERNAL;
	struct bl_h5_link *link;
	void *p;

	(void)group;
	if (len > NAMES - l->text_used)
		return bl_fail(r->err, BL_INPUT, "a group's names take over %zu bytes", NAMES);
	p = bl_h5_room_for(l->text, &l->text_room, l->text_used + len, 1, r->err);
	if (!p)
		return -1;
	l->text = p;
	p = bl_h5_room_for(l->link, &l->room, l->n + 1, sizeof *l->link, r->err);
	if (!p)
		return -1;
	l->link = p;
	link = &l->link[l->n++];
	link->address = info->type == H5L_TYPE_HARD ? info->u.address : info->u.val_size;
	link->name = (uint32_t)l->text_used;
	link->kind = (uint8_t)(known ? info->type : H5L_TYPE_UD_MIN);
	link->utf8 = info->cset == H5T_CSET_UTF8;
	memcpy(l->text + l->text_used, name, len);
	l->text_used += len;
	return 0;
}

int bl_h5_links_read(hid_t group, bool by_creation, struct bl_h5_links *links, struct bl_err *err)
{
	struct reading r = {links, err};
	hsize_t at = 0;

	memset(links, 0, sizeof *links);
	err->text[0] = '\0';
	if (H5Literate(group, by_creation ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME, H5_ITER_INC, &at,
		    on_link, &r) >= 0)
		return 0;
	return err->text[0] ? -1 : bl_h5_fail(err, BL_INPUT, "its members cannot be read");
}

void bl_h5_links_free(struct bl_h5_links *links)
{
	free(links->link);
	free(links->text);
	memset(links, 0, sizeof *links);
}

/* Where an address is, or would be. */
static size_t map_at(const struct bl_h5_map *m, uint64_t address)
{
	const uint64_t key = address + 1;
	size_t at = (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (m->room - 1);

	while (m->slot[2 * at] && m->slot[2 * at] != key)
		at = (at + 1) & (m->room - 1);
	return 2 * at;
}

static int map_grow(struct bl_h5_map *m, struct bl_err *err)
{
	struct bl_h5_map bigger = {NULL, m->used, m->room ? 2 * m->room : 64};

	bigger.slot = calloc(bigger.room, 2 * sizeof *bigger.slot);
	if (!bigger.slot)
		return bl_fail_memory(err, bigger.room * sizeof *bigger.slot, "a set of addresses");
	for (size_t i = 0; i < 2 * m->room; i += 2)
		if (m->slot[i])
			memcpy(bigger.slot + map_at(&bigger, m->slot[i] - 1), m->slot + i,
				2 * sizeof *m->slot);
	free(m->slot);
	*m = bigger;
	return 0;
}

uint64_t *bl_h5_map_slot(struct bl_h5_map *map, uint64_t address, struct bl_err *err)
{
	size_t at;

	if (2 * (map->used + 1) > map->room && map_grow(map, err) != 0)
		return NULL;
	at = map_at(map, address);
	if (!map->slot[at]) {
		map->slot[at] = address + 1;
		map->used++;
	}
	return &map->slot[at + 1];
}

uint64_t bl_h5_map_get(const struct bl_h5_map *map, uint64_t address)
{
	size_t at;

	if (map->room == 0)
		return 0;
	at = map_at(map, address);
	return map->slot[at] ? map->slot[at + 1] : 0;
}

void bl_h5_map_free(struct bl_h5_map *map)
{
	free(map->slot);
	memset(map, 0, sizeof *map);
}
