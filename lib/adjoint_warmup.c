/* adjoint_warmup.c - the weights of an EMA whose pull changes from update to update. */
#include "adjoint.h"

#define POWERS 54	    /* a gap is below 2^54 */
#define FORGOTTEN 0x1p-1000 /* what is left of older checkpoints is nothing */

/* A sum that carries its rounding errors along. */
struct sum {
	double hi, lo;
};

/*
 * The output as a functional of the average z, the value x of the path and its rise per step:
 * state z + level x + slope rise. One update back, with the pull k:
 *     slope += level + k state,  level += k state,  state -= k state.
 */
struct warm {
	const struct bl_warmup *warmup;
	struct bl_warmup_curve curve;
	struct sum state, level, slope;
	/* 2^i updates with the pull that has settled: level += pull state, state -= pull state,
	 * slope += rise state + 2^i level. */
	struct {
		double pull, rise;
	} settled[POWERS];
};

static inline void add(struct sum *s, double a)
{
	const double y = s->lo + a, v = s->hi, t = v + y, z = t - v;

	s->lo = (v - (t - z)) + (y - z);
	s->hi = t;
}

static inline void update_back(struct warm *a, double pull)
{
	const double taken = a->state.hi * pull;

	add(&a->slope, taken + a->level.hi);
	add(&a->level, taken);
	add(&a->state, -taken);
}

/* The powers of adjoint.c, for one component: the same operations, so the same bits. */
static void make_settled(struct warm *a)
{
	double steps = 1;

	a->settled[0].pull = a->settled[0].rise = a->warmup->settled;
	for (unsigned k = 1; k < POWERS; k++, steps *= 2) {
		const double pull = a->settled[k - 1].pull, rise = a->settled[k - 1].rise;

		a->settled[k].pull = 2 * pull - pull * pull;
		a->settled[k].rise = 2 * rise + (pull * steps - pull * rise);
	}
}

/* Back over many updates with the pull that has settled. */
static void settled_back(struct warm *a, uint64_t updates)
{
	for (unsigned k = 0; updates >> k; k++) {
		const double taken = a->state.hi * a->settled[k].pull;

		if (!(updates >> k & 1))
			continue;
		add(&a->slope, a->state.hi * a->settled[k].rise +
				       a->level.hi * (double)((uint64_t)1 << k));
		add(&a->level, taken);
		add(&a->state, -taken);
	}
}

/* Back over the updates from + 1 .. to. Leaves in level what a path that stays at 1 adds to the
 * output, in slope what one adds that rises by 1 a step. */
static void back(struct warm *a, int64_t from, int64_t to)
{
	const struct bl_warmup *w = a->warmup;

	a->level = a->slope = (struct sum){0, 0};
	if (to > w->last) {
		const int64_t end = from > w->last ? from : w->last;

		settled_back(a, (uint64_t)(to - end));
		to = end;
	}
	for (; to > from && to > w->copies && a->state.hi > FORGOTTEN; to--)
		update_back(a, bl_warmup_pull(&a->curve, to));
	if (to > from) { /* a copy of the model, or all is forgotten: nothing is left of before */
		if (to <= w->copies) {
			update_back(a, 1);
			to--;
		}
		a->state = (struct sum){0, 0};
	}
	add(&a->slope, a->level.hi * (double)(to - from));
}

/* What the later intervals leave to add to checkpoint i. */
struct carry {
	double level, jump; /* of interval i + 1 */
	double total;	    /* of all levels */
};

/* As adjoint.c has it; the difference of close jumps comes first: it is exact. */
static void linear_interval(
	struct warm *a, int64_t from, int64_t to, struct carry *c, double *weight)
{
	double jump;

	back(a, from, to);
	/* Where the last update is a copy, nothing is from the earlier checkpoint: exactly. */
	jump = to > a->warmup->copies ? a->slope.hi / (double)(to - from) : a->level.hi;
	weight[1] = c->level + (jump - c->jump);
	*c = (struct carry){a->level.hi, jump, c->total + a->level.hi};
}

/* A path that stays at one value; share: of the later checkpoint in it. */
static void held_interval(
	struct warm *a, int64_t from, int64_t to, double share, struct carry *c, double *weight)
{
	double level;

	back(a, from + 1, to);
	level = a->level.hi;
	back(a, from, from + 1);
	level += a->level.hi;
	weight[1] += share * level;
	weight[0] += (1 - share) * level;
	c->total += level;
}

/* Back over all intervals; begin: the time of update 0. Leaves in a->state what is left of the
 * average at the first of the times; at_first: it is that checkpoint, and gets its weight. Returns
 * the sum of the weights of all else. */
static double all_back(struct warm *a, const struct bl_timeline *time, int64_t begin,
	enum bl_hold hold, bool at_first, double *weight)
{
	const double share = hold == BL_HOLD_LEFT ? 0 : hold == BL_HOLD_MID ? 0.5 : 1;
	struct carry c = {0, 0, 0};

	for (size_t i = 0; i < time->count; i++)
		weight[i] = 0;
	for (size_t i = time->count - 1; i > 0; i--) {
		const int64_t from = time->n[i - 1] - begin, to = time->n[i] - begin;

		if (hold == BL_HOLD_LINEAR)
			linear_interval(a, from, to, &c, &weight[i - 1]);
		else
			held_interval(a, from, to, share, &c, &weight[i - 1]);
	}
	weight[0] += c.level + ((at_first ? a->state.hi : 0) - share * c.jump);
	return c.total;
}

static void start(struct warm *a, const struct bl_warmup *warmup, double kappa)
{
	*a = (struct warm){.warmup = warmup, .state = {1, 0}};
	bl_warmup_curve(&a->curve, warmup, kappa);
	make_settled(a);
}

void bl_adjoint_warmup(const struct bl_warmup *warmup, double kappa, const struct bl_timeline *time,
	enum bl_hold hold, bool zero, double *weight)
{
	struct warm a;
	double total;

	start(&a, warmup, kappa);
	total = all_back(&a, time, time->n[0], hold, !zero, weight);
	for (size_t i = 0; zero && i < time->count; i++)
		weight[i] /= total;
}

double bl_adjoint_warmup_resume(const struct bl_warmup *warmup, double kappa,
	const struct bl_timeline *time, int64_t begin, enum bl_hold hold, double *carry,
	double *weight)
{
	struct warm a;
	double total;

	start(&a, warmup, kappa);
	total = all_back(&a, time, begin, hold, false, weight);
	*carry = a.state.hi;
	return total;
}
