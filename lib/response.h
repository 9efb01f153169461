/*
 * response.h - a row of weights as a physical system: how far it reaches, how it swings, how near
 * it is to flying apart, and how true a replay of it can be.
 *
 * A step of a recurrence multiplies its state by I - E (adjoint.h). With the pulls kappa, gamma, a
 * (on the model) and lam (restore), q = 1 - (1 - a)(1 - lam), the eigenvalues e of E solve
 *
 *   e^3 - (kappa + q + gamma) e^2 + (kappa + kappa lam + gamma q) e - kappa lam = 0
 *
 * and a push fades as (1 - e)^n: these are the poles. Where the average follows the recorded model
 * itself (lam = 1) or has no inertia (gamma = 1), e = 1 is among them, whose pole 0 is none. All
 * is computed in double-double, so that the same numbers come out on every machine.
 */
#ifndef BL_RESPONSE_H
#define BL_RESPONSE_H

#include "plan.h"

#define BL_POLES 3

enum bl_damping {
	BL_DAMPING_NONE,     /* no recurrence */
	BL_DAMPING_FIRST,    /* no inertia: an EMA, or belay of two such */
	BL_DAMPING_UNDER,    /* it swings: some poles are a complex pair */
	BL_DAMPING_CRITICAL, /* a double pole */
	BL_DAMPING_OVER
};

/* A pole, or a pair of them: modulus * exp(+-i angle). */
struct bl_pole {
	double modulus;
	double angle;   /* per step, 0 .. pi; 0: real and positive */
	double fade;    /* time in which it halves; infinite at modulus 1 */
	bool pair;      /* there is another one with the angle negative */
};

struct bl_response {
	double negative;     /* sum of the negative weights, 0 or less */
	/* The rest holds for recurrences, as they are at the last update where a warm-up changes
	 * them. Steps are those of the row: updates, or checkpoints. */
	double kappa;        /* the pull */
	enum bl_damping damping;
	struct bl_pole pole[BL_POLES]; /* the one that fades last first */
	size_t poles;
	double ratio;        /* damping ratio of the pair; 1 or more: none swings */
	double period;       /* of the swing, in the unit of times; 0: none */
	double kappa_most;   /* kappa must be below */
	double settled_age;  /* mean age that a run that is long enough comes to, in the unit of
	                        times; infinite where the start is never forgotten */
	double error;        /* relative distance to expect from an average kept at every step, see
	                        below; -1: not known */
	double spacing;      /* gap between checkpoints that would bring it to 1 %; 0: not known */
};

/*
 * Everything of one row.
 *
 * error: where the model is taken to have moved on a straight line between checkpoints that are N
 * steps apart, about N / (3.5 tau) of the distance between model and average is lost, tau = gamma /
 * kappa - 1 the mean age of the EMA with that pull; about N / (2 tau) where it is held still. Both
 * were measured on noisy SGD with pulls of 1e-2 and 1e-3; for a random walk the former is
 * N / (tau sqrt 12). N is the median gap. With a gap of one step nothing is lost.
 */
void bl_response_of(const struct bl_row *row, struct bl_response *out);

#endif
