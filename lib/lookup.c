/* lookup.c - tables from names to numbers. */
#include "lookup.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

/* ---- the hash ---- */

static uint64_t rotate(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

/* n <= 8 bytes as a little-endian number. */
static uint64_t word(const char *text, size_t n)
{
	uint64_t w = 0;

	for (size_t i = 0; i < n; i++)
		w |= (uint64_t)(unsigned char)text[i] << 8 * i;
	return w;
}

static void mix(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] = rotate(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] = rotate(v[2], 32);
}

static void take(uint64_t v[4], uint64_t w)
{
	v[3] ^= w;
	mix(v);
	v[0] ^= w;
}

uint64_t bl_hash(const uint64_t key[2], const char *text, size_t n)
{
	/* "somepseudorandomlygeneratedbytes" */
	uint64_t v[4] = {
		key[0] ^ 0x736f6d6570736575, key[1] ^ 0x646f72616e646f6d,
		key[0] ^ 0x6c7967656e657261, key[1] ^ 0x7465646279746573,
	};
	size_t i = 0;

	for (; n - i >= 8; i += 8)
		take(v, word(text + i, 8));
	take(v, word(text + i, n - i) | (uint64_t)n << 56);
	v[2] ^= 0xff;
	for (int round = 0; round < 3; round++)
		mix(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* A key that nobody can foretell, or where the kernel has none to give, one that is hard to. */
static void make_key(uint64_t key[2])
{
	struct timespec now;

	if (getrandom(key, 2 * sizeof *key, GRND_NONBLOCK) == 2 * sizeof *key)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	key[0] = (uint64_t)now.tv_nsec << 32 ^ (uint64_t)now.tv_sec;
	key[1] = (uint64_t)(uintptr_t)key;
}

/* ---- the table ---- */

/* The place of a name, or the empty one where it would be. */
static struct bl_lookup_place *place_of(const struct bl_lookup *l, const char *name)
{
	const size_t last = l->size - 1;
	size_t at = bl_hash(l->key, name, strlen(name)) & last;

	while (l->place[at].name && strcmp(l->place[at].name, name) != 0)
		at = (at + 1) & last;
	return &l->place[at];
}

/* Whether so many names fill no more than three quarters of the places. */
static bool fits(size_t size, size_t count)
{
	return count <= size / 4 * 3;
}

int bl_lookup_reserve(struct bl_lookup *l, size_t count, struct bl_err *err)
{
	struct bl_lookup more = *l;

	if (fits(l->size, count))
		return 0;
	for (more.size = 16; more.size < SIZE_MAX / 2 && !fits(more.size, count);)
		more.size *= 2;
	more.place = calloc(more.size, sizeof *more.place);
	if (!more.place)
		return bl_fail_memory(err, more.size * sizeof *more.place, "a table of names");
	if (!l->size)
		make_key(more.key);
	for (size_t i = 0; i < l->size; i++)
		if (l->place[i].name)
			*place_of(&more, l->place[i].name) = l->place[i];
	free(l->place);
	*l = more;
	return 0;
}

int bl_lookup_add(struct bl_lookup *l, const char *name, size_t *number, struct bl_err *err)
{
	struct bl_lookup_place *place;

	if (bl_lookup_reserve(l, l->count + 1, err) != 0)
		return -1;
	place = place_of(l, name);
	if (!place->name) {
		*place = (struct bl_lookup_place){name, *number};
		l->count++;
	}
	*number = place->number;
	return 0;
}

size_t bl_lookup_find(const struct bl_lookup *l, const char *name)
{
	const struct bl_lookup_place *place = l->size ? place_of(l, name) : NULL;

	return place && place->name ? place->number : BL_NOWHERE;
}

void bl_lookup_free(struct bl_lookup *l)
{
	free(l->place);
	memset(l, 0, sizeof *l);
}
