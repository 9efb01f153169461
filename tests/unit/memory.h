/*
 * memory.h - checkpoints in memory: formats that count every byte and check what they are asked.
 *
 * A source or a sink here has a struct memory as its state. All take ranges that go on through
 * several tensors. A call that breaks the contract of
 * io.h ends the program: it can come from any thread.
 */
#ifndef BL_MEMORY_H
#define BL_MEMORY_H

#include "io.h"

#include <signal.h>
#include <stdatomic.h>

#define MEMORY_NOWHERE UINT64_MAX

/* Where a call fails. */
struct memory_fault {
	size_t tensor;
	uint64_t element;    /* MEMORY_NOWHERE: nowhere */
	bool between;        /* a write: after its turn has come, before it is done */
	const char *text;    /* of the error; NULL: fails as a closed pipe does, without a text */
};

/* The values of a checkpoint; one entry per tensor of the catalogue. */
struct memory {
	const struct bl_catalog *cat;
	unsigned char **value; /* C order, packed */
	unsigned char **count; /* how often each byte was read or written */
	bool chunked;          /* a sink: spans must be those of the catalogue's chunks */
	unsigned turns; /* an ordered sink waits for its turn with: 0 no tensor, 1 all, 2 every
			   second one; where it does not, the engine does */
	struct memory_fault fault;
	volatile sig_atomic_t *stop; /* set by call number stop_at, counted from 1 */
	atomic_uint calls;
	unsigned stop_at;
	uint64_t seed;          /* not 0: calls now and then let other threads run first */
	size_t last_tensor;     /* of an ordered sink: what the last turn wrote */
	uint64_t last_first;
	bool begun;
};

/* One without working memory, two with. */
extern const struct bl_format memory_plain, memory_working, memory_other;

/* Room for the values of cat's tensors, all zero, never counted yet. */
void memory_init(struct memory *m, const struct bl_catalog *cat);
void memory_uncount(struct memory *m); /* counts and calls back to 0 */
void memory_clear(struct memory *m);   /* the values, too */
void memory_free(struct memory *m);

/* The smallest and largest count of a byte of a tensor; 0 and 0 where it has none. */
void memory_counts(const struct memory *m, size_t tensor, unsigned *least, unsigned *most);

#endif
