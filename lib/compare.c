/* compare.c - two rows of values: where they differ, and by how much. */
#include "compare.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK BL_EXACT_BLOCK

/* How bits stand for an order of values. */
enum order {
	BY_SIZE,  /* a sign, then the size: floats */
	SIGNED,   /* two's complement */
	UNSIGNED
};

/* What the kernels do not know of a type; of floats without infinities and NaN the bits of fraction
 * and exponent, and the bias. */
struct form {
	enum order order;
	bool whole;
	unsigned fraction, exponent;
	int bias;
};

static const struct form *form_of(enum bl_dtype dtype)
{
	static const struct form form[BL_DTYPES] = {
		[BL_BOOL] = {UNSIGNED, true, 0, 0, 0},
		[BL_U8] = {UNSIGNED, true, 0, 0, 0},
		[BL_U16] = {UNSIGNED, true, 0, 0, 0},
		[BL_U32] = {UNSIGNED, true, 0, 0, 0},
		[BL_U64] = {UNSIGNED, true, 0, 0, 0},
		[BL_I8] = {SIGNED, true, 0, 0, 0},
		[BL_I16] = {SIGNED, true, 0, 0, 0},
		[BL_I32] = {SIGNED, true, 0, 0, 0},
		[BL_I64] = {SIGNED, true, 0, 0, 0},
		[BL_F4] = {BY_SIZE, false, 1, 2, 1},
		[BL_F6_E2M3] = {BY_SIZE, false, 3, 2, 1},
		[BL_F6_E3M2] = {BY_SIZE, false, 2, 3, 3},
		[BL_F8_E8M0] = {UNSIGNED, false, 0, 0, 0},
	};

	return &form[dtype]; /* the rest is BY_SIZE */
}

bool bl_dtype_is_whole(enum bl_dtype dtype)
{
	return form_of(dtype)->whole;
}

/* Of one scalar. */
static unsigned bits_of(enum bl_dtype dtype)
{
	return bl_dtype(dtype)->bits / bl_dtype(dtype)->lanes;
}

bool bl_comparable(enum bl_dtype a, enum bl_dtype b)
{
	return a != BL_OTHER && b != BL_OTHER && bl_dtype(a)->lanes == bl_dtype(b)->lanes;
}

/* ---- bits ---- */

static int64_t extended(uint64_t code, unsigned bits)
{
	return (int64_t)(code << (64 - bits)) >> (64 - bits);
}

/* A number that grows by one from a value to the next; both zeros have the same. */
static uint64_t place(enum order order, unsigned bits, uint64_t code)
{
	const uint64_t sign = (uint64_t)1 << (bits - 1), middle = (uint64_t)1 << 63;
	const uint64_t minus = 0 - (code >> (bits - 1) & 1);

	if (order == UNSIGNED)
		return code;
	if (order == SIGNED)
		return (uint64_t)extended(code, bits) ^ middle;
	/* Without a branch: signs are as good as random. */
	return middle + (((code & (sign - 1)) ^ minus) - minus);
}

static double tiny_value(const struct form *f, uint64_t code)
{
	const uint64_t fraction = code & ((1u << f->fraction) - 1);
	const int e = (int)(code >> f->fraction & ((1u << f->exponent) - 1));
	const double size = e ? ldexp((double)(fraction | 1u << f->fraction),
				      e - f->bias - (int)f->fraction)
			      : ldexp((double)fraction, 1 - f->bias - (int)f->fraction);

	return code >> (f->fraction + f->exponent) & 1 ? -size : size;
}

/* Of a type that the kernels do not know. */
static double plain_value(enum bl_dtype dtype, uint64_t code)
{
	const struct form *f = form_of(dtype);

	if (f->order == BY_SIZE)
		return tiny_value(f, code);
	if (!f->whole) /* F8_E8M0: powers of two, all of them exponent */
		return code == 0xff ? nan("") : ldexp(1, (int)code - 127);
	return f->order == SIGNED ? (double)extended(code, bits_of(dtype)) : (double)code;
}

/* n codes, packed from bit 0 of the first byte on. */
static void get_packed(uint64_t *to, const unsigned char *from, unsigned bits, size_t n)
{
	for (size_t j = 0; j < n; j++) {
		const size_t bit = j * bits, rest = bit % 8;
		unsigned pair = from[bit / 8];

		if (rest + bits > 8)
			pair |= (unsigned)from[bit / 8 + 1] << 8;
		to[j] = pair >> rest & ((1u << bits) - 1);
	}
}

#define GET(type)                                                                                  \
	for (size_t j = 0; j < n; j++) {                                                           \
		type code;                                                                         \
                                                                                                   \
		memcpy(&code, from + j * sizeof code, sizeof code);                                \
		to[j] = code;                                                                      \
	}

