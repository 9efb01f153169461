/* posthoc.c - the mix of profiles that comes nearest to another one. */
#include "posthoc.h"

#include <math.h>
#include <stdlib.h>

/* A pivot of the scaled matrix below this times n is rounding. */
#define PIVOT 0x1p-50

/* A system under way: the matrix with a diagonal of ones, and its factor. */
struct system {
	size_t n;
	struct bl_dd *scaled; /* n x n: G_jk d_j d_k */
	double *factor;       /* n x n, lower triangle L with L L' = scaled */
	double *scale;        /* d_j = G_jj^-1/2 */
	double *room;         /* n */
	struct bl_dd *rest;   /* n */
	struct bl_dd *plain;  /* n: c0 */
	struct bl_dd *ones;   /* n: h */
};

static void free_system(struct system *s)
{
	free(s->scaled);
	free(s->factor);
	free(s->scale);
	free(s->room);
	free(s->rest);
	free(s->plain);
	free(s->ones);
}

static int make_system(struct system *s, const struct bl_posthoc *p, struct bl_err *err)
{
	const size_t n = p->n;

	*s = (struct system){
		.n = n,
		.scaled = calloc(n * n, sizeof *s->scaled),
		.factor = calloc(n * n, sizeof *s->factor),
		.scale = calloc(n, sizeof *s->scale),
		.room = calloc(n, sizeof *s->room),
		.rest = calloc(n, sizeof *s->rest),
		.plain = calloc(n, sizeof *s->plain),
		.ones = calloc(n, sizeof *s->ones),
	};
	if (!s->scaled || !s->factor || !s->scale || !s->room || !s->rest || !s->plain || !s->ones)
		return bl_fail_memory(err, n * n * sizeof *s->scaled, "the profiles");
	for (size_t j = 0; j < n; j++)
		s->scale[j] = 1 / sqrt(p->gram[j * n + j].h);
	for (size_t j = 0; j < n; j++)
		for (size_t k = 0; k < n; k++) {
			const struct bl_dd half =
				bl_dd_mul(p->gram[j * n + k], bl_dd(s->scale[j]));

			s->scaled[j * n + k] = bl_dd_mul(half, bl_dd(s->scale[k]));
		}
	return 0;
}

/* What is left of an entry of the matrix at column k. */
static double reduced(const struct system *s, size_t j, size_t k)
{
	double sum = s->scaled[j * s->n + k].h;

	for (size_t i = 0; i < k; i++)
		sum -= s->factor[j * s->n + i] * s->factor[k * s->n + i];
	return sum;
}

/* Returns n, or the row at which it fails. */
static size_t factorize(struct system *s)
{
	const size_t n = s->n;

	for (size_t j = 0; j < n; j++) {
		for (size_t k = 0; k < j; k++)
			s->factor[j * n + k] = reduced(s, j, k) / s->factor[k * n + k];
		s->factor[j * n + j] = reduced(s, j, j);
		if (!(s->factor[j * n + j] > (double)n * PIVOT))
			return j;
		s->factor[j * n + j] = sqrt(s->factor[j * n + j]);
	}
	return n;
}

/* x = scaled^-1 x in double. */
static void substitute(const struct system *s, double *x)
{
	const size_t n = s->n;

	for (size_t j = 0; j < n; j++) {
		for (size_t k = 0; k < j; k++)
			x[j] -= s->factor[j * n + k] * x[k];
		x[j] /= s->factor[j * n + j];
	}
	for (size_t j = n; j-- > 0;) {
		for (size_t k = j + 1; k < n; k++)
			x[j] -= s->factor[k * n + j] * x[k];
		x[j] /= s->factor[j * n + j];
	}
}

/* x = G^-1 b (b NULL: of ones), with one refinement. */
static void solve(struct system *s, const struct bl_dd *b, struct bl_dd *x)
{
	const size_t n = s->n;

	for (size_t j = 0; j < n; j++) {
		s->rest[j] = bl_dd_mul(b ? b[j] : bl_dd(1), bl_dd(s->scale[j]));
		s->room[j] = s->rest[j].h;
	}
	substitute(s, s->room);
	for (size_t j = 0; j < n; j++)
		x[j] = bl_dd(s->room[j]);
	for (size_t j = 0; j < n; j++)
		for (size_t k = 0; k < n; k++)
			s->rest[j] = bl_dd_sub(s->rest[j], bl_dd_mul(s->scaled[j * n + k], x[k]));
	for (size_t j = 0; j < n; j++)
		s->room[j] = bl_dd_round(s->rest[j]);
	substitute(s, s->room);
	for (size_t j = 0; j < n; j++)
		x[j] = bl_dd_mul(bl_dd_add(x[j], bl_dd(s->room[j])), bl_dd(s->scale[j]));
}

static struct bl_dd sum_of(const struct bl_dd *x, size_t n)
{
	struct bl_dd sum = bl_dd(0);

	for (size_t j = 0; j < n; j++)
		sum = bl_dd_add(sum, x[j]);
	return sum;
}

/* |A| |A^-1|, each the largest sum of absolute values in a column, A being the scaled matrix. */
static double condition(const struct system *s)
{
	double norm = 0, inverse = 0;

	for (size_t k = 0; k < s->n; k++) {
		double sum = 0, inverse_sum = 0;

		for (size_t j = 0; j < s->n; j++) {
			sum += fabs(s->scaled[j * s->n + k].h);
			s->room[j] = j == k;
		}
		substitute(s, s->room);
		for (size_t j = 0; j < s->n; j++)
			inverse_sum += fabs(s->room[j]);
		norm = fmax(norm, sum);
		inverse = fmax(inverse, inverse_sum);
	}
	return norm * inverse;
}

/* <t, t> - 2 c.r + c.G c, of the weights as they are rounded. */
static double distance(const struct bl_posthoc *p, const double *c)
{
	struct bl_dd sum = p->square;

	for (size_t j = 0; j < p->n; j++) {
		struct bl_dd row = bl_dd_mul(bl_dd(-2), p->right[j]);

		for (size_t k = 0; k < p->n; k++)
			row = bl_dd_add(row, bl_dd_mul(p->gram[j * p->n + k], bl_dd(c[k])));
		sum = bl_dd_add(sum, bl_dd_mul(row, bl_dd(c[j])));
	}
	return fmax(bl_dd_round(sum), 0);
}

static void mix(struct system *s, const struct bl_posthoc *p, double *c)
{
	struct bl_dd sum, lack;

	solve(s, p->right, s->plain);
	sum = sum_of(s->plain, s->n);
	if (p->divide) {
		for (size_t j = 0; j < s->n; j++)
			c[j] = bl_dd_round(bl_dd_div(s->plain[j], sum));
		return;
	}
	solve(s, NULL, s->ones);
	lack = bl_dd_div(bl_dd_sub(bl_dd(1), sum), sum_of(s->ones, s->n));
	for (size_t j = 0; j < s->n; j++)
		c[j] = bl_dd_round(bl_dd_add(s->plain[j], bl_dd_mul(s->ones[j], lack)));
}

int bl_posthoc_solve(const struct bl_posthoc *p, double *c, struct bl_fit *fit, size_t *dependent,
	struct bl_err *err)
{
	struct system s;
	int rc = make_system(&s, p, err);

	*dependent = p->n;
	if (rc == 0)
		*dependent = factorize(&s);
	if (rc == 0 && *dependent == p->n) {
		mix(&s, p, c);
		fit->residual = sqrt(distance(p, c));
		fit->share = fit->residual / sqrt(bl_dd_round(p->square));
		fit->condition = condition(&s);
	}
	free_system(&s);
	return rc;
}
