/* hdf5_places.c - encoded chunks that wait for their places. */
#include "hdf5_places.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define WAITING ((size_t)128 << 10) /* bytes of chunks that wait, at most */
#define LARGE (WAITING / 2)         /* of a chunk that is worth a question of its own */

struct bl_h5_places {
	struct bl_h5_scribe *scribe;
	struct bl_output *out;
	uint64_t base, first;
	struct bl_h5_place place[BL_H5_BATCH];
	size_t n, used;
	unsigned char bytes[WAITING]; /* of the chunks, one behind the other */
};

size_t bl_h5_places_size(void)
{
	return sizeof(struct bl_h5_places);
}

int bl_h5_place_check(uint64_t first, uint64_t address, uint64_t bytes, struct bl_err *err)
{
	uint64_t end;

	if (address < first || __builtin_add_overflow(address, bytes, &end) || end > INT64_MAX)
		return bl_fail(err, BL_OUTPUT, "the HDF5 library puts it at %" PRIu64, address);
	return 0;
}

int bl_h5_places_new(struct bl_h5_places **places, struct bl_h5_scribe *scribe,
	struct bl_output *out, uint64_t base, uint64_t first, struct bl_err *err)
{
	struct bl_h5_places *p = malloc(sizeof *p);

	if (!p)
		return bl_fail_memory(err, sizeof *p, "an output");
	p->scribe = scribe;
	p->out = out;
	p->base = base;
	p->first = first;
	p->n = p->used = 0;
	*places = p;
	return 0;
}

void bl_h5_places_free(struct bl_h5_places *p)
{
	free(p);
}

static int ask(struct bl_h5_places *p, struct bl_h5_place *place, size_t n, struct bl_err *err)
{
	if (bl_h5_scribe_place(p->scribe, place, n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (bl_h5_place_check(p->first, place[i].address, place[i].size, err) != 0)
			return -1;
	return 0;
}

int bl_h5_places_flush(struct bl_h5_places *p, struct bl_err *err)
{
	const size_t n = p->n;
	const unsigned char *at = p->bytes;

	p->n = p->used = 0;
	if (n == 0)
		return 0;
	if (ask(p, p->place, n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (bl_output_write(p->out, p->base + p->place[i].address, at,
			    (size_t)p->place[i].size, err) != 0)
			return -1;
		at += p->place[i].size;
	}
	return 0;
}

int bl_h5_places_add(struct bl_h5_places *p, const struct bl_h5_place *place,
	const unsigned char *bytes, uint64_t *offset, struct bl_err *err)
{
	struct bl_h5_place alone = *place;

	*offset = 0;
	if (place->size > LARGE) {
		if (bl_h5_places_flush(p, err) != 0 || ask(p, &alone, 1, err) != 0)
			return -1;
		*offset = p->base + alone.address;
		return 0;
	}
	if (place->size > sizeof p->bytes - p->used && bl_h5_places_flush(p, err) != 0)
		return -1;
	p->place[p->n++] = *place;
	memcpy(p->bytes + p->used, bytes, (size_t)place->size);
	p->used += (size_t)place->size;
	return p->n == BL_H5_BATCH ? bl_h5_places_flush(p, err) : 0;
}