static void get_codes(uint64_t *to, const unsigned char *from, unsigned bits, size_t n)
{
	if (bits == 8)
		GET(uint8_t)
	else if (bits == 16)
		GET(uint16_t)
	else if (bits == 32)
		GET(uint32_t)
	else if (bits == 64)
		GET(uint64_t)
	else
		get_packed(to, from, bits, n);
}

/* ---- a pair ---- */

static bool is_finite(double x)
{
	return x - x == 0;
}

/* What all pairs of a block have in common. */
struct pairs {
	struct bl_comparing *c;
	uint64_t from; /* its first scalar */
	enum order order;
	unsigned bits;
	bool one_type, whole;
	bl_pair_loop loop; /* that can be asked first; NULL: none can */
};

/* Pair j of the block, whose first one is scalar `from`, is an extreme. */
static void note(const struct pairs *p, enum bl_extreme k, size_t j, double size, uint64_t steps)
{
	struct bl_comparing *c = p->c;

	c->found.spot[k] = (struct bl_spot){.there = true, .at = p->from + j,
		.code = {c->code[0][j], c->code[1][j]}, .size = size, .steps = steps};
}

/* Pair j, of finite values that are not the same. Returns whether they are within the tolerance. */
static inline bool measure(const struct pairs *p, size_t j)
{
	const struct bl_tolerance *t = &p->c->tolerance;
	const struct bl_spot *spot = p->c->found.spot;
	const double y = p->c->value[1][j], size = fabs(y);
	double distance = fabs(p->c->value[0][j] - y);
	uint64_t steps = UINT64_MAX;

	if (p->one_type) {
		const uint64_t from = place(p->order, p->bits, p->c->code[0][j]);
		const uint64_t to = place(p->order, p->bits, p->c->code[1][j]);

		steps = from > to ? from - to : to - from;
		if (steps > spot[BL_MOST_STEPS].steps || !spot[BL_MOST_STEPS].there)
			note(p, BL_MOST_STEPS, j, 0, steps);
	}
	if (p->whole)
		distance = (double)steps;
	if (distance > spot[BL_MOST_ABS].size || !spot[BL_MOST_ABS].there)
		note(p, BL_MOST_ABS, j, distance, 0);
	/* Mostly the division can be spared. */
	if (size > 0 && !(distance < spot[BL_MOST_REL].size * size * (1 - 0x1p-50)) &&
		(distance / size > spot[BL_MOST_REL].size || !spot[BL_MOST_REL].there))
		note(p, BL_MOST_REL, j, distance / size, 0);
	return t->given && (distance <= t->abs + t->rel * size ||
		(p->one_type && steps <= t->ulp));
}

/* Pair j is not the same. */
static inline void judge(const struct pairs *p, size_t j)
{
	struct bl_comparing *c = p->c;
	const double x = c->value[0][j], y = c->value[1][j];
	const bool finite = is_finite(x) && is_finite(y);

	c->found.differing++;
	if (finite ? measure(p, j) : c->tolerance.given && x != x && y != y)
		return;
	if (c->found.beyond++ == 0)
		note(p, BL_FIRST, j, 0, 0);
	if (!finite && c->found.nonfinite++ == 0)
		note(p, BL_FIRST_WILD, j, 0, 0);
}

/* ---- sums ---- */

/* Leaves pairs out of the sums of which one is not finite. Returns their number. */
static size_t leave_out(struct bl_comparing *c, size_t n)
{
	size_t left = 0;

	for (size_t j = 0; j < n; j++) {
		double *x = &c->value[0][j], *y = &c->value[1][j];

		c->found.nan[0] += *x != *x;
		c->found.nan[1] += *y != *y;
		if (is_finite(*x) && is_finite(*y))
			continue;
		*x = *y = 0;
		left++;
	}
	return left;
}

static void add_sums(struct bl_comparing *c, size_t n, size_t wild)
{
	static const double zero[BLOCK];
	const struct bl_sum_kernel *kernel = &c->kernels->sum;
	const double *x = c->value[0], *y = c->value[1];
	const size_t lanes = (n + BL_EXACT_LANES - 1) / BL_EXACT_LANES * BL_EXACT_LANES;
	double *term = c->term, most;

	c->found.finite += n;
	if (wild > 0)
		c->found.finite -= leave_out(c, n);
	memset(c->value[0] + n, 0, (lanes - n) * sizeof *x);
	memset(c->value[1] + n, 0, (lanes - n) * sizeof *y);
	most = kernel->square(term, x, y, lanes);
	bl_exact_block(c->kernels, &c->sums.difference, term, lanes, most);
	most = kernel->square(term, x, zero, lanes);
	bl_exact_block(c->kernels, &c->sums.norm[0], term, lanes, most);
	most = kernel->square(term, y, zero, lanes);
	bl_exact_block(c->kernels, &c->sums.norm[1], term, lanes, most);
	most = kernel->product(term, x, zero, y, lanes);
	bl_exact_block(c->kernels, &c->sums.product, term, lanes, most);
}

