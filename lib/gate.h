/*
 * gate.h - lets tiles through in their order.
 *
 * A gate belongs to one sink of one run. Tile numbers start at 0 and every number passes exactly
 * once. Thread-safe.
 */
#ifndef BL_GATE_H
#define BL_GATE_H

#include "err.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct bl_gate {
	pthread_mutex_t lock;
	pthread_cond_t moved;
	uint64_t next; /* the tile whose turn it is */
	bool closed;   /* the run failed: nobody waits any more */
};

/* A tile's place in the queue of one gate. */
struct bl_turn {
	struct bl_gate *gate;
	uint64_t tile;
	bool taken; /* bl_turn_done was called */
};

int bl_gate_init(struct bl_gate *gate, struct bl_err *err) BL_MUST_USE;
void bl_gate_free(struct bl_gate *gate);

/* Wakes everybody; all present and later waits return -1. */
void bl_gate_close(struct bl_gate *gate);

/* Waits until all lower tiles are done. -1 without a message when the gate was closed. */
int bl_turn_wait(struct bl_turn *turn) BL_MUST_USE;

/* Lets the next tile in. Called once, after a successful wait; the engine waits and calls it for
 * the spans whose writer ignored its turn. */
void bl_turn_done(struct bl_turn *turn);

#endif
