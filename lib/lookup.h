/*
 * lookup.h - tables from names to numbers.
 *
 * Names come from files that may be hostile, and thousands that share a place of a table would
 * cost quadratic time. So the hash is SipHash-1-3 (Aumasson and Bernstein, 2012) with a secret of
 * each table's own. Nothing that is asked of a table depends on it.
 */
#ifndef BL_LOOKUP_H
#define BL_LOOKUP_H

#include "err.h"

#include <stdint.h>

/* No number: no such name. */
#define BL_NOWHERE SIZE_MAX

/* A name and its number. */
struct bl_lookup_place {
	const char *name; /* borrowed; NULL: an empty place */
	size_t number;
};

/* Zero-initialised is empty. For one thread; for any number of them once nothing is added. */
struct bl_lookup {
	struct bl_lookup_place *place;
	size_t size, count; /* at most three quarters of the places, a power of two, are taken */
	uint64_t key[2];
};

/* Makes room for count names in all. Error: BL_LIMIT, no memory. */
int bl_lookup_reserve(struct bl_lookup *l, size_t count, struct bl_err *err) BL_MUST_USE;

/* Adds a name unless it is there. *number, its number, becomes the one that it has. Error: as
 * above. */
int bl_lookup_add(struct bl_lookup *l, const char *name, size_t *number, struct bl_err *err)
	BL_MUST_USE;

/* The number of a name, or BL_NOWHERE. */
size_t bl_lookup_find(const struct bl_lookup *l, const char *name);

void bl_lookup_free(struct bl_lookup *l);

/* SipHash-1-3 of n bytes: the same on every machine. */
uint64_t bl_hash(const uint64_t key[2], const char *text, size_t n);

#endif