/* ---- rows ---- */

/* n scalars of one side, as doubles. */
static void get_values(struct bl_comparing *c, size_t side, const unsigned char *from, size_t n)
{
	const enum bl_dtype dtype = c->dtype[side];
	const enum bl_scalar scalar = bl_dtype(dtype)->scalar;

	if (scalar != BL_SCALAR_NONE) {
		c->kernels->kernel[scalar].load(c->value[side], from, n);
		return;
	}
	get_codes(c->code[side], from, bits_of(dtype), n);
	for (size_t j = 0; j < n; j++)
		c->value[side][j] = plain_value(dtype, c->code[side][j]);
}

static bool same_doubles(double x, double y)
{
	return memcmp(&x, &y, sizeof x) == 0 || (x != x && y != y);
}

/* The loop for pairs of these types: none for whole numbers, and for types whose codes are no
 * bytes, of which there is little. */
static bl_pair_loop loop_for(const struct bl_comparing *c)
{
	const struct form *f = form_of(c->dtype[0]);
	const unsigned bits = bits_of(c->dtype[0]);

	if (c->dtype[0] != c->dtype[1])
		return c->kernels->pairs[0];
	return f->order == BY_SIZE && bits % 8 == 0 ? c->kernels->pairs[bits / 8] : NULL;
}

/* Pairs [at, at + n) of a block; a, b: the whole block as it is stored. */
struct piece {
	const unsigned char *a, *b;
	size_t at, n;
};

/* Is there no more to say of a piece than how many pairs differ, so that it need not be gone
 * through one by one? Then they are counted. */
static bool is_dull(const struct pairs *p, const struct piece *i)
{
	struct bl_comparing *c = p->c;
	const struct bl_spot *spot = c->found.spot;
	const size_t bytes[2] = {bits_of(c->dtype[0]) / 8, bits_of(c->dtype[1]) / 8};
	struct bl_pairs found = {
		.most_abs = spot[BL_MOST_ABS].there ? spot[BL_MOST_ABS].size : -1,
		.most_rel = spot[BL_MOST_REL].there ? spot[BL_MOST_REL].size : -1,
		.most_steps = spot[BL_MOST_STEPS].steps,
		.given = c->tolerance.given,
		.abs = c->tolerance.abs,
		.rel = c->tolerance.rel,
		.ulp = c->tolerance.ulp,
	};

	p->loop(&found, c->value[0] + i->at, c->value[1] + i->at, i->a + i->at * bytes[0],
		i->b + i->at * bytes[1], i->n);
	if (found.more || (found.beyond > 0 && !spot[BL_FIRST].there))
		return false;
	c->found.differing += found.differing;
	c->found.beyond += found.beyond;
	return true;
}

static void compare_one_by_one(const struct pairs *p, const struct piece *i)
{
	struct bl_comparing *c = p->c;
	const unsigned bits[2] = {bits_of(c->dtype[0]), bits_of(c->dtype[1])};

	get_codes(c->code[0] + i->at, i->a + i->at / 8 * bits[0], bits[0], i->n);
	get_codes(c->code[1] + i->at, i->b + i->at / 8 * bits[1], bits[1], i->n);
	for (size_t j = i->at; j < i->at + i->n; j++)
		if (p->one_type ? c->code[0][j] != c->code[1][j]
				: !same_doubles(c->value[0][j], c->value[1][j]))
			judge(p, j);
}

/* The values are finite: pieces with something to say are small. */
static void compare_piece(const struct pairs *p, const struct piece *i)
{
	const size_t half = i->n / 2;

	if (i->n % BL_KERNEL_LANES != 0) {
		compare_one_by_one(p, i);
	} else if (!is_dull(p, i)) {
		compare_piece(p, &(struct piece){i->a, i->b, i->at, half});
		compare_piece(p, &(struct piece){i->a, i->b, i->at + half, i->n - half});
	}
}

