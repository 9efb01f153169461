/* adjoint.c - the weights of a recurrence, from the last checkpoint back to the first. */
#include "adjoint.h"

#include <string.h>

#define WIDE (BL_ORDER + 2) /* the state, x_{n-1} and the displacement of a step */
#define POWERS 54           /* |n| < 2^53, so a gap is below 2^54 */

/* X[k] = M^(2^k) - I, where M is one step on (s, x_{n-1}, delta) along a straight path. */
struct powers {
	unsigned size; /* order + 2: rows and columns in use */
	double x[POWERS][WIDE][WIDE];
};

/* The functional on (s, x_{n-1}, delta) that gives the output, compensated: hi + lo. */
struct adjoint {
	double hi[WIDE], lo[WIDE];
};

static unsigned bit_length(uint64_t n)
{
	return n ? 64u - (unsigned)__builtin_clzll(n) : 0;
}

static uint64_t gap(const struct bl_timeline *time, size_t i)
{
	return (uint64_t)(time->n[i] - time->n[i - 1]);
}

static void first_power(struct powers *p, const struct bl_recurrence *r)
{
	const unsigned d = r->order;

	memset(p->x[0], 0, sizeof p->x[0]);
	for (unsigned i = 0; i < d; i++) {
		for (unsigned j = 0; j < d; j++)
			p->x[0][i][j] = -r->decay[i][j];
		p->x[0][i][d] = r->restore * r->input[i];
		p->x[0][i][d + 1] = r->gain * r->input[i];
	}
	p->x[0][d][d + 1] = 1;
}

/* (I + X)^2 - I. The order of the sum is part of the result. */
static void square(double (*restrict out)[WIDE], double (*restrict x)[WIDE], unsigned size)
{
	for (unsigned i = 0; i < size; i++)
		for (unsigned j = 0; j < size; j++) {
			double sum = 0;

			for (unsigned q = 0; q < size; q++)
				sum += x[i][q] * x[q][j];
			out[i][j] = 2 * x[i][j] + sum;
		}
}

static void make_powers(struct powers *p, const struct bl_recurrence *r,
	const struct bl_timeline *time)
{
	uint64_t longest = 1;
	unsigned count;

	for (size_t i = 1; i < time->count; i++)
		if (gap(time, i) > longest)
			longest = gap(time, i);
	count = bit_length(longest);
	p->size = r->order + 2;
	first_power(p, r);
	for (unsigned k = 1; k < count && k < POWERS; k++)
		square(p->x[k], p->x[k - 1], p->size);
}

/* (hi + lo) <- (hi + lo) (I + X). */
static inline void apply(struct adjoint *a, double (*x)[WIDE], const unsigned size)
{
	double y[WIDE];

	for (unsigned j = 0; j < size; j++) {
		double sum = 0;

		for (unsigned i = 0; i < size; i++)
			sum += a->hi[i] * x[i][j];
		y[j] = a->lo[j] + sum;
	}
	for (unsigned j = 0; j < size; j++) {
		const double v = a->hi[j], s = v + y[j], z = s - v;

		a->lo[j] = (v - (s - z)) + (y[j] - z);
		a->hi[j] = s;
	}
}

/*
 * Goes back over steps steps. *level: what a path that stays at 1 adds to the output; *slope: what
 * a path adds that rises by 1 a step.
 */
static void advance(struct adjoint *a, struct powers *p, uint64_t steps, double *level,
	double *slope)
{
	const unsigned d = p->size - 2;

	a->hi[d] = a->hi[d + 1] = a->lo[d] = a->lo[d + 1] = 0;
	for (unsigned k = 0; steps >> k; k++) {
		if (!(steps >> k & 1))
			continue;
		if (p->size == WIDE) /* sizes the compiler can unroll */
			apply(a, p->x[k], WIDE);
		else if (p->size == WIDE - 1)
			apply(a, p->x[k], WIDE - 1);
		else
			apply(a, p->x[k], p->size);
	}
	*level = a->hi[d];
	*slope = a->hi[d + 1];
}

/* What the later intervals leave to add to checkpoint i. */
struct carry {
	double level, jump; /* of interval i + 1 */
	double total;       /* of all levels: 1 - l.u, without the cancellation */
};

/* Interval i, the path a straight line. The difference of close jumps comes first: it is exact. */
static void linear_interval(struct adjoint *a, struct powers *p, const struct bl_timeline *time,
	size_t i, struct carry *c, double *weight)
{
	const uint64_t steps = gap(time, i);
	double level, slope, jump;

	advance(a, p, steps, &level, &slope);
	jump = slope / (double)steps;
	weight[i] = c->level + (jump - c->jump);
	*c = (struct carry){level, jump, c->total + level};
}

/* Interval i, the path constant but for a jump at its first step; share: of x_i in its value. */
static void held_interval(struct adjoint *a, struct powers *p, const struct bl_timeline *time,
	size_t i, double share, struct carry *c, double *weight)
{
	double level, unused, entry, jump;

	advance(a, p, gap(time, i) - 1, &level, &unused);
	advance(a, p, 1, &entry, &jump);
	jump -= entry;
	level += entry;
	weight[i] += share * (level + (jump - c->jump));
	weight[i - 1] += (1 - share) * (level + ((i > 1 ? jump : 0) - c->jump));
	*c = (struct carry){0, jump, c->total + level};
}

/* Goes back from the last checkpoint to the first; what is left is the part of the start. */
static void go_back(const struct bl_recurrence *r, const struct bl_timeline *time,
	enum bl_hold hold, struct adjoint *a, struct carry *c, double *weight)
{
	const double share = hold == BL_HOLD_LEFT ? 0 : hold == BL_HOLD_MID ? 0.5 : 1;
	struct powers p;

	make_powers(&p, r, time);
	memset(a, 0, sizeof *a);
	memcpy(a->hi, r->readout, r->order * sizeof a->hi[0]);
	*c = (struct carry){0, 0, 0};
	for (size_t i = 0; i < time->count; i++)
		weight[i] = 0;
	for (size_t i = time->count - 1; i > 0; i--) {
		if (hold == BL_HOLD_LINEAR)
			linear_interval(a, &p, time, i, c, weight);
		else
			held_interval(a, &p, time, i, share, c, weight);
	}
	c->jump *= share; /* the first checkpoint's part of it */
}

void bl_adjoint_row(const struct bl_recurrence *r, const struct bl_timeline *time,
	enum bl_hold hold, bool zero, double *weight)
{
	struct adjoint a;
	struct carry c;

	go_back(r, time, hold, &a, &c, weight);
	weight[0] += c.level + ((zero ? 0 : a.hi[0]) - c.jump);
	for (size_t i = 0; zero && i < time->count; i++)
		weight[i] /= c.total;
}

double bl_adjoint_resume(const struct bl_recurrence *r, const struct bl_timeline *time,
	enum bl_hold hold, double *carry, double *weight)
{
	struct adjoint a;
	struct carry c;

	go_back(r, time, hold, &a, &c, weight);
	weight[0] += c.level - c.jump;
	memcpy(carry, a.hi, r->order * sizeof *carry);
	return c.total;
}
