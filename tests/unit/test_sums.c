/* test_sums.c - gaps, weighted sums, results: by definition, from every instruction set. */
#include "arith.h"
#include "sets.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

static const enum bl_scalar scalars[] = {
	BL_SCALAR_F16, BL_SCALAR_BF16, BL_SCALAR_F32, BL_SCALAR_F64,
};
#define SCALARS (sizeof scalars / sizeof scalars[0])

/* Room for arrays that start anywhere and must not be left. */
#define LONGEST 70
#define ROOM (LONGEST + 16)
#define INPUTS 18

struct arrays {
	uint64_t x[INPUTS][ROOM];
	double ref[ROOM], acc[ROOM];
	bl_factors weight[INPUTS];
	double scale, divisor;
};

/* What is computed of them. */
struct part {
	bool fresh;
	size_t inputs;
	size_t at, n; /* of the elements */
};

static double draw_factor(uint64_t *seed)
{
	static const double factors[] = {1, -1, 0, 0.1, -0x1p-60, 1e200, 0x1p-1070, -3.7};

	return factors[arith_below(seed, 8)];
}

/* A number of the type, or any. */
static double draw_number(uint64_t *seed, enum bl_scalar s)
{
	const enum bl_scalar like = arith_below(seed, 2) ? s : BL_SCALAR_F64;

	return arith_value(like, arith_draw_bits(seed, like));
}

static void draw_arrays(uint64_t *seed, enum bl_scalar s, struct arrays *a)
{
	for (size_t j = 0; j < ROOM; j++) {
		for (size_t i = 0; i < INPUTS; i++)
			arith_put(s, a->x[i], j, arith_draw_bits(seed, s));
		a->ref[j] = draw_number(seed, s);
		a->acc[j] = draw_number(seed, s);
	}
	for (size_t i = 0; i < INPUTS; i++)
		for (size_t p = 0; p < BL_KERNEL_OUTPUTS; p++)
			a->weight[i][p] = draw_factor(seed);
	a->scale = draw_factor(seed);
	a->divisor = arith_below(seed, 2) ? 1 : (double)(1 + arith_below(seed, 100));
}

/* The arrays after one gap, one add and one store. */
struct result {
	double gap[ROOM], acc[ROOM];
	uint64_t out[ROOM];
	bool finite;
};

/* A sum of products, as kernels.h promises it, step by step. volatile keeps the compiler from any
 * cleverness. */
static double expect_sum(double sum, const bl_factors *weight, size_t p,
	const double *gap, size_t inputs)
{
	volatile double so_far = sum;

	for (size_t i = 0; i < inputs; i++) {
		volatile double term = weight[i][p] * gap[i];

		so_far = so_far + term;
	}
	return so_far;
}

static void expect(enum bl_scalar s, const struct arrays *a, const struct part *c, struct result *r)
{
	memcpy(r->acc, a->acc, sizeof r->acc);
	memcpy(r->gap, a->acc, sizeof r->gap);
	memset(r->out, 0x5a, sizeof r->out);
	r->finite = true;
	for (size_t j = c->at; j < c->at + c->n; j++) {
		volatile double scaled, quotient;
		double gap[INPUTS];

		for (size_t i = 0; i < INPUTS; i++)
			gap[i] = a->ref[j] - arith_value(s, arith_get(s, a->x[i], j));
		r->gap[j] = gap[0];
		r->acc[j] = expect_sum(c->fresh ? 0 : a->acc[j], a->weight, 0, gap, c->inputs);
		scaled = a->scale * a->ref[j];
		quotient = r->acc[j] / a->divisor;
		arith_put(s, r->out, j, arith_round(s, scaled - quotient));
		if ((arith_get(s, r->out, j) & arith_infinity(s)) == arith_infinity(s))
			r->finite = false;
	}
}

static void compute(const struct bl_kernel *k, enum bl_scalar s, const struct arrays *a,
	const struct part *c, struct result *r)
{
	const size_t size = bl_scalar_size(s);
	const void *x[INPUTS];

	memcpy(r->acc, a->acc, sizeof r->acc);
	memcpy(r->gap, a->acc, sizeof r->gap);
	memset(r->out, 0x5a, sizeof r->out);
	for (size_t i = 0; i < INPUTS; i++)
		x[i] = (const char *)a->x[i] + c->at * size;
	k->gap(r->gap + c->at, a->ref + c->at, x[0], c->n);
	k->add_one(r->acc + c->at, c->fresh, a->ref + c->at, x, c->inputs, a->weight, c->n);
	r->finite = k->store((char *)r->out + c->at * size, r->acc + c->at, a->ref + c->at,
		a->scale, a->divisor, c->n);
}

static void compare(const struct result *want, const struct result *got, const char *set,
	const struct part *c)
{
	for (size_t j = 0; j < ROOM; j++) {
		if (!arith_same(want->gap[j], got->gap[j]))
			ck_abort_msg("%s: gap %zu of %zu", set, j, c->n);
		if (!arith_same(want->acc[j], got->acc[j]))
			ck_abort_msg("%s: sum %zu of %zu", set, j, c->n);
	}
	if (memcmp(want->out, got->out, sizeof want->out) != 0 || want->finite != got->finite)
		ck_abort_msg("%s: a result of %zu", set, c->n);
}

/* Lengths, starts, numbers of inputs of all kinds: every set does what the definition says and
 * leaves the rest of the arrays alone. */
