/*
 * replay.h - the literal replay: the second, independent way to the weights.
 *
 * State is marched through the optimizer steps one by one, exactly as the equations read, sharing
 * no code with the adjoint. Weights are what comes out for unit inputs. What is no recurrence is
 * computed from another form of its definition.
 */
#ifndef BL_REPLAY_H
#define BL_REPLAY_H

#include "plan.h"

/* Most optimizer steps a check marches through. */
#define BL_REPLAY_STEPS 100000000

/*
 * Checks the row's weights against that. Error BL_BUG naming checkpoint, both weights and the
 * tolerance; BL_LIMIT when the row has more than BL_REPLAY_STEPS steps times checkpoints.
 * *difference: the largest found, relative to sum |w|.
 */
int bl_replay_check(const struct bl_row *row, double *difference, struct bl_err *err) BL_MUST_USE;

/*
 * What that asks for a row that is no recurrence of the spring kind: its definition written another
 * way. Fills expected, one per checkpoint and all 0 before; returns what rounding may leave of a
 * difference, relative to sum |w|, or less than 0 where it is too many steps.
 */
double bl_replay_direct(const struct bl_row *row, double *expected);

/* As bl_replay_direct(), of snapshots: the weights once more, less what the gradient at them
 * says. */
double bl_replay_posthoc(const struct bl_row *row, double *expected);

#endif
