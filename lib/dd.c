/* dd.c - double-double arithmetic: about 106 bits from two doubles. */
#include "dd.h"

#include <float.h>
#include <math.h>

/* Every operation must round to double: no x87 registers. */
_Static_assert(FLT_EVAL_METHOD == 0, "belay needs doubles that are computed as doubles");

struct bl_dd bl_dd(double a)
{
	return (struct bl_dd){a, 0};
}

struct bl_dd bl_dd_whole(int64_t a)
{
	/* Halves, so that neither the cast back nor the difference can overflow. */
	const int64_t high = a / 4294967296, low = a % 4294967296;

	return bl_dd_sum((double)high * 4294967296.0, (double)low);
}

struct bl_dd bl_dd_sum(double a, double b)
{
	const double s = a + b, t = s - a;

	return (struct bl_dd){s, (a - (s - t)) + (b - t)};
}

/* The same where |h| >= |l|. */
static struct bl_dd norm(double h, double l)
{
	const double s = h + l;

	return (struct bl_dd){s, l - (s - h)};
}

/* The exact product of two doubles. */
static struct bl_dd product(double a, double b)
{
	const double split = 134217729.0; /* 2^27 + 1 */
	const double t = split * a, ah = t - (t - a), al = a - ah;
	const double u = split * b, bh = u - (u - b), bl = b - bh;
	const double p = a * b;

	return (struct bl_dd){p, ((ah * bh - p) + ah * bl + al * bh) + al * bl};
}

double bl_dd_round(struct bl_dd a)
{
	return a.h + a.l;
}

struct bl_dd bl_dd_neg(struct bl_dd a)
{
	return (struct bl_dd){-a.h, -a.l};
}

struct bl_dd bl_dd_add(struct bl_dd a, struct bl_dd b)
{
	struct bl_dd s = bl_dd_sum(a.h, b.h);
	const struct bl_dd t = bl_dd_sum(a.l, b.l);

	s = norm(s.h, s.l + t.h);
	return norm(s.h, s.l + t.l);
}

struct bl_dd bl_dd_sub(struct bl_dd a, struct bl_dd b)
{
	return bl_dd_add(a, bl_dd_neg(b));
}

struct bl_dd bl_dd_mul(struct bl_dd a, struct bl_dd b)
{
	const struct bl_dd p = product(a.h, b.h);

	return norm(p.h, p.l + (a.h * b.l + a.l * b.h));
}

struct bl_dd bl_dd_div(struct bl_dd a, struct bl_dd b)
{
	const double q1 = a.h / b.h;
	struct bl_dd r = bl_dd_sub(a, bl_dd_mul(b, bl_dd(q1)));
	const double q2 = r.h / b.h;

	r = bl_dd_sub(r, bl_dd_mul(b, bl_dd(q2)));
	return bl_dd_add(bl_dd_sum(q1, q2), bl_dd(r.h / b.h));
}

struct bl_dd bl_dd_sqrt(struct bl_dd a)
{
	struct bl_dd x = bl_dd(sqrt(a.h));

	if (a.h == 0)
		return a;
	for (int i = 0; i < 2; i++) /* Newton: 53 bits, then 106 */
		x = bl_dd_div(bl_dd_add(x, bl_dd_div(a, x)), bl_dd(2));
	return x;
}

struct bl_dd bl_dd_ln2(void)
{
	return (struct bl_dd){0.6931471805599453, 2.3190468138462996e-17};
}

/* 2 artanh(s) = log((1 + s) / (1 - s)) for |s| <= 0.172: 22 terms reach 4e-36. */
static struct bl_dd artanh2(struct bl_dd s)
{
	const struct bl_dd square = bl_dd_mul(s, s);
	struct bl_dd sum = bl_dd(0);

	for (int n = 21; n >= 0; n--)
		sum = bl_dd_add(bl_dd_mul(sum, square), bl_dd_div(bl_dd(2), bl_dd(2 * n + 1)));
	return bl_dd_mul(s, sum);
}

struct bl_dd bl_dd_log(struct bl_dd a)
{
	int e;
	const double m = frexp(a.h, &e);
	struct bl_dd f, s;

	if (m < 0.70710678118654752) /* a = 2^e f, f between 1/sqrt 2 and sqrt 2 */
		e--;
	f = (struct bl_dd){ldexp(a.h, -e), ldexp(a.l, -e)};
	s = bl_dd_div(bl_dd_add(f, bl_dd(-1)), bl_dd_add(f, bl_dd(1)));
	return bl_dd_add(bl_dd_mul(bl_dd(e), bl_dd_ln2()), artanh2(s));
}

struct bl_dd bl_dd_log1p(struct bl_dd a)
{
	if (fabs(a.h) < 0.25)
		return artanh2(bl_dd_div(a, bl_dd_add(a, bl_dd(2))));
	return bl_dd_log(bl_dd_add(a, bl_dd(1)));
}

/* Halves a number k times, exactly. */
static struct bl_dd halve(struct bl_dd a, int k)
{
	return (struct bl_dd){ldexp(a.h, -k), ldexp(a.l, -k)};
}

/* Taylor series of e^(x + iy) - 1 for |x|, |y| <= 0.01: 16 terms reach 1e-40 of the first. */
static void taylor(struct bl_dd x, struct bl_dd y, struct bl_dd *re, struct bl_dd *im)
{
	struct bl_dd term_re = x, term_im = y;

	*re = x;
	*im = y;
	for (int n = 2; n <= 17; n++) {
		const struct bl_dd next_re =
			bl_dd_sub(bl_dd_mul(term_re, x), bl_dd_mul(term_im, y));
		const struct bl_dd next_im =
			bl_dd_add(bl_dd_mul(term_re, y), bl_dd_mul(term_im, x));

		term_re = bl_dd_div(next_re, bl_dd(n));
		term_im = bl_dd_div(next_im, bl_dd(n));
		*re = bl_dd_add(*re, term_re);
		*im = bl_dd_add(*im, term_im);
	}
}

/* Argument halved until the series converges fast; then e^2a - 1 = e (2 + e), e = e^a - 1. */
void bl_dd_cexpm1(struct bl_dd x, struct bl_dd y, struct bl_dd *re, struct bl_dd *im)
{
	int k = 0;

	if (x.h < -800) { /* 1 - 1e-347 */
		*re = bl_dd(-1);
		*im = bl_dd(0);
		return;
	}
	while (fabs(ldexp(x.h, -k)) > 0.01 || fabs(ldexp(y.h, -k)) > 0.01)
		k++;
	taylor(halve(x, k), halve(y, k), re, im);
	while (k--) {
		const struct bl_dd r = *re, i = *im, g = bl_dd_add(bl_dd(2), r);

		*re = bl_dd_sub(bl_dd_mul(r, g), bl_dd_mul(i, i));
		*im = bl_dd_add(bl_dd_mul(r, i), bl_dd_mul(i, g));
	}
}

struct bl_dd bl_dd_expm1(struct bl_dd a)
{
	struct bl_dd re, im;

	bl_dd_cexpm1(a, bl_dd(0), &re, &im);
	return re;
}