START_TEST(every_set_is_exact)
{
	const enum bl_scalar s = scalars[_i];
	const struct bl_kernels *set[SETS + 1];
	static struct arrays a;
	uint64_t seed = 77 + (uint64_t)_i;

	sets_here(set);
	for (size_t round = 0; round < 5 * (LONGEST + 1) * 8; round++) {
		const struct part c = {
			.fresh = arith_below(&seed, 2) == 0,
			.inputs = arith_below(&seed, INPUTS + 1),
			.at = round / (LONGEST + 1) % 8,
			.n = round % (LONGEST + 1),
		};
		static struct result want, got;

		draw_arrays(&seed, s, &a);
		expect(s, &a, &c, &want);
		for (size_t i = 0; set[i]; i++) {
			compute(&set[i]->kernel[s], s, &a, &c, &got);
			compare(&want, &got, set[i]->name, &c);
		}
	}
}
END_TEST

/* Sums of several outputs. */
#define WIDE (2 * BL_KERNEL_STEP + 16)

struct sums {
	double gap[INPUTS][WIDE];
	double acc[BL_KERNEL_OUTPUTS][WIDE];
	bl_factors weight[INPUTS];
};

static void draw_sums(uint64_t *seed, struct sums *s)
{
	for (size_t i = 0; i < INPUTS; i++)
		for (size_t j = 0; j < WIDE; j++)
			s->gap[i][j] = draw_number(seed, BL_SCALAR_BF16);
	for (size_t p = 0; p < BL_KERNEL_OUTPUTS; p++)
		for (size_t j = 0; j < WIDE; j++)
			s->acc[p][j] = draw_number(seed, BL_SCALAR_BF16);
	for (size_t i = 0; i < INPUTS; i++)
		for (size_t p = 0; p < BL_KERNEL_OUTPUTS; p++)
			s->weight[i][p] = draw_factor(seed);
}

static void expect_sums(const struct sums *s, const struct part *c, size_t outputs,
	double acc[][WIDE])
{
	memcpy(acc, s->acc, sizeof s->acc);
	for (size_t p = 0; p < outputs; p++)
		for (size_t j = c->at; j < c->at + c->n; j++) {
			double gap[INPUTS];

			for (size_t i = 0; i < INPUTS; i++)
				gap[i] = s->gap[i][j];
			acc[p][j] = expect_sum(
				c->fresh ? 0 : s->acc[p][j], s->weight, p, gap, c->inputs);
		}
}

START_TEST(several_sums_are_exact)
{
	const struct bl_kernels *set[SETS + 1];
	static struct sums s;
	static double want[BL_KERNEL_OUTPUTS][WIDE], got[BL_KERNEL_OUTPUTS][WIDE];
	uint64_t seed = 4;

	sets_here(set);
	for (size_t round = 0; round < 500; round++) {
		const size_t outputs = (size_t)2 << arith_below(&seed, 3);
		const struct part c = {
			.fresh = arith_below(&seed, 2) == 0,
			.inputs = arith_below(&seed, INPUTS + 1),
			.at = arith_below(&seed, 16),
			.n = BL_KERNEL_STEP * arith_below(&seed, 3),
		};
		const double *gap[INPUTS];

		draw_sums(&seed, &s);
		for (size_t i = 0; i < INPUTS; i++)
			gap[i] = s.gap[i] + c.at;
		expect_sums(&s, &c, outputs, want);
		for (size_t i = 0; set[i]; i++) {
			memcpy(got, s.acc, sizeof got);
			set[i]->add_several(got[0] + c.at, WIDE, outputs, c.fresh, gap, c.inputs,
				s.weight, c.n);
			for (size_t p = 0; p < BL_KERNEL_OUTPUTS; p++)
				for (size_t j = 0; j < WIDE; j++)
					if (!arith_same(want[p][j], got[p][j]))
						ck_abort_msg("%s: sum %zu of output %zu of %zu",
							set[i]->name, j, p, outputs);
		}
	}
}
END_TEST

/* For every type, those of eight bits, too: what a value is says load(). */
START_TEST(all_types_are_loaded_alike)
{
	const enum bl_scalar s = (enum bl_scalar)(_i + 1);
	const struct bl_kernels *set[SETS + 1];
	uint64_t seed = 21 + (uint64_t)_i;

	sets_here(set);
	for (size_t i = 0; set[i]; i++) {
		const struct bl_kernel *k = &set[i]->kernel[s];
		unsigned char x[3][8 * ROOM];
		double value[3][ROOM], gap[ROOM], acc[ROOM];
		const void *const from[] = {x[1], x[2]};
		const bl_factors weight[] = {{0.3}, {-7}};

		for (size_t t = 0; t < 3; t++) {
			for (size_t b = 0; b < sizeof x[t]; b++)
				x[t][b] = (unsigned char)arith_draw(&seed);
			k->load(value[t], x[t], ROOM);
		}
		k->gap(gap, value[0], x[1], ROOM);
		k->add_one(acc, true, value[0], from, 2, weight, ROOM);
		for (size_t j = 0; j < ROOM; j++) {
			const double gaps[] = {
				value[0][j] - value[1][j], value[0][j] - value[2][j]};

			ck_assert(arith_same(gap[j], gaps[0]));
			ck_assert(arith_same(acc[j], expect_sum(0, weight, 0, gaps, 2)));
		}
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sums");
	TCase *t = tcase_create("sums");

	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, every_set_is_exact, 0, SCALARS);
	tcase_add_test(t, several_sums_are_exact);
	tcase_add_loop_test(t, all_types_are_loaded_alike, 0, BL_SCALARS - 1);
	suite_add_tcase(s, t);
	return suite_run(s);
}