void bl_compare(struct bl_comparing *c, const void *a, const void *b, uint64_t n)
{
	struct pairs p = {
		.c = c,
		.order = form_of(c->dtype[0])->order,
		.bits = bits_of(c->dtype[0]),
		.one_type = c->dtype[0] == c->dtype[1],
		.whole = c->dtype[0] == c->dtype[1] && form_of(c->dtype[0])->whole,
		.loop = loop_for(c),
	};
	const uint64_t scalars = n * bl_dtype(c->dtype[0])->lanes;

	memset(&c->found, 0, sizeof c->found);
	memset(&c->sums, 0, sizeof c->sums);
	for (uint64_t at = 0; at < scalars; at += BLOCK) {
		const size_t m = scalars - at < BLOCK ? (size_t)(scalars - at) : BLOCK;
		const struct piece block = {
			.a = (const unsigned char *)a + at / 8 * bits_of(c->dtype[0]),
			.b = (const unsigned char *)b + at / 8 * bits_of(c->dtype[1]),
			.n = m,
		};
		size_t wild;

		p.from = at;
		get_values(c, 0, block.a, m);
		get_values(c, 1, block.b, m);
		wild = c->kernels->sum.wild(c->value[0], m) + c->kernels->sum.wild(c->value[1], m);
		if (p.loop && wild == 0)
			compare_piece(&p, &block);
		else
			compare_one_by_one(&p, &block);
		add_sums(c, m, wild);
	}
}

/* ---- what was found ---- */

/* Is b to take the place of a? */
static bool is_more(const struct bl_spot *a, const struct bl_spot *b)
{
	if (!a->there || !b->there)
		return b->there;
	if (a->size < b->size || a->size > b->size)
		return b->size > a->size;
	if (a->steps != b->steps)
		return b->steps > a->steps;
	return b->at < a->at;
}

void bl_difference_join(struct bl_difference *d, const struct bl_difference *more)
{
	d->differing += more->differing;
	d->beyond += more->beyond;
	d->nonfinite += more->nonfinite;
	d->nan[0] += more->nan[0];
	d->nan[1] += more->nan[1];
	d->finite += more->finite;
	for (size_t k = 0; k < BL_EXTREMES; k++)
		if (is_more(&d->spot[k], &more->spot[k]))
			d->spot[k] = more->spot[k];
}

void bl_sums_join(struct bl_sums *s, const struct bl_sums *more)
{
	bl_exact_join(&s->difference, &more->difference);
	bl_exact_join(&s->norm[0], &more->norm[0]);
	bl_exact_join(&s->norm[1], &more->norm[1]);
	bl_exact_join(&s->product, &more->product);
}

void bl_compare_conclude(struct bl_difference *d, const struct bl_sums *s)
{
	const double a = sqrt(bl_exact_value(&s->norm[0])), b = sqrt(bl_exact_value(&s->norm[1]));
	const double product = -bl_exact_value(&s->product);

	d->rms = d->finite ? sqrt(bl_exact_value(&s->difference) / (double)d->finite) : nan("");
	d->cosine = nan("");
	if (a * b > 0 && is_finite(a * b) && is_finite(product))
		d->cosine = fmax(-1, fmin(1, product / (a * b)));
}

/* ---- showing values ---- */

double bl_code_value(enum bl_dtype dtype, uint64_t code)
{
	const enum bl_scalar scalar = bl_dtype(dtype)->scalar;
	double x;

	if (scalar == BL_SCALAR_NONE)
		return plain_value(dtype, code);
	bl_kernels("base")->kernel[scalar].load(&x, &code, 1); /* all is little-endian */
	return x;
}

/* As few digits as lead back to the number; of the smallest types what 5 digits say. */
static void put_digits(enum bl_dtype dtype, double x, char *buf)
{
	const unsigned bits = bits_of(dtype);
	const int most = bits == 64 ? 17 : bits == 32 ? 9 : 5;

	for (int digits = bits == 64 ? 15 : bits == 32 ? 6 : 5; digits <= most; digits++) {
		double back;

		snprintf(buf, BL_CODE_TEXT, "%.*g", digits, x);
		back = strtod(buf, NULL);
		if (bits == 32 ? (float)back == (float)x : back == x)
			return;
	}
}

const char *bl_code_text(enum bl_dtype dtype, uint64_t code, char *buf)
{
	const double x = bl_code_value(dtype, code);

	if (form_of(dtype)->whole && form_of(dtype)->order == SIGNED)
		snprintf(buf, BL_CODE_TEXT, "%" PRId64, extended(code, bits_of(dtype)));
	else if (form_of(dtype)->whole)
		snprintf(buf, BL_CODE_TEXT, "%" PRIu64, code);
	else if (!is_finite(x))
		snprintf(buf, BL_CODE_TEXT, x != x ? "nan" : x < 0 ? "-inf" : "inf");
	else
		put_digits(dtype, x, buf);
	return buf;
}
