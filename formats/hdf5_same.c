/*
 * hdf5_same.c - files that differ in nothing but the values of their datasets.
 *
 * An index depends on all bytes of a file but those values, which the walk never reads. So where
 * these bytes are the same as in a file that was walked before, so is the index. Values that lie
 * over such bytes, as only in a damaged file, are taken for what they are in that one.
 */
#include "hdf5_state.h"

#include "hdf5_stretch.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK ((size_t)128 << 10) /* bytes read at a time */
#define LONG ((size_t)8 << 10)     /* values that are not worth reading */

/* Where the files are compared. */
struct pair {
	struct bl_file *file[2];
	uint64_t base[2];
	unsigned char *block[2];
	const struct bl_h5_stretch *list; /* values: of no account */
	size_t n;
};

/* Where a block that begins at first, before stretch i, ends: in front of long values. */
static uint64_t block_end(const struct pair *p, size_t i, uint64_t first, uint64_t size)
{
	const uint64_t end = size - first < BLOCK ? size : first + BLOCK;

	for (; i < p->n && p->list[i].first < end; i++)
		if (p->list[i].end - p->list[i].first >= LONG)
			return p->list[i].first;
	return end;
}

/* Compares bytes [first, end), with blanks for values; stretch i is the first one behind first. */
static bool same_block(const struct pair *p, size_t i, uint64_t first, uint64_t end)
{
	struct bl_err err = {0};

	for (size_t k = 0; k < 2; k++)
		if (bl_file_read(p->file[k], p->base[k] + first, p->block[k], (size_t)(end - first),
			&err) != 0)
			return false; /* whoever walks the file will say why */
	for (; i < p->n && p->list[i].first < end; i++) {
		const uint64_t to = p->list[i].end < end ? p->list[i].end : end;

		for (size_t k = 0; k < 2; k++)
			memset(p->block[k] + (p->list[i].first - first), 0,
				(size_t)(to - p->list[i].first));
	}
	return memcmp(p->block[0], p->block[1], (size_t)(end - first)) == 0;
}

static bool same_around(const struct pair *p, uint64_t size)
{
	uint64_t at = 0, end;
	size_t i = 0;

	while (at < size) {
		while (i < p->n && p->list[i].first <= at) {
			at = p->list[i].end > at ? p->list[i].end : at;
			i++;
		}
		if (at >= size)
			break;
		end = block_end(p, i, at, size);
		if (!same_block(p, i, at, end))
			return false;
		at = end;
		while (i < p->n && p->list[i].end <= at)
			i++;
	}
	return true;
}

bool bl_h5_same(const struct bl_h5_known *known, struct bl_file *file, uint64_t base, uint64_t size)
{
	struct pair p = {.file = {known->file, file}, .base = {known->base, base}};
	struct bl_h5_stretch *list = NULL;
	struct bl_err err = {0};
	bool same = false;

	if (!known->content || known->size != size || bl_file_unchanged(known->file, &err) != 0)
		return false;
	for (size_t i = 0; i < 2; i++)
		p.block[i] = malloc(BLOCK);
	if (p.block[0] && p.block[1] && bl_h5_stretches(&known->content->cat,
			known->content->object, NULL, &list, &p.n, &err) == 0) {
		p.list = list;
		same = same_around(&p, size);
	}
	free(list);
	free(p.block[0]);
	free(p.block[1]);
	return same;
}
