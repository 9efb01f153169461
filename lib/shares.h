/*
 * shares.h - weights for tensors that have settings of their own, or that not all checkpoints have.
 *
 * The former take theirs from rows of their own in the plan. One of the latter is averaged over the
 * checkpoints that have it, their weights divided by the sum of these:
 *
 *   w'_t = w_t / sum of w over the holders, where t holds it, else 0
 *
 * The engine gets this as w_t and that sum as its divisor.
 */
#ifndef BL_SHARES_H
#define BL_SHARES_H

#include "plan.h"
#include "run.h"
#include "select.h"

/* Weights as the engine takes them. Zero-initialised is empty. */
struct bl_shares {
	struct bl_weights *weights; /* the first: of tensors that all checkpoints have, with the
	                               settings of the output */
	size_t n;
	size_t *of; /* per tensor of the selection: which of them; NULL: the first for all */
	const double **row;  /* what the weights point to */
	double *scale, *divisor, *value;
	uint64_t bytes; /* of all of it */
};

/*
 * Makes the weights of the outputs which[0..outputs) of a plan, whose overlays are those of the
 * selection. Errors: BL_INPUT where the weights of those that have a tensor have no positive sum;
 * BL_LIMIT. Freed with bl_shares_free also after a failure. The plan must stay.
 */
int bl_shares_make(const struct bl_selection *s, const struct bl_plan *plan, const size_t *which,
	size_t outputs, struct bl_shares *shares, struct bl_err *err) BL_MUST_USE;
void bl_shares_free(struct bl_shares *shares);

#endif
