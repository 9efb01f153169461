/* resume_spring.c - how the springs go on from what was kept of them. */
#include "adjoint.h"
#include "resume.h"

#include <string.h>

/*
 * What is kept of a spring are positions, so that all of it moves with the checkpoints: the average
 * z, the model y = z + w where it is not the recorded one, and with inertia p = z + v / gamma, as
 * far as its velocity alone could carry the average. A velocity v never moves the average by more
 * than that, so rounding p costs no more than rounding z does. What is read out comes first.
 */
enum position { Z, Y, P };

static unsigned list_kept(const struct bl_spring *s, const struct bl_recurrence *r,
	enum position *kept)
{
	unsigned n = 0;

	kept[n++] = s->model ? Y : Z;
	if (r->order == 3)
		kept[n++] = s->model ? Z : Y;
	if (s->gamma != 1)
		kept[n++] = P;
	return n;
}

/* A position as a functional on the state (z, v) or (z, w, v). */
static void read_out(enum position of, const struct bl_spring *s, struct bl_recurrence *r)
{
	memset(r->readout, 0, sizeof r->readout);
	r->readout[0] = 1;
	if (of == Y)
		r->readout[1] = 1;
	if (of == P)
		r->readout[r->order - 1] = 1 / s->gamma;
}

/* A functional on the state as one on the positions: w = y - z, v = gamma (p - z). */
static void to_positions(const struct bl_spring *s, unsigned order, const double *state,
	const enum position *kept, unsigned n, double *carry)
{
	const double w = order == 3 ? state[1] : 0, v = s->gamma * state[order - 1];

	for (unsigned j = 0; j < n; j++) {
		if (kept[j] == Y)
			carry[j] = w;
		else if (kept[j] == P)
			carry[j] = v;
		else /* without inertia nothing is left of v after a step */
			carry[j] = state[0] - w - (s->gamma != 1 ? v : 0);
	}
}

/* The path itself is read out: nothing of what was is left. */
static int follow_path(const struct bl_spring *s, const struct bl_timeline *time,
	struct bl_resume *r)
{
	if (r->vectors == 0)
		bl_resume_begin(r, 1, 1);
	if (time->count > 1)
		bl_spring_weights(s, time, r->part[0]);
	return 0;
}

/* The path must not have stood at a checkpoint before the last one. */
static int check_path(const struct bl_spring *s, const struct bl_recurrence *r, struct bl_err *err)
{
	if (r->order < 3 || s->hold == BL_HOLD_LINEAR || s->hold == BL_HOLD_RIGHT)
		return 0;
	bl_fail(err, BL_USAGE, "--state does not go with --hold left and mid of belay");
	return bl_hint(err, "the checkpoint before the last one is needed once more");
}

int bl_spring_resume(const struct bl_case *c, const struct bl_spring *s,
	const struct bl_timeline *time, struct bl_resume *r, struct bl_err *err)
{
	struct bl_recurrence recurrence;
	enum position kept[BL_KEPT];
	unsigned n;

	(void)c;
	if (!bl_spring_recurrence(s, &recurrence))
		return follow_path(s, time, r);
	if (check_path(s, &recurrence, err) != 0)
		return -1;
	n = list_kept(s, &recurrence, kept);
	if (r->vectors == 0)
		bl_resume_begin(r, n, s->zero ? 0 : 1);
	if (time->count == 1)
		return 0;
	for (unsigned k = 0; k < n; k++) {
		double state[BL_ORDER] = {0}, gained;

		read_out(kept[k], s, &recurrence);
		gained = s->warmup.word != BL_WARMUP_NONE
			? bl_adjoint_warmup_resume(&s->warmup, s->kappa, time, r->begin, s->hold,
				  state, r->part[k])
			: bl_adjoint_resume(&recurrence, time, s->hold, state, r->part[k]);
		if (s->zero) { /* the mean of what there is, whose mass is below 1 */
			r->carry[0][0] = r->mass * state[0];
			r->divisor[0] = r->mass = r->carry[0][0] + gained;
		} else {
			to_positions(s, recurrence.order, state, kept, n, r->carry[k]);
		}
	}
	return 0;
}
